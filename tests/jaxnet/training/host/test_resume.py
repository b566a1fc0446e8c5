"""A run that is killed goes on, and ends with the same bits."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

import jaxnet
import jaxnet.training.feed.chunks
from jaxnet import losses

SCRIPT = """
import sys
import jax, numpy as np, jaxnet
from jaxnet import losses

draw = np.random.default_rng(0)
x = draw.normal(size=(100, 3)).astype(np.float32)
net = jaxnet.serial(jaxnet.dense(8), jaxnet.tanh, jaxnet.dropout(0.2), jaxnet.dense(2))

def slowly(epoch):
    import time
    time.sleep(float(sys.argv[2]))

run = jaxnet.fit(net, (x, x[:, :2] * x[:, 1:]), loss=losses.mse, epochs=30, batch_size=16,
                 key=jax.random.key(3), validation=(x[:10], x[:10, :2]),
                 checkpoint=jaxnet.Checkpoint(sys.argv[1], seconds=0), on_epoch=slowly)
history = {name: values.tolist() for name, values in run.history.items()}
jaxnet.save(sys.argv[1] + "/end", [run.params, jax.tree.leaves(run.opt_state), history])
"""


def child(folder, pause):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), str(pause)], env=environment)


def test_a_run_killed_in_the_middle_ends_with_the_same_bits(tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = child(killed, 0.2)
    deadline = time.monotonic() + 120
    while len(list(killed.glob("step-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "end").exists()
    begun = int(max(killed.glob("step-*")).stem[5:])
    assert 0 < begun < 30 * 7
    others = [child(killed, 0), child(whole, 0)]
    assert [other.wait() for other in others] == [0, 0]
    assert (killed / "end").read_bytes() == (whole / "end").read_bytes()


NET = jaxnet.mlp([3, 4, 2], activation="tanh")


def regression(n=40, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3)).astype(np.float32)
    return x, np.stack([x[:, 0] * x[:, 1], x[:, 2]], axis=1)


def fit(folder=None, **changes):
    arguments = {"loss": losses.mse, "epochs": 4, "batch_size": 8, "key": jax.random.key(0)} | changes
    if folder is not None:
        arguments["checkpoint"] = jaxnet.Checkpoint(folder, seconds=0)
    return jaxnet.fit(arguments.pop("net", NET), arguments.pop("data", regression()), **arguments)


def assert_same(a, b):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("plan", ["scan", "loop"])
def test_more_epochs_go_on_where_the_first_run_ended(tmp_path, plan):
    fit(tmp_path, epochs=2, plan=plan)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step-000000000005.safetensors", "step-000000000010.safetensors"
    ]  # fmt: skip
    seen = []
    run = fit(tmp_path, plan=plan, on_epoch=lambda epoch: seen.append(epoch.epoch))
    assert seen == [3, 4]
    whole = fit(plan=plan, on_epoch=lambda epoch: None)
    assert_same((run.params, run.opt_state, run.history), (whole.params, whole.opt_state, whole.history))
    assert_same(run.params, fit(tmp_path, plan=plan).params)


def test_going_on_in_the_middle_of_an_epoch(tmp_path, monkeypatch):
    x, y = regression()
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    monkeypatch.setattr(
        "jaxnet.training.feed.chunks.STREAM_BYTES", 2 * 8 * 5 * 4
    )  # two steps a chunk: 2 + 2 + 1 an epoch
    whole = fit(data=(mapped, y))
    fit(tmp_path / "run", data=(mapped, y), epochs=2)
    last = max((tmp_path / "run").glob("step-*"))
    assert last.stem.endswith("10")
    last.unlink()  # the one before it lies at step 9, before the last step of the second epoch
    run = fit(tmp_path / "run", data=(mapped, y))
    assert_same((run.params, run.history), (whole.params, whole.history))


def test_early_stopping_goes_on_counting(tmp_path):
    options = {"learning_rate": 0.3, "validation": regression(10, 1), "early_stopping": 4, "epochs": 60}
    whole = fit(**options)
    fit(tmp_path, **options, on_epoch=lambda epoch: epoch.epoch == whole.best_epoch + 1)
    run = fit(tmp_path, **options)
    assert (run.ended, run.epochs, run.best_epoch) == ("early stopping", whole.epochs, whole.best_epoch)
    assert_same((run.params, run.history), (whole.params, whole.history))
    assert fit(tmp_path, **options).ended == "early stopping"


CHANGES = {
    "network": {"net": jaxnet.mlp([3, 4, 2], activation="relu")},
    "parameters": {"net": jaxnet.mlp([3, 5, 2], activation="tanh")},
    "loss": {"loss": losses.mae},
    "optimizer": {"optimizer": "rmsprop"},
    "learning_rate": {"learning_rate": 0.5},
    "l2": {"l2": 0.1},
    "key": {"key": jax.random.key(1)},
    "batch_size": {"batch_size": 10},
    "x": {"data": regression(40, 1)},
    "weights": {"sample_weights": np.arange(40)},
    "metrics": {"metrics": {"mae": losses.mae}},
    "transform": {"transform": lambda x: 2 * x},
}


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    fit(tmp_path, epochs=1)
    for name, change in CHANGES.items():
        with pytest.raises(ValueError, match=f"belong to another run \\((network|{name}) was"):
            fit(tmp_path, **change)
    last = max(tmp_path.glob("step-*"))
    last.write_bytes(last.read_bytes()[:-3])
    with pytest.raises(ValueError, match=r"^fit: .*damaged"):
        fit(tmp_path)
    with pytest.raises(ValueError, match="must be a directory"):
        fit(Path(__file__))


def test_what_was_learned_can_be_read_from_a_checkpoint(tmp_path):
    run = fit(tmp_path, epochs=1)
    assert_same(jaxnet.load(max(tmp_path.glob("step-*")))["params"], run.params)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path, damage):
    whole = fit(plan="scan")
    fit(tmp_path, epochs=3, plan="scan")
    before, last = sorted(tmp_path.glob("step-*"))
    content = bytearray(last.read_bytes())
    content[-1] ^= 1
    last.write_bytes({"cut": content[:-9], "flipped": content, "empty": b""}[damage])
    with pytest.warns(UserWarning, match=f"step-0*15.* is damaged.*; resuming from .*{before.name}"):
        run = fit(tmp_path, plan="scan")
    assert_same((run.params, run.history), (whole.params, whole.history))
    assert [file.name[-14:] for file in sorted(tmp_path.iterdir())] == ["15.safetensors", "20.safetensors"]
    assert_same(fit(tmp_path, plan="scan").params, whole.params)


def far(part, row):
    """The data with one number changed, in a row that no sample of 1,024 rows holds."""
    changed = [np.array(array) for array in regression(3000)]
    changed[part][row] += 1
    return tuple(changed)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("all of x", {"data": far(0, 1)}),
        ("all of y", {"data": far(1, 1)}),
        ("all of the validation data", {"validation": far(0, 1)}),
        ("all of the validation data", {"validation": far(1, 0)}),
        ("all of the weights", {"sample_weights": np.r_[1, 1.5, 1, 0.5, np.ones(2996)]}),
    ],
    ids=["x", "y", "validation x", "validation y", "weights"],
)
def test_a_run_with_one_number_changed_is_another_run(tmp_path, name, changes):
    options = {
        "data": regression(3000), "validation": regression(3000), "sample_weights": np.ones(3000),
        "epochs": 1, "batch_size": 1000,
    }  # fmt: skip
    fit(tmp_path, **options)
    with pytest.raises(ValueError, match=rf"belong to another run \({name} was"):
        fit(tmp_path, **options | changes)


def test_an_error_does_not_lose_the_epochs_before_it(tmp_path):
    def broken(epoch):
        if epoch.epoch == 2:
            raise OSError("disk full")

    def batches(epoch):
        if epoch == 2:
            raise TimeoutError("no answer")
        return [regression(8)] * 2

    slow = {"epochs": 4, "checkpoint": jaxnet.Checkpoint(tmp_path / "a", seconds=1000)}
    with pytest.raises(OSError, match="disk full"):
        fit(**slow, on_epoch=broken)
    seen = []
    fit(**slow, on_epoch=lambda epoch: seen.append(epoch.epoch))
    assert seen == [3, 4]
    slow["checkpoint"] = tmp_path / "b"
    with pytest.raises(TimeoutError):
        fit(**slow, data=batches, batch_size=None)
    assert len(jaxnet.load(max((tmp_path / "b").glob("step-*")))["params"]) == 2


def test_leftovers_of_a_killed_process_are_deleted(tmp_path):
    names = [".step-000000000005.safetensors.0123456789abcdef.part", ".step-1.safetensors.abcd_123.part"]
    for name in names:
        (tmp_path / name).write_bytes(b"half a checkpoint")
    fit(tmp_path, epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000000005.safetensors"]


@pytest.mark.parametrize("keep", [0, -1, 1.5])
def test_how_many_to_keep_is_checked(tmp_path, keep):
    with pytest.raises((ValueError, TypeError), match="fit: expected keep of Checkpoint"):
        fit(checkpoint=jaxnet.Checkpoint(tmp_path, keep=keep))
