"""The scripts in scripts/examples run with tiny sizes and show the expected effects."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "scripts" / "examples"


def example(name: str) -> ModuleType:
    """Import a script from scripts/examples."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mnist_trains_both_networks(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    accuracy = example("mnist").main(["--quick", "--picture", str(tmp_path / "wrong.png")])
    assert accuracy["MLP"][0] > 0.9
    assert accuracy["CNN"][0] > 0.85
    assert (tmp_path / "wrong.png").stat().st_size > 1000
    printed = capsys.readouterr().out
    assert "test accuracy" in printed
    assert f"{accuracy['CNN'][0]:.4f}" in printed


def test_mnist_requires_data(monkeypatch: pytest.MonkeyPatch):
    module = example("mnist")
    monkeypatch.setattr(module, "DEFAULT", FOLDER / "no-such-file.npz")
    with pytest.raises(SystemExit, match="--data is required"):
        module.main([])


def test_captchas_depend_only_on_the_seed():
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


def test_captchas_train_networks_of_the_same_size(capsys: pytest.CaptureFixture[str]):
    results = example("captchas").main(["--quick"])
    curves = [result["history"]["loss"] for result in results.values()]
    assert all(curve[-1] < curve[0] for curve in curves)
    counts = [
        int(line.split()[1]) for line in capsys.readouterr().out.splitlines() if line[:4] in ("CNN ", "MLP ")
    ]
    assert abs(counts[0] - counts[1]) < 0.02 * counts[0]


def test_regularisation_reduces_overfitting():
    results = example("overfitting").main(["--quick"])
    gaps = {
        name: np.median(result["test"]["cross-entropy"]) - np.median(result["train"]["cross-entropy"])
        for name, result in results.items()
    }
    assert gaps["none"] > 0.2
    assert gaps["dropout"] < gaps["none"]
    assert gaps["L2"] < gaps["none"]


def test_optimizers_have_different_best_learning_rates(tmp_path: Path):
    results = example("optimizers").main(["--quick", "--picture", str(tmp_path / "curves.png")])
    assert (tmp_path / "curves.png").stat().st_size > 1000
    assert all(min(result["accuracy"]) > 0.9 for result in results.values())
    assert results["sgd"]["rate"] > results["adam"]["rate"]  # Adam normalises the gradient


def test_sequences_train_all_three_cells(capsys: pytest.CaptureFixture[str]):
    results = example("sequences").main(["--quick"])
    assert list(results) == ["simple_rnn", "gru", "lstm"]
    assert all(result["steps"] == 16 for result in results.values())
    assert all(result["loss"][-1] < result["loss"][0] for result in results.values())
    counts = [int(line.split()[1]) for line in capsys.readouterr().out.splitlines()[1::2]]
    assert max(counts) < 1.15 * min(counts)


def test_tables_are_prepared_as_by_hand(capsys: pytest.CaptureFixture[str]):
    found = example("tables").main(["--quick"])
    assert len(found) == 5
    for ours, theirs in found.values():
        assert np.mean(ours) > np.mean(theirs) - 0.25  # a few epochs only
    assert "ColumnTransformer" in capsys.readouterr().out


def test_languages_are_told_apart(capsys: pytest.CaptureFixture[str]):
    module = example("languages")
    found = module.sentences()
    assert len(found) > 500
    assert all(5 <= len(text) <= 300 for three in found for text in three)
    results = module.main(["--quick"])
    assert list(results) == ["GRU", "LSTM", "bag of characters"]
    assert results["GRU"][0] > 0.5
    assert "accuracy on new sentences" in capsys.readouterr().out


def test_forecasts_are_measured_on_unseen_years():
    pytest.importorskip("statsmodels")
    results = example("forecast").main(["--quick"])
    assert list(results) == ["last value", "seasonal mean", "MLP", "GRU"]
    assert 20 < results["seasonal mean"][0] < results["last value"][0] < 100


def test_few_digits_are_learned_with_and_without_augmentation():
    results = example("few_examples").main(["--quick"])
    assert list(results) == ["as they are", "augmented"]
    assert all(values[0] > 0.2 for values in results.values())


def test_text_is_generated_character_by_character():
    results = example("characters").main(["--quick"])
    assert results["pairs"][0] < results["single characters"][0]
    assert results["temperature 0.4"].startswith("The ")
    assert len(results["temperature 0.4"]) > 60
    assert results["temperature 0.4"] != results["temperature 0.8"]


def test_videos_move_in_their_direction():
    module = example("moving")
    x, directions = module.videos(np.ones((40, 28, 28, 1), np.float32), 3)
    middles = [[np.argwhere(frame[..., 0]).mean(0) for frame in video] for video in x]
    for places, direction in zip(middles, directions, strict=True):
        assert np.array_equal(np.diff(places, axis=0), np.tile(module.STEPS[direction], (5, 1)))
    assert list(module.main(["--quick"])) == ["convolution over time", "single frames"]
