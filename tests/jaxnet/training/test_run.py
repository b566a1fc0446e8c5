"""``fit`` against plain loops, hand-worked steps and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses, metrics
from jaxnet.layers import Layer
from jaxnet.training.compiled import programs
from jaxnet.training.feed import order


def linear(inputs, outputs):
    def init(key, in_shape=None):
        return {"w": jax.random.normal(key, (inputs, outputs)), "b": jnp.zeros(outputs)}

    def apply(params, x, *, key=None):
        return x @ params["w"] + params["b"][None, :]

    return Layer(init, apply)


def two_layers(inputs, hidden, outputs):
    def init(key, in_shape=None):
        first, second = jax.random.split(key)
        return {
            "a": jax.random.normal(first, (inputs, hidden)),
            "b": jax.random.normal(second, (hidden, outputs)),
        }

    def apply(params, x, *, key=None):
        hidden = jnp.tanh(x @ params["a"])
        if key is not None:
            hidden = hidden * jax.random.bernoulli(key, 0.9, hidden.shape).astype(hidden.dtype)
        return hidden @ params["b"]

    return Layer(init, apply)


def squared(outputs, targets):
    return ((outputs - targets) ** 2).mean(axis=1)


def absolute(outputs, targets):
    return jnp.abs(outputs - targets).mean(axis=1)


def regression(n=50, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3)).astype(np.float32)
    y = (x @ np.array([[1.0, -1.0], [2.0, 0.5], [0.0, 3.0]]) + [0.5, -0.25]).astype(np.float32)
    return x, y + 0.1 * draw.normal(size=y.shape).astype(np.float32)


def assert_same(a, b):
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(np.asarray(left), np.asarray(right))


def assert_close(a, b, rtol=1e-5, atol=1e-6):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(np.asarray(left), np.asarray(right), rtol=rtol, atol=atol)


KINDS = ("run", "scan", "loop")


@pytest.mark.parametrize("plan", KINDS)
def test_one_step_of_gradient_descent_worked_by_hand(plan):
    # x = (1, 2), w = (0.5, -1), b = 0.25: y = 0.5 - 2 + 0.25 = -1.25; t = 0.75: e = y - t = -2
    # L = e^2 = 4; dL/dw = 2 e x = (-4, -8); dL/db = -4; eta = 0.1: w = (0.9, -0.2), b = 0.65
    params = {"w": jnp.array([[0.5], [-1.0]]), "b": jnp.array([0.25])}
    run = jaxnet.fit(
        linear(2, 1), ([[1.0, 2.0]], [[0.75]]), loss=squared, optimizer="sgd", learning_rate=0.1,
        epochs=1, key=jax.random.key(0), params=params, plan=plan,
    )  # fmt: skip
    np.testing.assert_allclose(run.params["w"], [[0.9], [-0.2]], rtol=1e-6)
    np.testing.assert_allclose(run.params["b"], [0.65], rtol=1e-6)
    assert run.history["loss"].tolist() == [4.0]
    assert params["w"].tolist() == [[0.5], [-1.0]]  # what was handed in is not used up


def test_l2_pulls_on_weights_and_not_on_biases():
    # targets are met, so that the whole gradient is l2 * w: w = 1 - 0.5 * 0.2 * 1 = 0.9, the bias stays
    params = {"w": jnp.ones((1, 1)), "b": jnp.ones(1)}
    run = jaxnet.fit(
        linear(1, 1), ([[1.0]], [[2.0]]), loss=squared, optimizer="sgd", learning_rate=0.5, l2=0.2,
        epochs=1, key=jax.random.key(0), params=params,
    )  # fmt: skip
    np.testing.assert_allclose(run.params["w"], [[0.9]], rtol=1e-6)
    assert run.params["b"].tolist() == [1.0]


def plain_loop(net, data, rule, key, epochs, batch_size, params):
    """What ``fit`` promises, written as the Python loop one would write by hand."""
    x, y = data
    state, step, history = rule.init(params), 0, []
    words = order.key_bits(key)
    for epoch in range(epochs):
        total = 0.0
        for index in order.epoch_order(words, epoch, len(x), batch_size):
            real = index[index < len(x)]

            def objective(params, real=real, step=step):
                return squared(net.apply(params, x[real], key=programs.step_key(key, step)), y[real]).mean()

            value, grads = jax.value_and_grad(objective)(params)
            with jax.numpy_dtype_promotion("standard"):
                updates, state = rule.update(grads, state, params)
            params = optax.apply_updates(params, updates)
            total, step = total + float(value) * len(real), step + 1
        history.append(total / len(x))
    return params, history


@pytest.mark.parametrize("plan", KINDS)
@pytest.mark.parametrize(
    "rule", [optax.adam(0.01), optax.rmsprop(0.01), optax.sgd(0.1, 0.9)], ids=["adam", "rmsprop", "momentum"]
)
def test_fit_is_the_plain_loop(plan, rule):
    net, data, key = linear(3, 2), regression(), jax.random.key(3)
    params = net.init(jax.random.key(1))
    run = jaxnet.fit(
        net, data, loss=squared, optimizer=rule, epochs=3, batch_size=25, key=key, params=params, plan=plan
    )
    expected, history = plain_loop(net, data, rule, key, 3, 25, params)
    assert_close(run.params, expected)
    np.testing.assert_allclose(run.history["loss"], history, rtol=1e-5)
    assert run.plan.kind == plan


@pytest.mark.parametrize("plan", KINDS)
def test_a_last_batch_that_is_not_full_counts_its_examples_once(plan):
    data, key = regression(23), jax.random.key(5)
    run = jaxnet.fit(
        linear(3, 2), data, loss=squared, optimizer="adam", learning_rate=0.01, epochs=2, batch_size=7,
        key=key, params=linear(3, 2).init(key), plan=plan,
    )  # fmt: skip
    expected, history = plain_loop(linear(3, 2), data, optax.adam(0.01), key, 2, 7, linear(3, 2).init(key))
    assert_close(run.params, expected)
    np.testing.assert_allclose(run.history["loss"], history, rtol=1e-5)


def test_dropout_is_a_function_of_key_and_step():
    data, key, net = regression(24), jax.random.key(5), two_layers(3, 6, 2)
    params = net.init(jax.random.key(1))
    run = jaxnet.fit(
        net,
        data,
        loss=squared,
        optimizer="sgd",
        learning_rate=0.1,
        epochs=2,
        batch_size=8,
        key=key,
        params=params,
    )
    assert_close(run.params, plain_loop(net, data, optax.sgd(0.1), key, 2, 8, params)[0])


def test_the_keys_of_steps_are_none_that_init_draws_from():
    key = jax.random.key(3)
    of_init = jax.random.key_data(jax.random.split(key, 1000)).tolist()
    of_steps = jax.random.key_data(
        jax.vmap(lambda step: programs.step_key(key, step))(jnp.arange(1000))
    ).tolist()
    assert not {tuple(words) for words in of_init} & {tuple(words) for words in of_steps}


def test_least_squares_is_reached():
    x, y = regression(200)
    run = jaxnet.fit(
        linear(3, 2), (x, y), loss=squared, optimizer="sgd", learning_rate=0.3, epochs=300, batch_size=200,
        key=jax.random.key(0),
    )  # fmt: skip
    best = np.linalg.lstsq(np.c_[x, np.ones(len(x))], y, rcond=None)[0]
    np.testing.assert_allclose(run.params["w"], best[:3], atol=1e-5)
    np.testing.assert_allclose(run.params["b"], best[3], atol=1e-5)


@pytest.mark.parametrize("plan", KINDS)
def test_the_same_key_gives_the_same_bits_with_dropout(plan):
    def once(seed):
        return jaxnet.fit(
            two_layers(3, 4, 2), regression(), loss=squared, epochs=3, batch_size=8, key=jax.random.key(seed),
            plan=plan,
        ).params  # fmt: skip

    assert_same(once(1), once(1))
    assert not np.array_equal(once(1)["a"], once(2)["a"])


@pytest.mark.parametrize("validation", ["pair", "fraction", None])
@pytest.mark.parametrize("plan", KINDS)
def test_history_has_one_number_an_epoch(plan, validation):
    x, y = regression()
    held = {"pair": (x[:11], y[:11]), "fraction": 0.2, None: None}[validation]
    run = jaxnet.fit(
        linear(3, 2), (x, y), loss=squared, metrics={"mae": absolute}, epochs=4, batch_size=10,
        key=jax.random.key(0), validation=held, plan=plan,
    )  # fmt: skip
    names = {"loss", "mae"} | ({"val_loss", "val_mae"} if validation else set())
    assert {name: values.shape for name, values in run.history.items()} == dict.fromkeys(names, (4,))
    if validation == "pair":
        measured = jaxnet.evaluate(linear(3, 2), run.params, held, loss=squared, metrics={"mae": absolute})
        np.testing.assert_allclose(run.history["val_loss"][-1], measured["loss"], rtol=1e-6)
        np.testing.assert_allclose(run.history["val_mae"][-1], measured["mae"], rtol=1e-6)


def test_evaluate_and_predict_do_not_depend_on_the_batch_size():
    net, (x, y) = linear(3, 2), regression(23)
    params = net.init(jax.random.key(0))
    expected = x @ np.asarray(params["w"]) + np.asarray(params["b"])
    for size in (1, 5, 23, 100):
        np.testing.assert_allclose(jaxnet.predict(net, params, x, batch_size=size), expected, rtol=1e-5)
        measured = jaxnet.evaluate(net, params, (x, y), loss=squared, batch_size=size)
        np.testing.assert_allclose(measured["loss"], ((expected - y) ** 2).mean(), rtol=1e-5)


def test_metrics_of_the_whole_set_are_evaluated():
    x, y = regression(30)
    labels, net = (y[:, 0] > 0).astype(int), linear(3, 2)
    params = net.init(jax.random.key(0))
    measured = jaxnet.evaluate(
        net, params, (x, labels), loss=losses.cross_entropy, batch_size=8,
        metrics={"f1": metrics.f1, "accuracy": metrics.accuracy, "table": metrics.confusion_matrix},
    )  # fmt: skip
    guess = np.argmax(jaxnet.predict(net, params, x), axis=1)
    table = np.array([[((labels == i) & (guess == j)).sum() for j in (0, 1)] for i in (0, 1)])
    assert list(measured) == ["loss", "f1", "accuracy", "table"]
    np.testing.assert_array_equal(measured["table"], table)
    np.testing.assert_allclose(measured["accuracy"], np.trace(table) / 30, rtol=1e-6)
    of_class = [2 * table[k, k] / (table[k].sum() + table[:, k].sum()) for k in (0, 1)]
    np.testing.assert_allclose(measured["f1"], np.mean(of_class), rtol=1e-6)


def test_yes_and_no_as_integers_are_no_classes():
    x, y = regression(20)
    labels = (y[:, 0] > 0).astype(int)
    run = jaxnet.fit(
        linear(3, 1), (x, labels), loss=losses.binary_cross_entropy, epochs=1, batch_size=20,
        params={"w": jnp.zeros((3, 1)), "b": jnp.zeros(1)}, key=jax.random.key(0),
    )  # fmt: skip
    np.testing.assert_allclose(run.history["loss"], np.log(2), rtol=1e-6)


def compilations(function):
    """How many programs JAX compiles while the function runs."""
    seen = []

    def listen(event, duration, **_):
        if event == "/jax/core/compile/backend_compile_duration":
            seen.append(duration)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        function()
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    return len(seen)


@pytest.mark.parametrize("plan", KINDS)
def test_a_second_fit_of_the_same_shapes_compiles_nothing(plan):
    def once(rate=0.01, seed=0, epochs=3):
        x, y = regression(40, seed)
        jaxnet.fit(
            two_layers(3, 4, 2), (x[:33], y[:33]), loss=squared, optimizer=optax.adam(rate), epochs=epochs,
            batch_size=8, key=jax.random.key(seed), validation=(x[33:], y[33:]), metrics={"mae": absolute},
            plan=plan,
        )  # fmt: skip

    assert compilations(once) > 0
    assert compilations(lambda: once(seed=1)) == 0
    assert compilations(lambda: once(rate=0.02)) > 0  # the counter counts
    by_name = {"optimizer": "adam", "loss": squared, "epochs": 2, "key": jax.random.key(0), "plan": plan}
    jaxnet.fit(linear(3, 2), regression(), learning_rate=0.1, **by_name)
    assert compilations(lambda: jaxnet.fit(linear(3, 2), regression(), learning_rate=0.2, **by_name)) == 0


BAD = {
    "lengths": (dict(data=([[1.0, 2.0]], [[1.0], [2.0]])), ValueError, "as many targets as inputs"),
    "empty": (dict(data=(np.zeros((0, 2)), np.zeros((0, 1)))), ValueError, "no example"),
    "NaN": (dict(data=([[np.nan, 2.0]], [[1.0]])), ValueError, "NaN or infinite"),
    "batch": (dict(batch_size=9), ValueError, "batch_size is 9 but there are 1"),
    "optimizer": (dict(optimizer="adamm"), ValueError, "there is no optimizer 'adamm'; did you mean 'adam'"),
    "rate": (dict(optimizer=optax.adam(0.1), learning_rate=0.1), ValueError, "its own learning rate"),
    "rate as text": (dict(learning_rate="a"), ValueError, "learning_rate must be"),
    "negative rate": (dict(learning_rate=-0.1), ValueError, "learning_rate must be"),
    "dtype": (dict(compute_dtype="float17"), TypeError, "compute_dtype must be"),
    "integers": (dict(compute_dtype=int), TypeError, "compute_dtype must be"),
    "metrics": (dict(metrics=["accuracy"]), TypeError, "metrics must be a mapping"),
    "a metric's name": (dict(metrics={"loss": squared}), TypeError, "metrics must be a mapping"),
    "key": (dict(key=0), TypeError, "typed key"),
    "epochs": (dict(epochs=0), ValueError, "epochs to be at least 1"),
    "plan": (dict(plan="fast"), ValueError, "there is no plan 'fast'"),
    "l2": (dict(l2=-1.0), ValueError, "l2 must be"),
    "fraction": (dict(validation=1.5), ValueError, "between 0 and 1"),
    "text": (dict(data=([["a", "b"]], [[1.0]])), TypeError, "an array of numbers, got list of dtype <U1"),
    "net": (dict(net=3), TypeError, "expected a network"),
    "loss": (dict(loss="mse!"), ValueError, "no loss 'mse!'"),
    "mean loss": (dict(loss=lambda outputs, targets: outputs.mean()), ValueError, "one value per example"),
    "not a pair": (dict(data=np.zeros((3, 2))), TypeError, "pair (x, y)"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(case):
    changes, error, words = BAD[case]
    arguments = {
        "net": linear(2, 1), "data": ([[1.0, 2.0]], [[1.0]]), "loss": squared, "key": jax.random.key(0),
        "epochs": 1,
    } | changes  # fmt: skip
    with pytest.raises(error) as caught:
        jaxnet.fit(arguments.pop("net"), arguments.pop("data"), **arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_outside_the_classes_are_refused():
    def cross(outputs, targets):
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], axis=1)[:, 0]

    with pytest.raises(ValueError, match="labels go from 0 to 2 but the network has 2 outputs"):
        jaxnet.fit(linear(2, 2), (np.ones((3, 2)), np.array([0, 1, 2])), loss=cross, key=jax.random.key(0))
