"""Networks run step by step give what they give for the whole sequence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import data, losses

j = jaxnet
BATCH, TIME, FEATURES = 2, 5, 3

NETS = {
    "simple_rnn": lambda: j.serial(j.simple_rnn(3, activation="relu", return_sequences=True), j.dense(2)),
    "lstm": lambda: j.serial(j.lstm(3, return_sequences=True), j.layer_norm(), j.softmax),
    "gru": lambda: j.gru(3, return_sequences=True),
    "stacked": lambda: j.serial(NETS["gru"](), j.lstm(2, return_sequences=True), j.mlp("2-1")),
    "causal": lambda: j.serial(j.conv(3, (2,), dilation=2, padding=((2, 0),)), j.relu, j.conv(2, (1,))),
    "residual": lambda: j.residual(j.conv(3, (3,), padding=((2, 0),)), j.tanh),
    "parallel": lambda: j.parallel(j.gru(2, return_sequences=True), j.dense(3), merge="concat"),
    "time_distributed": lambda: j.serial(j.time_distributed(j.dense(4)), j.gru(2, return_sequences=True)),
}  # fmt: skip
every_net = pytest.mark.parametrize("make", NETS.values(), ids=NETS)


def sequence(*batch, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(*batch, TIME, FEATURES)).astype(np.float32)


@every_net
def test_steps_give_what_the_whole_sequence_gives(make):
    net, x = make(), sequence(BATCH)
    params = net.init(jax.random.key(0), (TIME, FEATURES))
    whole = net.apply(params, x)
    machine = j.stepwise(net)
    state = machine.start(params, BATCH)
    step = jax.jit(machine.step)
    for t in range(TIME):
        state, y = step(params, state, x[:, t])
        np.testing.assert_allclose(y, whole[:, t], rtol=1e-5, atol=1e-6)
    first, one = machine.run(params, machine.start(params, BATCH), x[:, :2])
    _, two = machine.run(params, first, x[:, 2:])
    np.testing.assert_allclose(jnp.concatenate([one, two], axis=1), whole, rtol=1e-5, atol=1e-6)


def test_last_output_of_a_classifier_and_sequences_of_different_lengths():
    net = j.rnn((3, 2), 2, cell="lstm")
    params = net.init(jax.random.key(0), (TIME, FEATURES))
    x = sequence(BATCH)
    machine = j.stepwise(net)
    _, y = machine.run(params, machine.start(params, BATCH), x)
    np.testing.assert_allclose(y[:, -1], net.apply(params, x), rtol=1e-5)
    padded = data.pad([x[0, :2], x[1]], value=np.nan)
    state, y = machine.run(params, machine.start(params, BATCH), padded)
    after, _ = machine.run(params, machine.start(params, 1), x[:1, :2])
    for one, other in zip(jax.tree.leaves(state), jax.tree.leaves(after), strict=True):
        np.testing.assert_allclose(one[:1], other, rtol=1e-6)
    np.testing.assert_allclose(y.values[0, 1], net.apply(params, x[0, :2]), rtol=1e-5)


@pytest.mark.parametrize("make", [j.simple_rnn, j.lstm, j.gru])
def test_a_layer_hands_over_its_state(make):
    x = sequence(BATCH, seed=1)
    layer, plain = make(3, return_sequences=True, return_state=True), make(3, return_sequences=True)
    params = plain.init(jax.random.key(0), (TIME, FEATURES))
    whole = plain.apply(params, x)
    y, state = layer.apply(params, x[:, :3])
    later, _ = layer.apply(params, (x[:, 3:], state))
    np.testing.assert_allclose(jnp.concatenate([y, later], axis=1), whole, rtol=1e-5, atol=1e-6)
    last, _ = make(3, return_state=True).apply(params, (x[:, 3:], state))
    np.testing.assert_allclose(last, whole[:, -1], rtol=1e-5, atol=1e-6)
    single, _ = layer.apply(params, x[0])
    np.testing.assert_allclose(single, whole[0], rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="can only be the last"):
        j.serial(layer, j.dense(2))
    with pytest.raises(ValueError, match="leave out return_state"):
        j.bidirectional(layer)


def test_a_cut_gradient_is_that_of_the_second_piece_alone():
    net = j.serial(j.gru(3, return_sequences=True), j.dense(1))
    params, x = net.init(jax.random.key(0), (TIME, FEATURES)), sequence(BATCH)
    machine = j.stepwise(net)

    def second(params, cut):
        state, _ = machine.run(params, machine.start(params, BATCH), x[:, :3])
        state = jax.lax.stop_gradient(state) if cut else state
        return jnp.mean(jnp.square(machine.run(params, state, x[:, 3:])[1]))

    state, _ = machine.run(params, machine.start(params, BATCH), x[:, :3])
    alone = jax.grad(lambda p: jnp.mean(jnp.square(machine.run(p, state, x[:, 3:])[1])))(params)
    cut, whole = jax.grad(second)(params, True), jax.grad(second)(params, False)
    for one, other in zip(jax.tree.leaves(cut), jax.tree.leaves(alone), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    assert not np.allclose(whole[0]["u"], cut[0]["u"], rtol=1e-3)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (j.bidirectional(j.gru(2, return_sequences=True)), "reads from the end"),
        (j.serial(j.dense(2), j.conv(2, (3,))), "must look back only"),
        (j.conv(2, (2,), strides=2, padding=((1, 0),)), "must look back only"),
        (j.global_avg_pool(1), "needs more than the steps so far"),
        (j.Layer(lambda key, shape: {}, lambda params, x: x), "put it in time_distributed"),
    ],
)
def test_what_cannot_run_step_by_step_is_refused(net, message):
    with pytest.raises(ValueError, match=message):
        j.stepwise(net)


# --- generation --------------------------------------------------------------------------------------


def trained_to_count():
    """A network that has learned 0 1 2 3 0 1 2 3 ..."""
    net = j.rnn(12, 4, cell="gru", vocabulary=4, features=4, return_sequences=True)
    ids = (np.arange(9)[None] + np.arange(4)[:, None]) % 4
    run = j.fit(
        net, (ids[:, :-1], ids[:, 1:]), loss=losses.cross_entropy, optimizer="adam", learning_rate=0.03,
        epochs=80, key=jax.random.key(0), progress=False,
    )  # fmt: skip
    return net, run.params


def test_generation_continues_what_was_learned():
    net, params = trained_to_count()
    found = j.generate(net, params, [[0, 1, 2], [2, 3, 0]], 6, key=jax.random.key(1), temperature=0)
    assert found.tolist() == [[3, 0, 1, 2, 3, 0], [1, 2, 3, 0, 1, 2]]
    one = j.generate(net, params, [0, 1, 2], 6, key=jax.random.key(1), temperature=0.01)
    assert one.tolist() == [3, 0, 1, 2, 3, 0]
    hot = [
        j.generate(net, params, [0], 40, key=jax.random.key(2), temperature=heat) for heat in (100.0, 100.0)
    ]
    assert hot[0].tolist() == hot[1].tolist()  # a function of the key
    assert len(set(hot[0].tolist())) == 4
    other = j.generate(net, params, [0], 40, key=jax.random.key(3), temperature=100.0)
    assert other.tolist() != hot[0].tolist()


def test_generation_refuses_what_it_cannot_continue():
    net = j.rnn(2, 3, vocabulary=3, return_sequences=True)
    params, key = net.init(jax.random.key(0), (2,)), jax.random.key(0)
    with pytest.raises(TypeError, match="prompt of integers, got float32"):
        j.generate(net, params, [0.5], 2, key=key)
    with pytest.raises(ValueError, match="at least one step"):
        j.generate(net, params, np.zeros((2, 0), int), 2, key=key)
    with pytest.raises(ValueError, match="temperature of at least 0, got -1"):
        j.generate(net, params, [1], 2, key=key, temperature=-1)
    with pytest.raises(ValueError, match="prompts of one length, got a Padded"):
        j.generate(net, params, data.pad([[1], [1, 2]]), 2, key=key)
    with pytest.raises(ValueError, match="reads from the end"):
        j.generate(j.rnn(2, 3, vocabulary=3, both_ways=True), params, [1], 2, key=key)
