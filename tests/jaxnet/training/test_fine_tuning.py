"""Frozen layers, rates by layer, clipping, the average of the weights, schedules in epochs, label weights."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses, optimizers
from jaxnet.training.feed.weights import label_weights

KEY = jax.random.key(0)
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
NET = jaxnet.serial(
    jaxnet.dense(6), jaxnet.tanh, jaxnet.serial(jaxnet.dense(5), jaxnet.tanh), jaxnet.dense(2)
)
START = NET.init(KEY, (4,))
FIT = {"loss": "cross_entropy", "epochs": 2, "batch_size": 20, "key": KEY, "params": START}
LEAVES = jax.tree.leaves(START)


def moved(run) -> list[bool]:
    """Which of the weights of the three dense layers moved."""
    pairs = zip(jax.tree.leaves(run.params), LEAVES, strict=True)
    return [not np.array_equal(a, b) for a, b in pairs][1::2]


@pytest.mark.parametrize(
    ("freeze", "expected"),
    [
        (0, [False, True, True]),
        (-1, [True, True, False]),
        ([0, 2], [False, False, True]),
        (slice(0, 3), [False, False, True]),
        ("dense 2", [True, False, True]),
        (["dense 1", -1], [False, True, False]),
        (lambda path: path.startswith("[3]"), [True, True, False]),
        ((), [True, True, True]),
    ],
)
def test_frozen_layers_stay_bit_for_bit(freeze, expected):
    assert moved(jaxnet.fit(NET, (X, Y), freeze=freeze, **FIT)) == expected


def test_the_optimizer_has_no_state_for_frozen_parameters_and_decay_leaves_them():
    run = jaxnet.fit(NET, (X, Y), freeze=[0, 2], optimizer=optax.adamw(0.1, weight_decay=1.0), l2=0.1, **FIT)
    assert moved(run) == [False, False, True]
    sizes = sorted({leaf.size for leaf in jax.tree.leaves(run.opt_state)})
    assert sizes == [1, 2, 10]


@pytest.mark.parametrize("freeze", ["conv", 7, ["dense 1", "dense 9"], slice(9, 12), lambda path: False])
def test_a_place_that_is_not_there_is_refused(freeze):
    with pytest.raises(ValueError, match=r"there is no layer with parameters at .* the names dense, dense 1"):
        jaxnet.fit(NET, (X, Y), freeze=freeze, **FIT)


def test_nothing_left_to_train_is_refused():
    with pytest.raises(ValueError, match="all parameters are frozen"):
        jaxnet.fit(NET, (X, Y), freeze="dense", **FIT)


def test_names_of_branches_and_own_layers():
    own = jaxnet.Layer(
        lambda key, in_shape: {"a": jnp.ones(in_shape)}, lambda p, x: p["a"][None] * x, name="scale"
    )
    net = jaxnet.serial(own, jaxnet.parallel({"cls": jaxnet.dense(2), "reg": jaxnet.dense(1)}))
    start = net.init(KEY, (4,))
    options = {**FIT, "params": start, "loss": {"cls": "cross_entropy", "reg": "mse"}}
    run = jaxnet.fit(net, (X, {"cls": Y, "reg": X[:, :1]}), freeze=["scale", "reg"], **options)
    np.testing.assert_array_equal(run.params[0]["a"], start[0]["a"])
    np.testing.assert_array_equal(run.params[1][1]["w"], start[1][1]["w"])
    assert not np.array_equal(run.params[1][0]["w"], start[1][0]["w"])


def test_a_tenth_of_the_rate_is_a_tenth_of_the_step():
    options = {**FIT, "epochs": 1, "batch_size": 60, "optimizer": "sgd", "learning_rate": 0.1}
    whole = jaxnet.fit(NET, (X, Y), **options).params
    part = jaxnet.fit(NET, (X, Y), layer_rates={0: 0.1, "dense 3": 2.0}, **options).params
    step = np.asarray(whole[0]["w"] - START[0]["w"])
    np.testing.assert_allclose(part[0]["w"] - START[0]["w"], 0.1 * step, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(part[3]["w"] - START[3]["w"], 2 * (whole[3]["w"] - START[3]["w"]), rtol=1e-3)
    with pytest.raises(ValueError, match=r"expected layer_rates of at least 0, got 0: -1"):
        jaxnet.fit(NET, (X, Y), layer_rates={0: -1}, **FIT)


def test_clipping_is_that_of_optax():
    mine = jaxnet.fit(NET, (X, Y), clip=0.01, optimizer="sgd", learning_rate=0.5, **FIT)
    chain = optax.chain(optax.clip_by_global_norm(0.01), optax.sgd(0.5))
    theirs = jaxnet.fit(NET, (X, Y), optimizer=chain, **FIT)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), mine.params, theirs.params)


def test_the_average_of_the_weights_is_what_comes_back_and_is_validated(tmp_path):
    seen = []
    options = {**FIT, "epochs": 3, "batch_size": 60, "optimizer": "sgd", "learning_rate": 0.5}
    plain = [jaxnet.fit(NET, (X, Y), **{**options, "epochs": n}).params[0]["w"] for n in (1, 2, 3)]
    run = jaxnet.fit(
        NET, (X, Y), average=0.9, validation=(X, Y), on_epoch=lambda e: seen.append(e.params), **options
    )
    average = np.asarray(START[0]["w"])
    for step, w in enumerate(plain):
        decay = min(0.9, (1 + step) / (10 + step))
        average = decay * average + (1 - decay) * np.asarray(w)
    np.testing.assert_allclose(run.params[0]["w"], average, rtol=1e-5, atol=1e-6)
    found = jaxnet.evaluate(NET, run, (X, Y), loss="cross_entropy")["loss"]
    assert run.history["val_loss"][-1] == pytest.approx(found, rel=1e-5)
    np.testing.assert_array_equal(seen[-1][0]["w"], run.params[0]["w"])
    jaxnet.fit(NET, (X, Y), average=0.9, checkpoint=tmp_path, **{**options, "epochs": 1})
    resumed = jaxnet.fit(NET, (X, Y), average=0.9, checkpoint=tmp_path, **options)
    np.testing.assert_allclose(resumed.params[0]["w"], run.params[0]["w"], rtol=1e-6)


@pytest.mark.parametrize(
    ("option", "value"), [("clip", 0), ("clip", "1"), ("average", 1.0), ("average", -0.1)]
)
def test_numbers_out_of_range_are_refused(option, value):
    with pytest.raises(ValueError, match=f"fit: expected {option} greater than 0"):
        jaxnet.fit(NET, (X, Y), **{option: value}, **FIT)


def test_schedules_in_epochs_are_those_of_optax_in_steps():
    for steps in (3, 50):
        own = optimizers.cosine(0.1, warmup=1, floor=0.01).in_steps(steps, 4)
        rest = optax.cosine_decay_schedule(0.1, 3 * steps, alpha=0.01)
        for step in range(steps, 4 * steps):
            assert float(own(step)) == pytest.approx(float(rest(step - steps)), rel=1e-5)
        rates = [float(optimizers.one_cycle(0.1).in_steps(steps, 10)(step)) for step in range(10 * steps)]
        assert np.argmax(rates) == 3 * steps
        assert max(rates) == pytest.approx(0.1)
        assert rates[0] == pytest.approx(0.004)
        assert rates[-1] < 0.01
    run = jaxnet.fit(NET, (X, Y), learning_rate=optimizers.linear(0.1, warmup=1), **FIT)
    by_hand = jaxnet.fit(NET, (X, Y), learning_rate=optimizers.linear(0.1, warmup=1).in_steps(3, 2), **FIT)
    np.testing.assert_array_equal(run.history["loss"], by_hand.history["loss"])
    with pytest.raises(ValueError, match="cosine needs the number of steps per epoch"):
        jaxnet.fit(
            NET, [(X, Y)], loss="cross_entropy", learning_rate=optimizers.cosine(0.1), epochs=1, key=KEY
        )


@pytest.mark.parametrize(("make", "words"), [
    (lambda: optimizers.cosine(-1), "cosine: expected peak"),
    (lambda: optimizers.one_cycle(0.1, warmup=2), "one_cycle: expected warmup from 0 to 1"),
    (lambda: optimizers.linear(0.1, floor=2), "linear: expected floor"),
])  # fmt: skip
def test_schedules_refuse(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_class_weights_of_several_labels_are_weights_of_their_positives():
    labels = (X[:, :3] > [0.0, 0.5, 1.0]).astype(int)
    net = jaxnet.dense(3)
    options = {"epochs": 2, "key": KEY, "batch_size": 20}
    weights = label_weights("fit", labels, "balanced")
    balanced = jaxnet.fit(net, (X, labels), loss="binary_cross_entropy", class_weights="balanced", **options)

    def own(z, t):
        pos = jnp.asarray(weights, z.dtype)[None]
        t = t.astype(z.dtype)
        return jnp.mean(-pos * t * jax.nn.log_sigmoid(z) - (1 - t) * jax.nn.log_sigmoid(-z), 1)

    by_hand = jaxnet.fit(net, (X, labels), loss=own, **options)
    np.testing.assert_allclose(balanced.history["loss"], by_hand.history["loss"], rtol=1e-5)
    with pytest.raises(ValueError, match="class_weights of several labels need loss='binary_cross_entropy'"):
        jaxnet.fit(net, (X, labels), loss="mse", class_weights="balanced", **options)
    with pytest.raises(ValueError, match="expected labels from 0 to 2 in class_weights, got 7"):
        jaxnet.fit(net, (X, labels), loss="binary_cross_entropy", class_weights={7: 1.0}, **options)


@pytest.mark.parametrize("weight", [3.0, [1.0, 4.0]])
def test_the_positive_weight_has_the_derivative_of_autodiff(weight):
    import functools

    z, t = jnp.array([[0.3, -1.0], [2.0, 0.5]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])
    loss = functools.partial(losses.binary_cross_entropy, pos_weight=weight)
    expected = jax.grad(lambda z: loss(z, t).sum())(z)
    np.testing.assert_allclose(losses.derivative(loss)(z, t), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="expected pos_weight of at least 0"):
        losses.binary_cross_entropy(z, t, pos_weight=[1.0, 2.0, 3.0])
