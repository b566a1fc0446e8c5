"""Training on sequences of different lengths."""

import jax
import jax.monitoring
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import Padded, data, losses, metrics
from jaxnet.training.compiled.task import Data
from jaxnet.training.feed.lengths import SHAPES, by_length, grouped
from jaxnet.training.feed.placement import Placement

N, SIZE = 23, 4


def examples(per_step=False, seed=0):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(length, 2)).astype(np.float32) for length in rng.integers(1, 13, N)]
    x = data.pad(parts, value=np.nan)
    if per_step:
        return x, data.pad([np.cumsum(part[:, :1], axis=0) for part in parts], value=np.nan)
    return x, np.array([float(part[:, 0].mean() > 0) for part in parts], np.float32)[:, None]


def chunks_of(words=(0, 1), epochs=1, begin=0, rows=None):
    x, y = examples()
    groups = grouped(Data(x, y), rows, SIZE, Placement())
    return list(by_length(groups, words, SIZE, epochs, 100, Placement(), begin)), groups


def test_each_example_comes_once_in_at_most_four_shapes():
    found, groups = chunks_of()
    x, _ = examples()
    assert len(groups) <= SHAPES
    assert len({chunk.data.x.values.shape for chunk in found}) == len(groups)
    steps = sum(group.steps for group in groups)
    assert sum(chunk.order.shape[1] for chunk in found) == steps == -(-N // SIZE)
    assert [chunk.ends for chunk in found] == [False] * (len(found) - 1) + [True]
    seen = []
    for chunk in found:
        order = np.asarray(chunk.order).ravel()
        held = order[order < len(chunk.data.x.lengths)]
        seen += [np.asarray(chunk.data.x.values)[i, 0].tolist() for i in held]
    assert sorted(seen) == sorted(x.values[:, 0].tolist())
    padded = sum(group.data.x.values[..., 0].size for group in groups)
    assert padded < 0.75 * x.values[..., 0].size
    for group in groups:
        assert group.data.x.values.shape[1] == int(np.max(group.data.x.lengths))


def test_order_is_a_function_of_key_and_epoch_and_can_be_resumed():
    whole, _ = chunks_of(epochs=3)
    again, _ = chunks_of(epochs=3)
    other, _ = chunks_of(words=(0, 2), epochs=3)
    told = lambda chunks: [np.asarray(chunk.order).tolist() for chunk in chunks]  # noqa: E731
    assert told(whole) == told(again) != told(other)
    for begin in (1, 5, 6, 11):
        rest, _ = chunks_of(epochs=3, begin=begin)
        flat = [step for order in told(whole) for step in order[0]]
        assert [step for order in told(rest) for step in order[0]] == flat[begin:]


def net_for(per_step, cell=jaxnet.simple_rnn):
    return jaxnet.serial(cell(3, return_sequences=per_step), jaxnet.dense(1))


def by_hand(net, params, x, y, rows, loss):
    """The mean loss of a batch, each sequence by itself and without padding."""
    apply = jax.jit(net.apply)
    one = lambda i: apply(params, x.values[i, : x.lengths[i]])  # noqa: E731
    of = lambda i: y.values[i, : y.lengths[i]] if isinstance(y, Padded) else y[i]  # noqa: E731
    return jnp.mean(jnp.stack([loss(one(i)[None], of(i)[None])[0] for i in rows]))


@pytest.mark.parametrize("per_step", [False, True])
def test_a_step_is_that_of_the_single_sequences(per_step):
    x, y = examples(per_step)
    net = net_for(per_step, jaxnet.gru)
    params = net.init(jax.random.key(0), (12, 2))
    run = jaxnet.fit(
        net, (x, y), loss=losses.mse, optimizer=optax.sgd(0.1), epochs=1, batch_size=N, params=params,
        key=jax.random.key(1), progress=False,
    )  # fmt: skip
    value, slope = jax.value_and_grad(lambda p: by_hand(net, p, x, y, range(N), losses.mse))(params)
    np.testing.assert_allclose(run.history["loss"][0], value, rtol=1e-5)
    for after, before, g in zip(*map(jax.tree.leaves, (run.params, params, slope)), strict=True):
        np.testing.assert_allclose(after, before - 0.1 * g, rtol=1e-4, atol=1e-6)


def options(**more):
    return {
        "loss": losses.binary_cross_entropy, "epochs": 3, "batch_size": SIZE, "progress": False,
        "metrics": {"right": metrics.binary_accuracy},
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    net, pair = net_for(False), examples()
    return net, pair, jaxnet.fit(net, pair, key=jax.random.key(3), validation=pair, **options())


def test_fit_evaluates_predicts_and_repeats_itself(trained):
    net, (x, y), run = trained
    assert run.plan.kind == "scan"
    assert "sequences padded to" in run.plan.reason
    again = jaxnet.fit(net, (x, y), key=jax.random.key(3), validation=(x, y), **options())
    for one, other in zip(jax.tree.leaves(run.params), jax.tree.leaves(again.params), strict=True):
        np.testing.assert_array_equal(one, other)
    outputs = jaxnet.predict(net, run.params, x, batch_size=5)
    alone = [net.apply(run.params, x.values[i, : x.lengths[i]]) for i in (0, 7, 22)]
    np.testing.assert_allclose(outputs[np.array([0, 7, 22])], alone, rtol=1e-5, atol=1e-6)
    found = jaxnet.evaluate(net, run.params, (x, y), loss="binary_cross_entropy", batch_size=5)
    np.testing.assert_allclose(found["loss"], run.history["val_loss"][-1], rtol=1e-5)


def test_four_shapes_are_compiled_once(trained):
    net, pair, _ = trained
    compiled = []
    listener = lambda event, seconds, **_: compiled.append(event) if "backend_compile" in event else None  # noqa: E731
    jax.monitoring.register_event_duration_secs_listener(listener)
    try:
        jaxnet.fit(net, pair, key=jax.random.key(4), validation=pair, **options())
    finally:
        jax.monitoring.unregister_event_duration_listener(listener)
    assert compiled == []


def test_many_networks_folds_and_held_out_rows(trained):
    net, pair, run = trained
    keys = jnp.stack([jax.random.key(3), jax.random.key(9)])
    runs = jaxnet.fit_many(
        net, pair, keys=keys, validation=pair, **{k: v for k, v in options().items() if k != "progress"}
    )
    np.testing.assert_allclose(runs.history["val_loss"][0], run.history["val_loss"], rtol=1e-4)
    found = jaxnet.cross_validate(
        net, pair, folds=2, key=jax.random.key(0), loss="binary_cross_entropy", epochs=1, batch_size=SIZE
    )
    assert found.scores["val_loss"].shape == (2,)
    assert np.all(np.isfinite(found.scores["val_loss"]))
    held = jaxnet.fit(net, pair, key=jax.random.key(3), **options(epochs=1, validation=0.25))
    assert np.isfinite(held.history["val_loss"][0])


def test_a_run_that_was_stopped_resumes_with_the_same_bits(trained, tmp_path):
    net, pair, run = trained
    jaxnet.fit(net, pair, key=jax.random.key(3), validation=pair, checkpoint=tmp_path, **options(epochs=2))
    whole = jaxnet.fit(net, pair, key=jax.random.key(3), validation=pair, checkpoint=tmp_path, **options())
    for one, other in zip(jax.tree.leaves(run.params), jax.tree.leaves(whole.params), strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_and_custom_losses(trained):
    net, (x, y), _ = trained
    weighted = jaxnet.fit(
        net, (x, y), key=jax.random.key(3), sample_weights=np.arange(1.0, N + 1), **options(epochs=1)
    )
    assert np.isfinite(weighted.history["loss"][0])
    per_step = net_for(True)
    own = losses.by_steps(lambda outputs, targets: jnp.abs(outputs - targets)[:, 0])
    x, y = examples(True)
    run = jaxnet.fit(per_step, (x, y), loss=own, key=jax.random.key(0), epochs=1, progress=False)
    like = jaxnet.fit(per_step, (x, y), loss=losses.mae, key=jax.random.key(0), epochs=1, progress=False)
    np.testing.assert_allclose(run.history["loss"], like.history["loss"], rtol=1e-6)


def test_batches_of_a_loader_and_sequences_among_other_inputs():
    x, y = examples()
    parts = [x.values[i, :n] for i, n in enumerate(x.lengths)]
    longest = int(np.argmax(x.lengths))
    first = [longest, *(i for i in range(11) if i != longest)]
    net, quick = net_for(False), {"loss": "mse", "epochs": 1, "progress": False, "key": jax.random.key(0)}
    batches = [(data.pad([parts[i] for i in some]), y[some]) for some in (first, [12, 13, 14])]
    run = jaxnet.fit(net, batches, optimizer=optax.sgd(0.0), **quick)
    losses_alone = [
        losses.mse(net.apply(run.params, parts[i])[None], y[i][None])[0] for i in (*first, 12, 13, 14)
    ]
    np.testing.assert_allclose(run.history["loss"][0], np.mean(losses_alone), rtol=1e-5)
    short = [i for i in range(N) if x.lengths[i] < 12][:2]
    rising = [(data.pad([parts[i] for i in some]), y[some]) for some in (short, first[:2])]
    with pytest.raises(ValueError, match="of sequences the longest first"):
        jaxnet.fit(net, rising, **quick)
    branches = {"series": jaxnet.simple_rnn(3), "age": jaxnet.dense(2)}
    net = jaxnet.serial(jaxnet.parallel(branches, merge="concat"), jaxnet.dense(1))
    both = {"series": x, "age": np.ones((N, 1), np.float32)}
    run = jaxnet.fit(net, (both, y), **quick)
    outputs = jaxnet.predict(net, run.params, both)
    alone = net.apply(run.params, {"series": parts[5], "age": np.ones(1, np.float32)})
    np.testing.assert_allclose(outputs[5], alone, rtol=1e-5, atol=1e-6)


def test_what_does_not_fit_is_refused_before_the_first_step():
    x, y = examples(True)
    quick = {"loss": "mse", "key": jax.random.key(0), "epochs": 1, "progress": False}
    with pytest.raises(
        ValueError, match="one target per step, but the network gives one output per sequence"
    ):
        jaxnet.fit(net_for(False), (x, y), **quick)
    for wrong in (np.zeros_like(y.values), np.zeros(N, np.float32), np.zeros((N, 1), int)):
        with pytest.raises(ValueError, match="fit: the network gives one output per step, but y is an array"):
            jaxnet.fit(net_for(True), (x, wrong), **quick)
    short = y._replace(lengths=np.maximum(y.lengths - 1, 1))
    with pytest.raises(ValueError, match="expected one target per step of the outputs"):
        jaxnet.fit(net_for(True), (x, short), **quick)
    narrow = jaxnet.serial(jaxnet.conv(2, (3,), padding="valid"), jaxnet.gru(1))
    with pytest.raises(ValueError, match=r"fit: the shortest sequence has 1 steps: .*does not fit"):
        jaxnet.fit(narrow, (x, np.zeros((N, 1), np.float32)), **quick)
    with pytest.raises(ValueError, match="got a length of 0; leave out the empty ones"):
        jaxnet.predict(net_for(True), [], Padded(x.values, np.zeros(N, int)))
    with pytest.raises(ValueError, match="flatten"):
        jaxnet.fit(jaxnet.serial(jaxnet.flatten(), jaxnet.dense(1)), (x, y), **quick)
    ids = data.pad([[0, 5], [1]])
    with pytest.raises(ValueError, match="ids from 0 to 3"):
        jaxnet.predict(jaxnet.rnn(2, 1, vocabulary=4), None, ids)
