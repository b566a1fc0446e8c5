"""The learning-rate search against a run by hand and against theory."""

import jax
import numpy as np
import pytest

import jaxnet
import jaxnet.training.feed.order
from jaxnet import losses
from jaxnet.training import learning_rate

X = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
Y = (X @ [[1.0], [-2.0]]).astype(np.float32)


def search(**changes):
    arguments = {"loss": losses.mse, "key": jax.random.key(0), "optimizer": "sgd", "batch_size": 16} | changes
    return jaxnet.find_learning_rate(jaxnet.dense(1), arguments.pop("data", (X, Y)), **arguments)


@pytest.mark.parametrize("plan", ["run", "loop"])
def test_the_losses_are_those_of_a_run_by_hand(plan):
    params = {"w": np.array([[0.5], [0.5]], np.float32), "b": np.zeros(1, np.float32)}
    found = search(params=params, lowest=1e-4, highest=1e-1, steps=12, plan=plan)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-4, 1e-1, 12))
    words = jaxnet.training.feed.order.key_bits(jax.random.key(0))
    order = np.concatenate(
        [jaxnet.training.feed.order.epoch_order(words, epoch, 64, 16) for epoch in range(3)]
    )
    w, b = params["w"].astype(float), params["b"].astype(float)
    for rate, index, value in zip(found.rates, order, found.losses, strict=False):
        error = X[index] @ w + b - Y[index]
        np.testing.assert_allclose(value, (error**2).mean(), rtol=1e-4)
        w, b = w - rate * 2 * X[index].T @ error / 16, b - rate * 2 * error.mean(0)


def test_the_figures_end_where_the_loss_runs_away():
    # gradient descent on this bowl runs away for rates beyond 2 / (largest curvature), about 1
    noise = np.random.default_rng(1).normal(size=Y.shape).astype(np.float32)
    found = search(data=(X, Y + noise), steps=200, batch_size=64)
    curvature = np.linalg.eigvalsh(2 * np.c_[X, np.ones(64)].T @ np.c_[X, np.ones(64)] / 64)[-1]
    assert len(found.rates) < 200
    assert found.suggestion < 2 / curvature < found.rates[-1]
    assert found.suggestion > 1e-3
    assert len(found.rates) == len(found.losses) == len(found.smoothed)


def test_the_steepest_fall_is_found():
    grid = np.geomspace(1e-4, 1, 60)
    found = learning_rate._judge(grid, 1 - 1 / (1 + np.exp(-8 * (np.log10(grid) + 2))))  # a fall at 0.01
    assert 0.005 < found.suggestion < 0.05  # the average lags behind


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"lowest": 1.0, "highest": 0.1}, "lowest < highest"), ({"steps": 3}, "at least 10")],
    ids=["rates", "steps"],
)
def test_bad_input_gets_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words):
        search(**changes)


@pytest.mark.parametrize("name", ["epochs", "validation", "learning_rate", "metrics", "on_epoch", "caller"])
def test_an_option_that_it_does_not_take_is_named(name):
    with pytest.raises(TypeError, match=f"^find_learning_rate: there is no option '{name}'; the options are"):
        search(**{name: 3})
