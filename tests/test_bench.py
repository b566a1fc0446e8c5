"""The benchmark: it runs, computes ratios and targets correctly, and reports missing contestants."""

import json
import sys
from typing import Any

import bench
import numpy as np
import pytest
from benchmark import marking, predicting, report, rounds, targets, workloads


def workload(times: dict[str, list[float]], **facts: Any) -> dict[str, Any]:
    return {
        "title": "a workload",
        "examples": 100,
        "contestants": {
            name: {"version": "1", "first": 1.0, "warm": warm, "median": sorted(warm)[len(warm) // 2],
                   "examples_per_second": 5.0, "accuracy": 0.5, "peak_mb": 10.0 * len(name), "facts": facts}
            for name, warm in times.items()
        },
    }  # fmt: skip


RESULTS: dict[str, Any] = {
    "device": "cpu",
    "machine": {"cores": 2, "processor": "a chip", "python": "3.11"},
    "images": "synthetic",
    "workloads": {
        "mnist-128": workload(
            {
                "jaxnet": [1.0, 2.0, 1.0],
                "torch": [1.5, 2.8, 1.5],
                "torch-compile": [2.0, 2.0, 2.0],
                "sklearn": [1.9, 3.0, 1.9],
                "jaxnet-loader": [2.0, 4.0, 2.0],
            },
            compiled=0,
        ),
        "cnn": workload({"jaxnet": [1.0], "torch": [1.1], "torch-channels-last": [0.9]}, compiled=2),
    },
    "cold": {"jaxnet empty": [1.0, 1.0], "jaxnet filled": [0.5, 0.6], "sklearn": [2.0, 2.0]},
    "imports": {"jax and optax": [0.5], "jaxnet": [0.02], "touched": [0.05]},
}


@pytest.mark.parametrize(
    ("row", "measured", "met"),
    [
        (0, "1.5×", "no"),  # PyTorch: the median of 1.5, 1.4, 1.5
        (1, "1.9×", "no"),  # scikit-learn
        (2, "not measured", ""),  # no plain JAX
        (4, "0.5×", "no"),  # the loader takes twice as long as the arrays
        (9, "0.5×", "yes"),  # whole process, empty cache
        (10, "0.275×", "yes"),
        (11, "0.9×", "no"),  # CNN
        (22, "2", "no"),  # compilations: the largest number
        (23, "1.2×", "no"),  # memory: 60 MB and 50 MB
        (24, "0.07 s", "yes"),
    ],
)
def test_targets_are_computed_from_the_times(row, measured, met):
    assert report.goals(RESULTS)[row][2:] == [measured, met]


def test_gpu_results_are_compared_with_gpu_targets():
    rows = report.goals(RESULTS | {"device": "gpu"})
    assert len(rows) == len(targets.GPU)
    assert rows[0][1] == "throughput of PyTorch with CUDA graphs"


def test_tables_contain_versions_and_contestants():
    page = report.page(RESULTS)
    assert "2 cores, a chip, Python 3.11; jaxnet 1, torch 1, sklearn 1; synthetic." in page
    assert page.count("| torch |") == 2
    assert page.count("| torch-channels-last |") == 1
    assert report.contests(RESULTS)[1][4:7:2] == ["1.5", "1.50"]  # the least time, and relative to jaxnet's


def test_tables_are_written_between_markers(tmp_path):
    saved, page, whole = (tmp_path / name for name in ("b.json", "page.md", "whole.md"))
    saved.write_text(json.dumps(RESULTS))
    page.write_text("before\n<!-- bench: goals -->\nold\n<!-- end -->\nafter\n")
    assert bench.main(["--from", str(saved), "--markdown", str(page), str(whole)]) == {}
    lines = page.read_text().splitlines()
    assert lines[:3] == ["before", "<!-- bench: goals -->", "| workload | target | measured | met |"]
    assert lines[-2:] == ["<!-- end -->", "after"]
    assert "old" not in lines
    assert whole.read_text() == report.page(RESULTS)


def test_flops_exclude_the_gradient_of_the_inputs():
    digits = workloads.get("digits")._replace(epochs=1)
    # 2 * (64 * 32 + 32 * 10) each for the outputs and the weights, 2 * 32 * 10 for the hidden values
    assert workloads.flops(digits, 10) == 10 * (4 * (64 * 32 + 32 * 10) + 2 * 32 * 10)


def test_data_are_aligned_for_jax(tmp_path):
    workloads.write_data(tmp_path, None, quick=True)
    x, y, xt, _ = workloads.read_data(tmp_path, workloads.get("mnist-128"))
    assert (x.shape, x.dtype, y.dtype) == ((3000, 784), np.float32, np.int32)
    assert x.ctypes.data % 64 == xt.ctypes.data % 64 == 0


def test_benchmark_with_scikit_learn(tmp_path, capsys):
    files = [tmp_path / name for name in ("b.json", "b.md", "b.png")]
    found = bench.main([
        "--quick", "--rounds", "1", "--only", "digits", "--who", "jaxnet", "sklearn",
        "--json", str(files[0]), "--markdown", str(files[1]), "--picture", str(files[2]),
    ])  # fmt: skip
    digits = found["workloads"]["digits"]["contestants"]
    assert digits["jaxnet"]["accuracy"] == pytest.approx(digits["sklearn"]["accuracy"], abs=0.03)
    assert digits["jaxnet"]["facts"]["compiled"] == 0
    assert digits["jaxnet"]["facts"]["plan"] == "run"
    assert json.loads(files[0].read_text())["workloads"]["digits"] == found["workloads"]["digits"]
    assert "digits, 64-32-10" in files[1].read_text()
    assert files[2].read_bytes().startswith(b"\x89PNG")
    assert "no compilation" in capsys.readouterr().out


def test_marking_is_a_table_of_the_report(tmp_path, monkeypatch):
    commands = []

    def run(command, **_options):
        commands.append(command)
        found = {"submissions": 10_000, "seconds": 61.2, "cpu": 84.4, "own": 344, "worker": 366.1}
        (tmp_path / "marking.json").write_text(json.dumps(found))

    monkeypatch.setattr(marking.subprocess, "run", run)
    rows = marking.table(tmp_path, False, lambda line: None)
    assert rows == [["10,000", "61", "84", "344", "366"]] * 2
    assert [command[2:6] for command in commands] == [
        ["--submissions", "10000", "--papers", "1000"], ["--submissions", "100000", "--papers", "5000"],
    ]  # fmt: skip
    text = report.page(RESULTS | {"marking": rows})
    assert "| submissions marked by two processes | seconds | CPU seconds |" in text
    assert "| 10,000 | 61 | 84 | 344 | 366 |" in text


def test_missing_library_is_skipped_and_reported(tmp_path, monkeypatch):
    broken = tmp_path / "worker.py"
    broken.write_text("raise ModuleNotFoundError(\"No module named 'torch'\")")
    monkeypatch.setattr(rounds, "WORKER", broken)
    workloads.write_data(tmp_path, None, quick=True)
    messages: list[str] = []
    found = rounds.measure(workloads.get("xor"), ["torch"], tmp_path, "cpu", 1, messages.append)
    assert found["contestants"] == {}
    assert "No module named 'torch'" in found["missing"]["torch"]
    assert messages == [f"  torch: skipped: {found['missing']['torch']}"]


def test_crash_of_one_contestant_does_not_affect_others(tmp_path, monkeypatch):
    """One worker exits in its second warm training; the other finishes."""
    stub = tmp_path / "worker.py"
    stub.write_text(
        "import sys\n"
        'print(\'{"ready": "1"}\', flush=True)\n'
        "for count, line in enumerate(sys.stdin):\n"
        "    if sys.argv[1] == 'torch' and count == 2: sys.exit('out of memory')\n"
        '    print(\'{"seconds": 1, "facts": {}, "accuracy": null, "peak_mb": 1}\', flush=True)\n'
    )
    monkeypatch.setattr(rounds, "WORKER", stub)
    workloads.write_data(tmp_path, None, quick=True)
    found = rounds.measure(workloads.get("xor"), ["jaxnet", "torch"], tmp_path, "cpu", 3, lambda line: None)
    assert list(found["contestants"]) == ["jaxnet"]
    assert found["contestants"]["jaxnet"]["warm"] == [1, 1, 1]
    assert found["missing"] == {"torch": "out of memory"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "nowhere.npz"], "no such file: 'nowhere.npz'"),
        (["--from", "nowhere.json"], "no such file: 'nowhere.json'"),
        (["--rounds", "0"], "at least 1, got '0'"),
        (["--python", "torch=no/such/python"], "expected NAME=PATH with the path of a Python"),
        (["--json", "no/such/folder.json"], "the folder of 'no/such/folder.json' does not exist"),
    ],
    ids=["data", "from", "rounds", "python", "json"],
)
def test_invalid_options_raise_before_measuring(options, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        bench.main(options)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"not an archive"], ids=["empty", "text"])
def test_file_that_is_not_mnist_is_rejected(tmp_path, content):
    file = tmp_path / "mnist.npz"
    file.write_bytes(content)
    with pytest.raises(SystemExit, match=r"is not an \.npz file with x_train, y_train"):
        bench.main(["--data", str(file), "--only", "xor", "--busy"])


def test_a_busy_machine_is_not_measured(monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (1.5, 0.1, 0.1))
    with pytest.raises(SystemExit, match=r"the machine is busy \(load 1.5, at most 0.5\)"):
        bench.main(["--only", "xor"])


def test_a_contestant_takes_the_interpreter_of_its_library():
    chosen = {"torch": "/a/python", "torch-compile": "/b/python"}
    assert rounds.interpreter("torch-channels-last", chosen) == "/a/python"
    assert rounds.interpreter("torch-compile", chosen) == "/b/python"
    assert rounds.interpreter("jaxnet", chosen) == sys.executable
    with pytest.raises(rounds.WorkerError, match="--python jaxnet-oldest=PATH"):
        rounds.interpreter("jaxnet-oldest", chosen)


def test_unknown_names_are_rejected():
    with pytest.raises(SystemExit, match="unknown workload 'mnits'; choose from xor, digits"):
        bench.main(["--only", "mnits"])
    with pytest.raises(SystemExit, match="unknown contestant 'pytorch'; choose from "):
        bench.main(["--who", "pytorch"])


def test_predictions_are_measured_in_turn_and_reported(tmp_path, monkeypatch):
    calls: list[str] = []

    def process(name, mode, folder, pythons):
        calls.append(name)
        if name == "onnx":
            raise RuntimeError("No module named 'onnxruntime'")
        return json.dumps({str(size): size * len(name) * 1e-6 for size in predicting.SIZES})

    monkeypatch.setattr(predicting, "_process", process)
    said: list[str] = []
    found = predicting.measure("predict", tmp_path, 2, said.append)
    assert calls.count("torch") == 2
    assert calls.count("onnx") == 1
    assert "onnx" not in found
    assert any("onnx: skipped" in line for line in said)
    results = {**RESULTS, "predict": found}
    rows = {row[0]: row for row in report.goals(results)}
    assert rows["predict, 100,000 examples"][2:] == ["1.2×", "no"]
    assert rows["MLPClassifier.predict, 1 example"][2:] == ["2.29×", "no"]
    assert "| torch | 5e-06 | 0.0005 | 0.05 | 0.5 |" in report.page(results)


def test_the_contestants_of_a_prediction_agree(tmp_path, monkeypatch):
    monkeypatch.setattr(predicting, "MLP", predicting.MLP._replace(sizes=(784, 8, 10)))
    x = predicting.images(3)
    outputs = [np.asarray(predicting.predictor(name)(x)) for name in ("jaxnet", "jax")]
    np.testing.assert_allclose(*outputs, atol=1e-5)
    assert set(predicting.predictor("jaxnet-evaluate")(x)) == {"accuracy"}
    predicting.save("jaxnet", tmp_path)
    predicting.answer("jaxnet", tmp_path)
