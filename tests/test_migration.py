"""The migration page: the cells of the jaxnet column run in order, in one namespace."""

import re
from pathlib import Path

import cells
import jax
import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[1] / "scripts" / "docs" / "migration.md"


def rows() -> list[list[str]]:
    """The rows of the first table, the header first."""
    lines = PAGE.read_text(encoding="utf-8").partition("\n## ")[0].splitlines()
    return [re.split(r" *\| *", line)[1:-1] for line in lines if line.startswith("| ")]


def test_table_compares_twenty_tasks_in_four_libraries():
    header, *tasks = rows()
    assert header == ["task", "jaxnet", "PyTorch", "Keras", "scikit-learn"]
    assert len(tasks) == 20


def test_jaxnet_column_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict = {}
    exec(cells.cells(PAGE)[0].code, namespace)
    values = {}
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        for task, jaxnet_cell, *_ in rows()[1:]:
            code = re.fullmatch(r"`([^`]+)`", jaxnet_cell)
            assert code, task
            try:
                *before, last = code[1].split("; ")
                exec("; ".join(before), namespace)
                if re.match(r"[\w, ]+ = ", last):
                    exec(last, namespace)
                else:
                    values[task] = eval(last, namespace)
            except Exception as error:
                error.add_note(f"in the row {task!r}")
                raise
    assert values["compute the outputs for a batch"].shape == (len(namespace["x"]), 10)
    assert 0.3 < values["evaluate the accuracy on test data"]["accuracy"] <= 1
    assert values["stop early"].history["val_loss"].shape == (2,)
    assert values["get the loss curve"][1] < values["get the loss curve"][0]
    resumed, uninterrupted = values["resume training"], namespace["run"]
    np.testing.assert_array_equal(resumed.params[0]["w"], uninterrupted.params[0]["w"])
    assert {path.name for path in tmp_path.iterdir()} == {"net.safetensors", "run", "board", "net.stablehlo"}
