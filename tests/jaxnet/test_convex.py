"""Networks without a hidden layer are convex problems, whose one solution is known by other means."""

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import losses


def test_linear_network_reaches_the_least_squares_solution():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3)).astype(np.float32)
    y = (x @ [[1.0], [-2.0], [0.5]] + 0.7 + 0.3 * rng.normal(size=(40, 1))).astype(np.float32)
    run = jaxnet.fit(
        jaxnet.mlp("3-1"), (x, y), loss=losses.mse, optimizer="momentum", learning_rate=0.05,
        epochs=400, batch_size=40, key=jax.random.key(0), progress=False,
    )  # fmt: skip
    solution, squares, *_ = np.linalg.lstsq(np.c_[x, np.ones(40)], y, rcond=None)
    (layer,) = run.params
    np.testing.assert_allclose(np.r_[layer["w"][:, 0], layer["b"]], solution[:, 0], atol=2e-5)
    assert run.history["loss"][-1] == pytest.approx(squares[0] / 40, rel=1e-5)


def test_softmax_network_reaches_logistic_regression():
    """Its penalty is w^2 / (2 C) beside the sum of the losses: the gradient of the mean gets w / (C n)."""
    datasets = pytest.importorskip("sklearn.datasets")
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y = datasets.load_iris(return_X_y=True)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    strength = 0.5
    run = jaxnet.fit(
        jaxnet.mlp("4-3"), (x, y), loss=losses.cross_entropy, optimizer="momentum", learning_rate=0.8,
        epochs=1500, batch_size=150, l2=1 / (strength * 150), key=jax.random.key(0), progress=False,
    )  # fmt: skip
    model = linear_model.LogisticRegression(C=strength, tol=1e-10, max_iter=10_000).fit(x.astype(float), y)
    (layer,) = run.params
    np.testing.assert_allclose(layer["w"].T, model.coef_, atol=1e-4)
    # only differences between biases matter
    np.testing.assert_allclose(
        layer["b"] - layer["b"].mean(), model.intercept_ - model.intercept_.mean(), atol=1e-4
    )
