"""Streamed data train exactly as data in memory do."""

import threading

import jax
import numpy as np
import pytest

import jaxnet
import jaxnet.training.compiled.plan
import jaxnet.training.compiled.programs
from jaxnet import losses
from jaxnet.training.feed import chunks as feeds
from jaxnet.training.feed.order import epoch_order, key_bits

NET = jaxnet.mlp([3, 4, 2], activation="tanh")


def regression(n=40, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3)).astype(np.float32)
    return x, np.stack([x[:, 0] * x[:, 1], x[:, 2]], axis=1)


def fit(data, **changes):
    return jaxnet.fit(NET, data, **{"loss": losses.mse, "epochs": 3, "key": jax.random.key(0)} | changes)


def assert_close(a, b, rtol=1e-5):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(left, right, rtol=rtol, atol=1e-6)


@pytest.fixture
def mapped(tmp_path):
    x, y = regression(43)
    np.save(tmp_path / "x.npy", x)
    return np.load(tmp_path / "x.npy", mmap_mode="r"), y


@pytest.mark.parametrize("plan", ["scan", "loop"])
def test_a_memory_mapped_file_trains_as_the_array_does(mapped, plan, monkeypatch):
    monkeypatch.setattr(feeds, "STREAM_BYTES", 2 * 8 * 5 * 4)  # two batches a chunk
    run = fit(mapped, batch_size=8, plan=plan)
    assert run.plan.chunk == 2
    inside = fit((np.array(mapped[0]), mapped[1]), batch_size=8, plan=plan)
    assert_close(run.params, inside.params)
    np.testing.assert_allclose(run.history["loss"], inside.history["loss"], rtol=1e-5)


def test_weights_go_along_with_a_memory_mapped_file(mapped):
    weights = np.arange(43) + 1.0
    run = fit(mapped, batch_size=8, sample_weights=weights)
    assert_close(
        run.params, fit((np.array(mapped[0]), mapped[1]), batch_size=8, sample_weights=weights).params
    )


def cut(x, y, order):
    return [(x[row[row < len(x)]], y[row[row < len(x)]]) for row in order]


@pytest.mark.parametrize("form", ["list", "function"])
def test_batches_train_as_the_array_does(form):
    x, y = regression(43)
    words = key_bits(jax.random.key(0))
    by_epoch = [cut(x, y, epoch_order(words, epoch, 43, 8)) for epoch in range(3)]
    expected = fit((x, y), batch_size=8)
    if form == "function":
        run = fit(lambda epoch: iter(by_epoch[epoch]))
        assert_close(run.params, expected.params)
        np.testing.assert_allclose(run.history["loss"], expected.history["loss"], rtol=1e-5)
    else:
        run = fit(by_epoch[0], epochs=1)
        np.testing.assert_allclose(run.history["loss"], expected.history["loss"][:1], rtol=1e-5)
        assert fit(by_epoch[0]).epochs == 3


def test_only_a_chunk_is_read_ahead():
    read = []

    def source(epoch):
        for number in range(20):
            read.append(number)
            yield regression(8, seed=number)

    chunks = feeds.prefetch(feeds.iterated(source(0), iter(()), 1, 8, 2))
    next(chunks)
    # one chunk given, one waiting in the queue, one in the making (and one looked at for the end)
    assert len(read) <= 8
    chunks.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "jaxnet-prefetch"]


def test_an_error_while_reading_is_passed_on():
    def source(epoch):
        yield regression(8)
        yield regression(8)
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        fit(source, epochs=1)


def test_a_begun_run_goes_on_with_the_same_chunks():
    x, y = regression(43)
    plan = jaxnet.training.compiled.plan.Plan("scan", 2, "")
    data = jaxnet.training.compiled.task.Data(x, y)
    every = list(feeds.resident(data, None, (0, 7), 8, 3, plan))
    later = list(feeds.resident(data, None, (0, 7), 8, 3, plan, begin=8))  # six steps an epoch: 2 + 2 + 2
    assert [chunk.epoch for chunk in later] == [1, 1, 2, 2, 2]
    for chunk, other in zip(later, every[4:], strict=True):
        np.testing.assert_array_equal(chunk.order, other.order)
    again = list(feeds.iterated([(x[:8], y[:8])] * 3, iter([[(x[:8], y[:8])] * 3] * 9), 3, 8, 2, begin=5))
    assert [(chunk.epoch, chunk.order.shape[1], chunk.ends) for chunk in again] == [
        (1, 1, True), (2, 2, False), (2, 1, True)
    ]  # fmt: skip


BAD = {
    "nothing": ([], {}, ValueError, "no batch"),
    "spent": (iter([regression(8)]), {}, ValueError, "gone through once"),
    "size": ([regression(8)] * 3, {"batch_size": 8}, ValueError, "leave out batch_size"),
    "larger": ([regression(8), regression(9), regression(8)], {}, ValueError, "put the largest first"),
    "no pairs": ([np.ones((8, 3))] * 3, {}, TypeError, "pair (x, y)"),
    "no data": (7, {}, TypeError, "or as batches"),
    "fraction": ([regression(8)] * 3, {"validation": 0.5}, ValueError, "in memory only"),
    "weights": ([regression(8)] * 3, {"sample_weights": np.ones(8)}, ValueError, "as arrays"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_batches_get_one_sentence(case):
    data, changes, error, words = BAD[case]
    with pytest.raises(error) as caught:
        fit(data, **changes)
    assert words in str(caught.value)


def test_a_grain_loader_is_an_iterable_of_batches():
    grain = pytest.importorskip("grain", exc_type=ImportError)
    x, y = regression(43)
    loader = grain.MapDataset.source(list(zip(x, y, strict=True))).shuffle(seed=1).batch(8).to_iter_dataset()
    run = fit(loader, epochs=2)
    rows = [np.asarray(part) for part, _ in loader]  # what it gives, each time it is gone through
    assert [len(part) for part in rows] == [8, 8, 8, 8, 8, 3]
    again = fit([(np.asarray(a), np.asarray(b)) for a, b in loader], epochs=2)
    assert_close((run.params, run.history), (again.params, again.history))


def test_a_loader_may_fill_one_buffer_again():
    x, y = regression()

    def reusing(epoch):
        rows, targets = np.empty((8, 3), np.float32), np.empty((8, 2), np.float32)
        for first in range(0, 40, 8):
            rows[:], targets[:] = x[first : first + 8], y[first : first + 8]
            yield rows, targets

    fresh = [(x[first : first + 8], y[first : first + 8]) for first in range(0, 40, 8)]
    assert_close(fit(reusing).params, fit(fresh).params)
