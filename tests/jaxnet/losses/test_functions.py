"""Losses: values by hand, derivatives against grad, large logits, and what they refuse."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxnet import losses

L3 = np.log(3.0)
BY_HAND = {
    "mse": ([[1.0, 2.0]], [[0.0, 4.0]], 2.5),
    "mae": ([[1.0, 2.0]], [[0.0, 4.0]], 1.5),
    "huber": ([[0.5, 3.0]], [[0.0, 0.0]], (0.125 + 2.5) / 2),
    "log_cosh": ([[np.log(2.0)]], [[0.0]], np.log(1.25)),
    "binary_cross_entropy": ([[L3, L3]], [[1.0, 0.0]], (np.log(4 / 3) + np.log(4.0)) / 2),
    "cross_entropy": ([[0.0, L3]], [1], np.log(4 / 3)),
    "kl_divergence": ([[0.0, L3]], [[0.5, 0.5]], np.log(0.5) - 0.5 * np.log(0.25 * 0.75)),
    "hinge": ([[0.5, -2.0]], [[1.0, 1.0]], (0.5 + 3.0) / 2),
    "squared_hinge": ([[0.5, -2.0]], [[1.0, 1.0]], (0.25 + 9.0) / 2),
}


def case(name, seed=0):
    """Outputs and targets of a random batch for one loss."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(4, 3)) * 2
    targets = {
        "binary_cross_entropy": rng.integers(0, 2, (4, 3)),
        "cross_entropy": rng.integers(0, 3, 4),
        "kl_divergence": rng.dirichlet(np.ones(3), 4),
        "hinge": rng.choice([-1.0, 1.0], (4, 3)),
        "squared_hinge": rng.choice([-1.0, 1.0], (4, 3)),
    }
    return y, targets.get(name, rng.normal(size=(4, 3)))


def test_every_loss_is_worked_by_hand():
    assert set(BY_HAND) == set(losses.TABLE)


@pytest.mark.parametrize("name", BY_HAND)
def test_value_by_hand(name):
    outputs, targets, value = BY_HAND[name]
    got = losses.get(name)(jnp.array(outputs), jnp.array(targets))
    np.testing.assert_allclose(got, [value], rtol=2e-6)


@pytest.mark.parametrize("name", losses.TABLE)
def test_derivative_equals_grad(name):
    with jax.enable_x64(True):
        y, t = case(name)
        y, t = jnp.array(y), jnp.array(t)
        by_grad = jax.grad(lambda y: losses.get(name)(y, t).sum())(y)
        np.testing.assert_allclose(losses.derivative(name)(y, t), by_grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_smoothed_derivative_equals_grad(name):
    y, t = case(name)
    with jax.enable_x64(True):
        loss = functools.partial(losses.get(name), smoothing=0.2)
        by_grad = jax.grad(lambda y: loss(y, t).sum())(jnp.array(y))
        np.testing.assert_allclose(losses.derivative(loss)(jnp.array(y), t), by_grad, atol=1e-12)
        own = jax.grad(lambda y: losses.get(name)(y, t).sum())(jnp.array(y))
        assert not np.allclose(by_grad, own, atol=1e-3)


def test_own_loss_has_a_derivative():
    quartic = lambda y, t: jnp.sum((y - t) ** 4, axis=-1)  # noqa: E731
    got = losses.derivative(quartic)(jnp.array([[1.0, 2.0]]), jnp.array([[0.0, 0.0]]))
    assert got.tolist() == [[4.0, 32.0]]


def test_class_numbers_equal_one_hot_rows():
    y, t = case("cross_entropy")
    hot = np.eye(3)[t]
    for loss in (losses.cross_entropy, losses.smoothed(0.1)):
        np.testing.assert_allclose(loss(y, t), loss(y, hot), rtol=1e-6)


def test_smoothed_is_one_function():
    assert losses.smoothed(0.1) is losses.smoothed(0.1)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy", "kl_divergence", "log_cosh"])
def test_large_outputs_are_finite(name):
    z = jnp.array([[1e4, -1e4, 0.0]])
    t = jnp.array([1]) if name == "cross_entropy" else jnp.array([[0.0, 1.0, 0.0]])
    loss = losses.get(name)
    assert np.isfinite(loss(z, t)).all()
    assert np.isfinite(jax.grad(lambda z: loss(z, t).sum())(z)).all()


def test_sequences_are_averaged_for_each_example():
    z = jnp.zeros((2, 5, 4))
    np.testing.assert_allclose(losses.cross_entropy(z, jnp.zeros((2, 5), int)), [np.log(4)] * 2, rtol=1e-6)
    assert losses.mse(z, z + 1.0).tolist() == [1.0, 1.0]


def test_missing_last_axis_is_no_broadcast():
    assert losses.mse(jnp.zeros((3, 1)), jnp.array([1.0, 2.0, 3.0])).tolist() == [1.0, 4.0, 9.0]


def test_unseen_class_gives_nan_under_jit():
    assert np.isnan(jax.jit(losses.cross_entropy)(jnp.zeros((1, 3)), jnp.array([7]))).all()


Z = np.zeros((4, 3))
REFUSED = {
    "shape": (
        losses.mse,
        Z,
        np.zeros((4, 2)),
        ValueError,
        r"mse: expected targets .* \(4, 3\), got \(4, 2\)",
    ),
    "scalar": (losses.mae, 1.0, 1.0, ValueError, "mae: expected outputs of shape"),
    "classes": (losses.cross_entropy, Z, [0, 1, 2, 3], ValueError, "from 0 to 2, got values from 0 to 3"),
    "negative": (losses.cross_entropy, Z, [0, -1, 2, 1], ValueError, "from 0 to 2, got values from -1"),
    "floats": (losses.cross_entropy, Z, [0.0, 1.0, 2.0, 1.0], TypeError, "as integers, got float32"),
    "length": (losses.cross_entropy, Z, [0, 1], ValueError, r"class numbers of shape \(4,\)"),
    "probability": (losses.binary_cross_entropy, Z, Z + 3, ValueError, r"in \[0, 1\], got values from 3"),
    "signs": (losses.hinge, Z, Z, ValueError, "hinge: expected targets -1 or"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refuses(what):
    loss, outputs, targets, error, words = REFUSED[what]
    with pytest.raises(error, match=words):
        loss(outputs, np.array(targets))


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_refuses_smoothing(rate):
    with pytest.raises(ValueError, match=r"smoothing in \[0, 1\)"):
        losses.smoothed(rate)


def test_unknown_name():
    with pytest.raises(ValueError, match="no loss 'msee'; did you mean 'mse'"):
        losses.get("msee")


@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.kl_divergence])
@pytest.mark.parametrize("row", [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.5, 0.1, 0.1]])
def test_rows_of_several_labels_are_no_classes(loss, row):
    targets = np.array([[0.2, 0.3, 0.5], row], np.float32)
    with pytest.raises(ValueError, match="rows of targets that sum to 1"):
        loss(np.zeros((2, 3), np.float32), targets)
    assert loss(np.zeros((1, 3), np.float32), targets[:1]).shape == (1,)
