"""Runs that an earlier version began still resume.

The checkpoints in ``tests/golden/run_checkpoint`` were written after two epochs, by the version whose records
had no format number yet; ``end.safetensors`` holds what it had after four. They cannot be made again.
"""

import json
import shutil
from pathlib import Path

import jax
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses, metrics
from jaxnet._storage import read, write

GOLDEN = Path(__file__).parents[1] / "golden" / "run_checkpoint"


def data(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that are exact on every machine."""
    x = ((np.arange(3 * n) * 7 % 23 - 11) / 8).astype(np.float32).reshape(n, 3)
    return x, np.stack([x[:, 0] * x[:, 1], x[:, 2]], axis=1)


def mlp(**changes):
    return {
        "net": jaxnet.mlp([3, 4, 2], activation="tanh"),
        "loss": "mse",
        "optimizer": "adam",
        "metrics": {"mae": metrics.mean_absolute_error},
        "validation": data(8),
        "early_stopping": 3,
    } | changes


def serial(**changes):
    return {
        "net": jaxnet.serial(
            jaxnet.dense(6), jaxnet.leaky_relu, jaxnet.dropout(0.25), jaxnet.layer_norm(), jaxnet.dense(2)
        ),
        "loss": losses.huber,
        "optimizer": optax.sgd(0.05, momentum=0.9),
        "l2": 0.01,
    } | changes


RUNS = {"mlp": mlp, "serial": serial}


def resume(folder: Path, epochs: int = 4, **arguments):
    arguments = {"data": data(), "batch_size": 8, "key": jax.random.key(5)} | arguments
    return jaxnet.fit(
        arguments.pop("net"),
        arguments.pop("data"),
        epochs=epochs,
        checkpoint=folder,
        progress=False,
        **arguments,
    )


@pytest.fixture
def folder(tmp_path, request):
    shutil.copytree(GOLDEN / request.param, tmp_path / "run")
    return tmp_path / "run"


each = pytest.mark.parametrize(("folder", "arguments"), RUNS.items(), ids=RUNS, indirect=["folder"])


@each
def test_a_run_of_an_earlier_version_resumes(folder, arguments):
    params, history = jaxnet.load(folder / "end.safetensors")
    (folder / "end.safetensors").unlink()
    seen = []
    run = resume(folder, on_epoch=lambda epoch: seen.append(epoch.epoch), **arguments())
    assert seen == [3, 4]  # the first two epochs are those of the checkpoint
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), run.params, params)
    for name, values in history.items():
        np.testing.assert_allclose(run.history[name], values, rtol=1e-5, atol=1e-6)


CHANGES = {
    "data": {"data": data(48)},
    "key": {"key": jax.random.key(6)},
    "batch size": {"batch_size": 4},
    "l2": {"l2": 0.5},
    "shapes": {"net": jaxnet.mlp([3, 7, 2])},
    "learning rate": {"optimizer": "adam", "learning_rate": 0.5},
    "transform": {"transform": lambda x: 2 * x},
    "metrics": {"metrics": {"r2": metrics.mean_absolute_error}},
    "compute dtype": {"compute_dtype": jax.numpy.bfloat16},
}


@each
@pytest.mark.parametrize("change", CHANGES)
def test_what_can_be_compared_is_compared(folder, arguments, change):
    with pytest.raises(ValueError, match="belong to another run"):
        resume(folder, **arguments(**CHANGES[change]))


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_a_run_is_recorded_by_what_the_library_calls_things(tmp_path, arguments):
    resume(tmp_path, epochs=1, **arguments())
    record = json.loads(read(next(tmp_path.iterdir()))[1]["run"])
    assert record["format"] == "2"
    assert json.loads(record["network"])["name"] == arguments()["net"].spec.name
    assert record["loss"] in losses.TABLE
    assert "dropout" not in record["network"] or '"rate": 0.25' in record["network"]


def test_a_layer_of_ones_own_is_recorded_by_its_code(tmp_path):
    def custom(by):
        layer = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: by * x)
        return jaxnet.serial(jaxnet.dense(2), layer)

    resume(tmp_path, epochs=1, **serial(net=custom(2.0)))
    resume(tmp_path, epochs=2, **serial(net=custom(2.0)))
    with pytest.raises(ValueError, match="belong to another run \\(network"):
        resume(tmp_path, epochs=2, **serial(net=custom(3.0)))


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [(np.arange(40) % 3, "held-out rows was chosen by an earlier version"), (np.linspace(0, 1, 40), None)],
    ids=["whole-numbers", "floats"],
)
def test_rows_that_an_earlier_version_held_out_otherwise_are_not_trained_on(tmp_path, targets, sentence):
    x = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    y = targets if targets.dtype.kind == "i" else targets.astype(np.float32)[:, None]
    loss, net = ("cross_entropy", jaxnet.dense(3)) if sentence else ("mse", jaxnet.dense(1))

    def run(epochs):
        options = {"validation": 0.25, "batch_size": 10, "checkpoint": tmp_path}
        return jaxnet.fit(net, (x, y), loss=loss, epochs=epochs, key=jax.random.key(0), **options)

    run(1)
    (file,) = tmp_path.glob("step-*")
    tree, words = read(file)
    record = json.loads(words["run"])
    new = {"format", "held-out rows"} | {name for name in record if name.startswith("all of")}
    assert record["held-out rows"] != "None"
    words["run"] = json.dumps({name: text for name, text in record.items() if name not in new})
    write(file, tree, words)
    if sentence:
        with pytest.raises(ValueError, match=sentence):
            run(2)
    else:
        assert run(2).epochs == 2
