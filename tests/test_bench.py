"""The benchmark: does it run, are its ratios and targets what the times say, does it name who is missing?"""

import json
from pathlib import Path
from typing import Any

import bench
import numpy as np
import pytest
from benchmark import report, rounds, targets, works


def contest(times: dict[str, list[float]], **facts: Any) -> dict[str, Any]:
    return {
        "title": "a work",
        "examples": 100,
        "contestants": {
            name: {"version": "1", "first": 1.0, "warm": warm, "median": sorted(warm)[len(warm) // 2],
                   "samples_per_second": 5.0, "accuracy": 0.5, "peak_mb": 10.0 * len(name), "facts": facts}
            for name, warm in times.items()
        },
    }  # fmt: skip


RESULTS: dict[str, Any] = {
    "device": "cpu",
    "machine": {"cores": 2, "processor": "a chip", "python": "3.11"},
    "images": "made up",
    "works": {
        "mnist-128": contest(
            {"jaxnet": [1.0, 2.0, 1.0], "torch": [1.5, 2.8, 1.5], "sklearn": [1.9, 3.0, 1.9]}, compiled=0
        ),
        "cnn": contest({"jaxnet": [1.0], "torch": [0.9]}, compiled=2),
    },
    "cold": {"jaxnet empty": [1.0, 1.0], "jaxnet filled": [0.5, 0.6], "sklearn": [2.0, 2.0]},
    "imports": {"jax and optax": [0.5], "jaxnet": [0.02], "touched": [0.05]},
}


@pytest.mark.parametrize(
    ("row", "measured", "reached"),
    [
        (0, "1.5×", "yes"),  # PyTorch: the median of 1.5, 1.4, 1.5
        (1, "1.9×", "no"),  # scikit-learn
        (2, "not measured", ""),  # the bare step took no part
        (5, "0.5×", "yes"),  # cold, empty cache
        (6, "0.275×", "yes"),
        (7, "0.9×", "no"),  # CNN
        (12, "2", "no"),  # compilations: the worst of all works
        (13, "1.2×", "no"),  # memory, 60 against 50
        (14, "0.07 s", "yes"),
    ],
)
def test_targets_follow_from_the_times(row, measured, reached):
    assert report.goals(RESULTS)[row][2:] == [measured, reached]


def test_the_targets_of_the_gpu_are_told_for_the_gpu():
    rows = report.goals(RESULTS | {"device": "gpu"})
    assert len(rows) == len(targets.GPU)
    assert rows[0][1] == "PyTorch with CUDA graphs"


def test_tables_name_the_versions_and_every_contestant():
    told = report.page(RESULTS)
    assert "2 cores, a chip, Python 3.11; jaxnet 1, torch 1, sklearn 1; made up." in told
    assert told.count("| torch |") == 2
    assert report.contests(RESULTS)[1][5] == "1.50"


def test_tables_go_between_the_marks_of_a_page(tmp_path):
    saved, page, whole = (tmp_path / name for name in ("b.json", "page.md", "whole.md"))
    saved.write_text(json.dumps(RESULTS))
    page.write_text("before\n<!-- bench: goals -->\nold\n<!-- end -->\nafter\n")
    assert bench.main(["--from", str(saved), "--markdown", str(page), str(whole)]) == {}
    lines = page.read_text().splitlines()
    assert lines[:3] == ["before", "<!-- bench: goals -->", "| work | aim | measured | reached |"]
    assert lines[-2:] == ["<!-- end -->", "after"]
    assert "old" not in lines
    assert whole.read_text() == report.page(RESULTS)


def test_arithmetic_of_a_network_counts_no_gradient_for_the_inputs():
    work = works.work("digits")._replace(epochs=1)
    # forward 2 (64*32 + 32*10), by the weights the same, by the hidden values 2 * 32 * 10
    assert works.flops(work, 10) == 10 * (4 * (64 * 32 + 32 * 10) + 2 * 32 * 10)


def test_data_begin_where_jax_takes_them_over(tmp_path):
    works.write_data(tmp_path, None, quick=True)
    x, y, xt, _ = works.read_data(tmp_path, works.work("mnist-128"))
    assert (x.shape, x.dtype, y.dtype) == ((3000, 784), np.float32, np.int32)
    assert x.ctypes.data % 64 == xt.ctypes.data % 64 == 0


def test_a_run_beside_scikit_learn(tmp_path, capsys):
    files = [tmp_path / name for name in ("b.json", "b.md", "b.png")]
    found = bench.main([
        "--quick", "--rounds", "1", "--only", "digits", "--who", "jaxnet", "sklearn",
        "--json", str(files[0]), "--markdown", str(files[1]), "--picture", str(files[2]),
    ])  # fmt: skip
    digits = found["works"]["digits"]["contestants"]
    assert digits["jaxnet"]["accuracy"] == pytest.approx(digits["sklearn"]["accuracy"], abs=0.03)
    assert digits["jaxnet"]["facts"]["compiled"] == 0
    assert digits["jaxnet"]["facts"]["plan"] == "run"
    assert json.loads(files[0].read_text())["works"]["digits"] == found["works"]["digits"]
    assert "digits, 64-32-10" in files[1].read_text()
    assert files[2].read_bytes().startswith(b"\x89PNG")
    assert "no compilation" in capsys.readouterr().out


def test_who_is_not_installed_is_left_out_and_named(tmp_path, monkeypatch):
    broken = tmp_path / "worker.py"
    broken.write_text("raise ModuleNotFoundError(\"No module named 'torch'\")")
    monkeypatch.setattr(rounds, "WORKER", broken)
    works.write_data(tmp_path, None, quick=True)
    said: list[str] = []
    found = rounds.measure(works.work("xor"), ["torch"], Path(tmp_path), "cpu", 1, said.append)
    assert found["contestants"] == {}
    assert "No module named 'torch'" in found["missing"]["torch"]
    assert said == [f"  torch: left out, {found['missing']['torch']}"]


def test_who_breaks_down_is_lost_alone(tmp_path, monkeypatch):
    """A worker that dies in its second warm training takes no other with it."""
    stub = tmp_path / "worker.py"
    stub.write_text(
        "import sys\n"
        'print(\'{"ready": "1"}\', flush=True)\n'
        "for count, line in enumerate(sys.stdin):\n"
        "    if sys.argv[1] == 'torch' and count == 2: sys.exit('out of memory')\n"
        '    print(\'{"seconds": 1, "facts": {}, "accuracy": null, "peak_mb": 1}\', flush=True)\n'
    )
    monkeypatch.setattr(rounds, "WORKER", stub)
    works.write_data(tmp_path, None, quick=True)
    found = rounds.measure(works.work("xor"), ["jaxnet", "torch"], tmp_path, "cpu", 3, lambda line: None)
    assert list(found["contestants"]) == ["jaxnet"]
    assert found["contestants"]["jaxnet"]["warm"] == [1, 1, 1]
    assert found["missing"] == {"torch": "out of memory"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--data", "nowhere.npz"], "there is no file 'nowhere.npz'"),
        (["--from", "nowhere.json"], "there is no file 'nowhere.json'"),
        (["--rounds", "0"], "at least 1, got '0'"),
        (["--json", "no/such/folder.json"], "there is no folder for 'no/such/folder.json'"),
    ],
    ids=["data", "from", "rounds", "json"],
)
def test_bad_options_are_refused_before_anything_is_measured(given, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        bench.main(given)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no archive"], ids=["empty", "text"])
def test_a_file_that_is_not_mnist_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "mnist.npz"
    file.write_bytes(content)
    with pytest.raises(SystemExit, match=r"is no \.npz file with x_train, y_train"):
        bench.main(["--data", str(file), "--only", "xor"])


def test_an_unknown_work_is_refused_in_a_sentence():
    with pytest.raises(SystemExit, match="there is no work 'mnits'; there are xor, digits"):
        bench.main(["--only", "mnits"])
    with pytest.raises(SystemExit, match="there is no contestant 'pytorch'; there are "):
        bench.main(["--who", "pytorch"])
