"""Many devices give what one device gives."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import losses, metrics, sharding
from jaxnet.training.compiled import programs
from jaxnet.training.job import prepare
from jaxnet.training.options import Options

NET = jaxnet.serial(jaxnet.dense(8), jaxnet.tanh, jaxnet.dropout(0.25), jaxnet.dense(3))


def classes(n=45):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 4)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int32) + (x[:, 1] > 1).astype(np.int32)


def fit(**changes):
    arguments = {
        "loss": losses.cross_entropy, "epochs": 3, "batch_size": 8, "optimizer": "momentum",
        "key": jax.random.key(0), "validation": classes(11), "metrics": {"accuracy": metrics.accuracy},
    } | changes  # fmt: skip
    return jaxnet.fit(NET, arguments.pop("data", classes()), **arguments)


def assert_close(a, b):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(left, right, rtol=2e-5, atol=1e-6)


def meshes():
    axis = jax.sharding.AxisType
    devices = np.array(jax.devices()[:2])
    return {
        "data_mesh": sharding.data_mesh(2),
        "make_mesh": jax.make_mesh((2,), ("batch",)),
        "explicit": jax.sharding.Mesh(devices, ("batch",), axis_types=(axis.Explicit,)),
    }


@pytest.mark.parametrize(
    ("plan", "batch_size"),
    [("run", 8), ("run", 9), ("scan", 9), ("loop", 9)],
    ids=["run", "odd", "scan", "loop"],
)
def test_two_devices_give_what_one_gives(plan, batch_size):
    one = fit(plan=plan, batch_size=batch_size)
    two = fit(plan=plan, batch_size=batch_size, mesh=sharding.data_mesh(2))
    assert_close((two.params, two.opt_state, two.history), (one.params, one.opt_state, one.history))
    assert {len(leaf.sharding.device_set) for leaf in jax.tree.leaves(two.params)} == {2}


@pytest.mark.parametrize("kind", ["make_mesh", "explicit"])
def test_any_mesh_will_do(kind):
    assert_close(fit(mesh=meshes()[kind]).params, fit().params)


def test_the_work_is_shared():
    # the compiled step works on half a batch on each device
    options = Options(
        loss=losses.cross_entropy, key=jax.random.key(0), epochs=1, batch_size=8, mesh=sharding.data_mesh(2)
    )
    job = prepare(NET, classes(), options)
    chunk = next(job.chunks(0))
    program = programs.run_epochs.lower(job.task, job.hyper, job.key, job.data, job.state, chunk.order)
    text = program.compile().as_text()
    assert "f32[4,8]" in text  # four rows of the eight hidden units
    assert "f32[8,3]" in text or "f32[4,3]" in text
    assert "f32[8,8]" not in text
    assert "all-reduce" in text


def test_streaming_over_two_devices(tmp_path):
    x, y = classes()
    np.save(tmp_path / "x.npy", x)
    run = fit(data=(np.load(tmp_path / "x.npy", mmap_mode="r"), y), mesh=sharding.data_mesh(2))
    assert_close(run.params, fit().params)


def test_a_checkpoint_goes_on_with_another_number_of_devices(tmp_path):
    whole = fit()
    fit(epochs=2, mesh=sharding.data_mesh(2), checkpoint=tmp_path)
    run = fit(checkpoint=tmp_path)
    assert run.epochs == 3
    assert_close((run.params, run.history), (whole.params, whole.history))


def test_too_many_devices_are_refused():
    with pytest.raises(ValueError, match="asked for 99 devices"):
        sharding.data_mesh(99)


def test_two_processes_end_where_one_ends(tmp_path):
    script = Path(__file__).parents[2] / "scripts" / "distributed.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("XLA_FLAGS", None)
    command = [sys.executable, str(script), "--processes", "2", "--epochs", "2", "--examples", "256"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "equal within rounding" in done.stdout
