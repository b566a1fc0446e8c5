"""What a network ends in, and which losses and metrics go with it."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import losses, metrics
from jaxnet.training.compiled.endings import endings, takes_logits

KEY = jax.random.key(0)
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 2)).astype(np.float32)
YES = (X[:, 0] > 0).astype(int)
OWN = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: 1 / (1 + jnp.exp(-x)), name="own")


@pytest.mark.parametrize(
    ("ending", "loss", "net"),
    [
        ("sigmoid", "binary_cross_entropy", jaxnet.serial(jaxnet.dense(1), jaxnet.sigmoid)),
        ("sigmoid", losses.smoothed(0.1, losses.binary_cross_entropy), jaxnet.mlp("2-3-1", output="sigmoid")),
        ("sigmoid", "binary_cross_entropy", jaxnet.serial(jaxnet.dense(1), OWN)),
        ("sigmoid", "cross_entropy", jaxnet.serial(jaxnet.dense(2), jaxnet.sigmoid, jaxnet.dropout(0.1))),
        ("softmax", "cross_entropy", jaxnet.mlp("2-2", output="softmax")),
        (
            "softmax",
            functools.partial(losses.cross_entropy, smoothing=0.1),
            jaxnet.mlp("2-2", output="softmax"),
        ),
    ],
    ids=["serial", "smoothed", "custom", "dropout", "softmax", "partial"],
)
@pytest.mark.parametrize("who", ["fit", "evaluate", "fit_many"])
def test_a_second_sigmoid_is_refused(who, ending, loss, net):
    calls = {
        "fit": lambda: jaxnet.fit(net, (X, YES), loss=loss, key=KEY),
        "evaluate": lambda: jaxnet.evaluate(net, net.init(KEY, (2,)), (X, YES), loss=loss),
        "fit_many": lambda: jaxnet.fit_many(net, (X, YES), keys=KEY, loss=loss),
    }
    with pytest.raises(
        ValueError, match=f"{who}: the network ends in {ending}, but .* takes logits"
    ) as caught:
        calls[who]()
    assert f"leave out the last {ending}" in str(caught.value)


def test_logits_train_and_other_losses_take_a_sigmoid():
    run = jaxnet.fit(
        jaxnet.dense(1), (X, YES), loss="binary_cross_entropy", learning_rate=0.1, epochs=10, key=KEY,
        metrics={"accuracy": metrics.binary_accuracy},
    )  # fmt: skip
    assert run.history["accuracy"][-1] > 0.97
    assert takes_logits(losses.mse) is None


@pytest.mark.parametrize("last", ["sigmoid", "own"])
def test_metrics_know_that_outputs_are_probabilities(last):
    net = jaxnet.serial(jaxnet.dense(1), jaxnet.sigmoid if last == "sigmoid" else OWN)
    asked = {"accuracy": metrics.binary_accuracy, "f1": metrics.f1, "error": metrics.calibration_error}
    run = jaxnet.fit(
        net, (X, YES), loss="mse", learning_rate=0.3, epochs=10, key=KEY, validation=(X, YES), metrics=asked
    )
    found = jaxnet.evaluate(net, run, (X, YES), metrics=asked)
    right = (np.asarray(jaxnet.predict(net, run, X))[:, 0] > 0.5) == YES
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["accuracy"] == pytest.approx(run.history["val_accuracy"][-1])
    assert found["f1"] == pytest.approx(run.history["val_f1"][-1])
    assert found["f1"] > 0.95
    assert found["error"] < 0.3
    strict = functools.partial(metrics.binary_accuracy, threshold=0.99)
    assert jaxnet.evaluate(net, run, (X, YES), metrics={"a": strict})["a"] < 0.9


def test_endings_are_found_through_moves_and_calls():
    def outputs(x):
        return jax.nn.sigmoid(x)[:, None], jax.jit(jax.nn.softmax)(x), 2 * jax.nn.sigmoid(x), x

    assert endings(jax.make_jaxpr(outputs)(jnp.ones(3)).jaxpr) == ("sigmoid", "softmax", "", "")


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_scores_of_either_sign_do_not_end_in_a_sigmoid(loss):
    net = jaxnet.serial(jaxnet.dense(1), jaxnet.sigmoid)
    x = np.linspace(-1, 1, 8, dtype=np.float32)[:, None]
    with pytest.raises(ValueError, match=f"ends in sigmoid, but {loss} takes scores of either sign"):
        jaxnet.fit(net, (x, np.sign(x).astype(int)), loss=loss, key=jax.random.key(0))
