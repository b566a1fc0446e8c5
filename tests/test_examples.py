"""The examples of scripts/examples run, with tiny sizes, and find what small sizes can show."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "scripts" / "examples"


def example(name: str) -> ModuleType:
    """A file of scripts/examples as a module."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mnist_learns_by_both_networks(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    found = example("mnist").main(["--quick", "--picture", str(tmp_path / "wrong.png")])
    assert found["MLP"] > 0.9
    assert found["CNN"] > 0.85
    assert (tmp_path / "wrong.png").stat().st_size > 1000
    printed = capsys.readouterr().out
    assert "test accuracy" in printed
    assert f"{found['CNN']:.4f}" in printed


def test_mnist_without_data_says_what_to_give(monkeypatch: pytest.MonkeyPatch):
    module = example("mnist")
    monkeypatch.setattr(module, "BESIDE", FOLDER / "no-such-file.npz")
    with pytest.raises(SystemExit, match="give your copy of MNIST"):
        module.main([])


def test_captchas_are_images_of_their_digits_and_the_same_for_the_same_seed():
    module = example("captchas")
    x, digits = module.images(3, seed=5)
    again, _ = module.images(3, seed=5)
    other, _ = module.images(3, seed=6)
    assert x.shape == (3, 20, 53, 1)
    assert digits.shape == (3, 5)
    assert x.min((1, 2, 3)).tolist() == [0, 0, 0]
    assert x.max((1, 2, 3)).tolist() == [1, 1, 1]
    assert np.array_equal(x, again)
    assert not np.array_equal(x, other)


def test_captchas_train_networks_of_equal_budget(capsys: pytest.CaptureFixture[str]):
    found = example("captchas").main(["--quick"])
    assert all(figures["history"]["loss"][-1] < figures["history"]["loss"][0] for figures in found.values())
    counts = [
        int(line.split()[1]) for line in capsys.readouterr().out.splitlines() if line[:4] in ("CNN ", "MLP ")
    ]
    assert abs(counts[0] - counts[1]) < 0.02 * counts[0]


def test_overfitting_is_there_and_is_lessened():
    found = example("overfitting").main(["--quick"])
    gaps = {name: one["test"]["cross-entropy"] - one["train"]["cross-entropy"] for name, one in found.items()}
    assert gaps["nothing"] > 0.2
    assert gaps["dropout"] < gaps["nothing"]
    assert gaps["L2"] < gaps["nothing"]


def test_optimizers_all_learn_each_at_a_rate_of_its_own(tmp_path: Path):
    found = example("optimizers").main(["--quick", "--picture", str(tmp_path / "curves.png")])
    assert (tmp_path / "curves.png").stat().st_size > 1000
    assert all(figures["accuracy"] > 0.9 for figures in found.values())
    assert found["sgd"]["rate"] > found["adam"]["rate"]  # Adam's steps do not grow with the gradient


def test_sequences_learn_by_all_three_cells(capsys: pytest.CaptureFixture[str]):
    found = example("sequences").main(["--quick"])
    assert {name: one["steps"] for name, one in found.items()} == dict.fromkeys(
        ("simple_rnn", "gru", "lstm"), 16
    )
    assert all(one["loss"][-1] < one["loss"][0] for one in found.values())
    counts = [int(line.split()[1]) for line in capsys.readouterr().out.splitlines()[1:]]
    assert max(counts) < 1.15 * min(counts)


def test_tables_are_prepared_as_by_hand(capsys: pytest.CaptureFixture[str]):
    found = example("tables").main(["--quick"])
    assert len(found) == 5
    for ours, theirs in found.values():
        assert np.mean(ours) > np.mean(theirs) - 0.25  # a few epochs only
    assert "ColumnTransformer" in capsys.readouterr().out
