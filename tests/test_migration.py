"""The table of the page on migration: every cell of jaxnet's column runs, in order, in one namespace."""

import re
from pathlib import Path

import cells
import jax
import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[1] / "scripts" / "docs" / "migration.md"


def rows() -> list[list[str]]:
    """The cells of the first table, without its head."""
    lines = PAGE.read_text(encoding="utf-8").partition("\n## ")[0].splitlines()
    return [re.split(r" *\| *", line)[1:-1] for line in lines if line.startswith("| ")]


def test_there_are_twenty_things_in_four_libraries():
    head, *things = rows()
    assert head == ["what", "jaxnet", "PyTorch", "Keras", "scikit-learn"]
    assert len(things) == 20


def test_the_column_of_jaxnet_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(cells.cells(PAGE)[0].code, names)
    values = {}
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        for what, ours, *_ in rows()[1:]:
            code = re.fullmatch(r"`([^`]+)`", ours)
            assert code, what
            try:
                *before, last = code[1].split("; ")
                exec("; ".join(before), names)
                if re.match(r"[\w, ]+ = ", last):
                    exec(last, names)
                else:
                    values[what] = eval(last, names)
            except Exception as error:
                error.add_note(f"in the row {what!r}")
                raise
    assert values["what it gives for a batch"].shape == (len(names["x"]), 10)
    assert 0.3 < values["accuracy on other data"]["accuracy"] <= 1
    assert values["early stopping"].history["val_loss"].shape == (2,)
    assert values["the curve of the loss"][1] < values["the curve of the loss"][0]
    np.testing.assert_array_equal(values["going on after a stop"].params[0]["w"], names["run"].params[0]["w"])
    assert {path.name for path in tmp_path.iterdir()} == {"net.safetensors", "run", "board", "net.stablehlo"}
