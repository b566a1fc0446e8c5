"""Predictions, evaluation, a saved model that answers once, and a search: each contestant in its own process.

The script itself is the process: ``predicting.py CONTESTANT MODE FOLDER`` prints its times as JSON.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmark.rounds import environment, interpreter
from benchmark.workloads import get

SIZES = (1, 100, 10_000, 100_000)
MLP = get("mnist-128")
CONTESTANTS = {
    "predict": (
        "jaxnet", "jaxnet-oldest", "jax", "torch", "sklearn", "jaxnet-estimator", "onnx", "jaxnet-evaluate",
    ),
    "answer": ("jaxnet", "torch", "sklearn"),
    "search": ("jaxnet", "sklearn", "sklearn-jobs"),
}  # fmt: skip
RATES, PENALTIES = [1e-3, 3e-3, 1e-2, 3e-2], [1e-5, 1e-4, 1e-3, 1e-2]
FOLDS, EPOCHS = 3, 20


def measure(
    mode: str, folder: Path, rounds: int, say: Callable[[str], None],
    pythons: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, dict[str, list[float]]]:  # fmt: skip
    """Run all contestants in turn, round after round.

    Returns:
        Contestant -> what was timed -> seconds of each round. Contestants that cannot run are left out.
    """
    found: dict[str, dict[str, list[float]]] = {}
    failed: set[str] = set()
    for number in range(rounds):
        for name in CONTESTANTS[mode]:
            if name in failed:
                continue
            try:
                if mode == "answer" and number == 0:
                    _process(name, "save", folder, pythons)
                start = time.perf_counter()
                output = _process(name, mode, folder, pythons)
                times = {"process": time.perf_counter() - start} if mode == "answer" else json.loads(output)
            except (RuntimeError, OSError) as error:
                say(f"  {name}: skipped ({str(error).strip()[-100:]})")
                failed.add(name)
                continue
            for what, seconds in times.items():
                found.setdefault(name, {}).setdefault(what, []).append(seconds)
    for name, times in found.items():
        told = (f"{what} {statistics.median(seconds):.3g} s" for what, seconds in times.items())
        say(f"  {name}: {', '.join(told)}")
    return found


def _process(name: str, mode: str, folder: Path, pythons: Mapping[str, str]) -> str:
    done = subprocess.run(
        [interpreter(name, pythons), __file__, name, mode, str(folder)],
        env=environment(name, "cpu"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    return done.stdout


def images(count: int) -> np.ndarray:
    """Random images."""
    return np.random.default_rng(0).random((count, MLP.sizes[0]), np.float32)


def predictor(name: str) -> Callable[[np.ndarray], Any]:
    """The network with its first weights as a function from images to outputs, on the host or the CPU."""
    if name == "torch":
        import torch  # pyright: ignore[reportMissingImports]

        from benchmark import on_torch

        model = on_torch.network(MLP).eval()

        def predict(x: np.ndarray) -> Any:
            with torch.inference_mode():
                return model(torch.from_numpy(x))

        return predict
    if name in ("sklearn", "jaxnet-estimator"):
        return _estimator(name).predict
    import jax

    import jaxnet
    from benchmark import on_jaxnet
    from jaxnet import metrics

    net = on_jaxnet.network(MLP)
    params = jax.device_put(on_jaxnet.initial_params(net, MLP, (MLP.sizes[0],)))
    if name == "jax":
        apply = jax.jit(net.apply)
        return lambda x: jax.block_until_ready(apply(params, x))
    if name == "jaxnet-evaluate":
        accuracy = {"accuracy": metrics.accuracy}
        return lambda x: jaxnet.evaluate(net, params, (x, np.zeros(len(x), np.int32)), metrics=accuracy)
    if name == "onnx":
        import onnxruntime  # pyright: ignore[reportMissingImports]

        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "net.onnx"
            jaxnet.export(net, params, path)
            model = path.read_bytes()
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        return lambda x: session.run(None, {"x": x})
    return lambda x: jax.block_until_ready(jaxnet.predict(net, params, x))


def _estimator(name: str) -> Any:
    """An estimator of this shape; how well it is trained does not matter here."""
    if name == "sklearn":
        from sklearn.neural_network import MLPClassifier
    else:
        from jaxnet.estimators import MLPClassifier
    model: Any = MLPClassifier(MLP.sizes[1:-1], max_iter=1, n_iter_no_change=2)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one epoch does not converge
        return model.fit(images(200), np.arange(200) % MLP.sizes[-1])


def latencies(name: str) -> dict[str, float]:
    """The least time of a prediction for each number of examples."""
    predict, least = predictor(name), {}
    for size in SIZES:
        x, times = images(size), []
        end = time.perf_counter() + 1.5
        while len(times) < 3 or (time.perf_counter() < end and len(times) < 2000):
            start = time.perf_counter()
            predict(x)
            times.append(time.perf_counter() - start)
        least[str(size)] = min(times[1:])
    return least


def save(name: str, folder: Path) -> None:
    """Write the model that ``answer`` loads."""
    path = folder / f"{name}.model"
    if name == "torch":
        import torch  # pyright: ignore[reportMissingImports]

        from benchmark import on_torch

        torch.save(on_torch.network(MLP).state_dict(), path)
    elif name == "sklearn":
        import joblib

        joblib.dump(_estimator(name), path)
    else:
        import jaxnet
        from benchmark import on_jaxnet

        net = on_jaxnet.network(MLP)
        jaxnet.save(path, on_jaxnet.initial_params(net, MLP, (MLP.sizes[0],)), net=net)


def answer(name: str, folder: Path) -> None:
    """Load the model and predict one example."""
    path, x = folder / f"{name}.model", images(1)
    if name == "torch":
        import torch  # pyright: ignore[reportMissingImports]

        nn, parts = torch.nn, []
        for inputs, outputs in MLP.layers:
            parts += [nn.Linear(inputs, outputs), nn.ReLU()]
        model = nn.Sequential(*parts[:-1])
        model.load_state_dict(torch.load(path))
        with torch.inference_mode():
            model(torch.from_numpy(x))
    elif name == "sklearn":
        import joblib

        joblib.load(path).predict(x)
    else:
        import jaxnet

        net, params = jaxnet.load_network(path)
        np.asarray(jaxnet.predict(net, params, x))


def search(name: str, folder: Path) -> dict[str, float]:
    """The same grid over the same folds of the digits: the first time, and once more."""
    import warnings

    digits = get("digits")
    x, y = (np.load(folder / "digits" / f"{part}.npy") for part in "xy")
    if name == "jaxnet":
        import jax

        import jaxnet
        from jaxnet import metrics

        def run() -> Any:
            return jaxnet.search(
                jaxnet.mlp(list(digits.sizes)), (x, y), {"learning_rate": RATES, "l2": PENALTIES},
                key=jax.random.key(0), folds=FOLDS, by="val_accuracy", loss="cross_entropy", epochs=EPOCHS,
                batch_size=digits.batch_size, metrics={"accuracy": metrics.accuracy},
            )  # fmt: skip
    else:
        from sklearn.model_selection import GridSearchCV
        from sklearn.neural_network import MLPClassifier

        options: dict[str, Any] = {
            "batch_size": digits.batch_size, "max_iter": EPOCHS, "tol": 0.0, "n_iter_no_change": EPOCHS + 1,
        }  # fmt: skip
        model = MLPClassifier(digits.sizes[1:-1], random_state=0, **options)
        grid = {"learning_rate_init": RATES, "alpha": PENALTIES}
        jobs = -1 if name == "sklearn-jobs" else 1

        def run() -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a fixed number of epochs need not converge
                return GridSearchCV(model, grid, cv=FOLDS, refit=False, n_jobs=jobs).fit(x, y)

    times = []
    for _ in range(2):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return dict(zip(("first", "warm"), times, strict=True))


def main() -> None:
    """Run one mode of one contestant."""
    name, mode, place = sys.argv[1:]
    folder = Path(place)
    if mode == "predict":
        print(json.dumps(latencies(name)))
    elif mode == "search":
        print(json.dumps(search(name, folder)))
    elif mode == "save":
        save(name, folder)
    else:
        answer(name, folder)


if __name__ == "__main__":
    main()
