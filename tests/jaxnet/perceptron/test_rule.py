"""The perceptron against numbers worked by hand, the learning rule in exact arithmetic, and its bound."""

from fractions import Fraction

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given

from jaxnet import perceptron

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
AND, OR, XOR, NAND = ([0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 1, 1, 0])

grid = st.integers(-4, 4)


def test_init_is_zero():
    p = perceptron.init(3)
    np.testing.assert_array_equal(p["w"], [0, 0, 0])
    assert p["b"] == 0
    assert p["w"].dtype == p["b"].dtype == jnp.float32
    assert perceptron.init(3, jnp.bfloat16)["w"].dtype == jnp.bfloat16


def test_net_input_by_hand():
    p = {"w": jnp.array([0.5, -2.0, 1.0]), "b": jnp.array(0.25)}
    assert perceptron.net_input(p, jnp.array([2.0, 0.5, -1.0])) == -0.75
    np.testing.assert_array_equal(
        perceptron.net_input(p, jnp.array([[[2.0, 0.5, -1.0], [0, 0, 0]]])), [[-0.75, 0.25]]
    )


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.0, [0, 0, 1]), (0.5, [0, 0, 0]), (-1.5, [1, 1, 1]), (-1.0, [0, 1, 1])]
)
def test_the_answer_at_the_threshold_is_zero(threshold, expected):
    p = {"w": [1.0], "b": 0.0}
    np.testing.assert_array_equal(
        perceptron.predict(p, [[-1.0], [0.0], [0.5]], threshold=threshold), expected
    )


@pytest.mark.parametrize(
    ("t", "w", "b"),
    [
        pytest.param(1, [0.75, -0.25], -0.25, id="t=1,y=0: towards x"),
        pytest.param(0, [0.5, -0.5], -0.5, id="t=0,y=0: no change"),
    ],
)
def test_update_by_hand(t, w, b):
    # z = 0.5 - 0.5 - 0.5 = -0.5, so y = 0
    new = perceptron.update({"w": [0.5, -0.5], "b": -0.5}, [1.0, 1.0], t, 0.25)
    np.testing.assert_array_equal(new["w"], w)
    assert new["b"] == b


def test_update_away_from_x():
    new = perceptron.update({"w": [1.0, 1.0], "b": 0.0}, [1.0, 2.0], 0, 0.5)
    np.testing.assert_array_equal(new["w"], [0.5, 0.0])
    assert new["b"] == -0.5


@pytest.mark.parametrize("error", [-1.0, 0.0, 1.0, 0.5])
def test_correct_by_hand(error):
    new = perceptron.correct({"w": [0.5, -0.5], "b": 0.25}, [1.0, 2.0], error, 0.5)
    np.testing.assert_array_equal(new["w"], [0.5 + 0.5 * error, -0.5 + error])
    assert new["b"] == 0.25 + 0.5 * error


def rule(X, t, rate, theta, max_epochs):
    """The learning rule in exact fractions, in plain Python."""
    w, b, mistakes = [Fraction(0)] * len(X[0]), Fraction(0), []
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, t, strict=True):
            y = int(sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b > theta)
            if y != target:
                wrong += 1
                w = [wi + rate * (target - y) * xi for wi, xi in zip(w, x, strict=True)]
                b += rate * (target - y)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes


@given(
    data=st.lists(st.tuples(st.tuples(grid, grid), st.integers(0, 1)), min_size=5, max_size=5),
    rate=st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(2)]),
    theta=st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(-1)]),
)
def test_fit_follows_the_rule_exactly(data, rate, theta):
    X, t = [x for x, _ in data], [target for _, target in data]
    run = perceptron.fit(perceptron.init(2), X, t, float(rate), max_epochs=20, threshold=float(theta))
    w, b, mistakes = rule(X, t, rate, theta, 20)
    np.testing.assert_array_equal(run.params["w"], np.array([float(v) for v in w]))
    assert run.params["b"] == float(b)
    assert run.mistakes.tolist() == mistakes
    assert run.epochs == len(mistakes)
    assert run.updates == sum(mistakes)
    assert run.converged is (mistakes[-1] == 0)


@pytest.mark.parametrize("t", [AND, OR, NAND], ids=["AND", "OR", "NAND"])
def test_gates_are_learned(t):
    run = perceptron.fit(perceptron.init(2), POINTS, t)
    assert run.converged
    np.testing.assert_array_equal(perceptron.predict(run.params, POINTS), t)


def test_xor_is_never_learned():
    run = perceptron.fit(perceptron.init(2), POINTS, XOR, max_epochs=500)
    assert not run.converged
    assert run.epochs == 500
    assert run.mistakes.min() > 0


def test_double_precision_is_kept():
    with jax.enable_x64(True):
        p = {"w": jnp.array([0.1, 0.2]), "b": jnp.array(-0.3)}
        z = jax.jit(jax.vmap(perceptron.net_input))(
            {"w": p["w"].reshape(1, 2), "b": p["b"].reshape(1)}, jnp.array([[1.0, 1.0]])
        )
        assert z.dtype == jnp.float64
        np.testing.assert_allclose(z, [0.1 + 0.2 - 0.3], atol=1e-16)
        new = perceptron.update({"w": [0.1, 0.2], "b": -0.5}, [1, 1], 1, 0.1)
        assert new["w"].dtype == jnp.float64
        np.testing.assert_allclose(new["w"], [0.2, 0.30000000000000004], rtol=1e-15)


def test_under_jit_and_vmap_equals_plain():
    rng = np.random.default_rng(0)
    W, B = rng.integers(-3, 4, (7, 2)).astype(np.float32), rng.integers(-3, 4, 7).astype(np.float32)
    X, t = rng.integers(-3, 4, (7, 2)).astype(np.float32), rng.integers(0, 2, 7).astype(np.float32)
    stacked = {"w": jnp.asarray(W), "b": jnp.asarray(B)}
    many = jax.jit(jax.vmap(perceptron.update, in_axes=(0, 0, 0, None)))(stacked, X, t, 0.5)
    answers = jax.jit(jax.vmap(perceptron.predict))(stacked, X)
    for i in range(7):
        one = perceptron.update({"w": W[i], "b": B[i]}, X[i], t[i], 0.5)
        np.testing.assert_array_equal(many["w"][i], one["w"])
        np.testing.assert_array_equal(many["b"][i], one["b"])
        assert answers[i] == perceptron.predict({"w": W[i], "b": B[i]}, X[i])


def test_fit_under_vmap_equals_plain():
    labels = jnp.array([AND, OR, XOR, NAND], jnp.float32)
    many = jax.jit(jax.vmap(lambda t: perceptron.fit(perceptron.init(2), POINTS, t, max_epochs=12)))(labels)
    for i in range(4):
        one = perceptron.fit(perceptron.init(2), POINTS, labels[i], max_epochs=12)
        np.testing.assert_array_equal(many.params["w"][i], one.params["w"])
        assert many.mistakes[i, : one.epochs].tolist() == one.mistakes.tolist()
        assert not many.mistakes[i, one.epochs :].any()
        assert (many.converged[i], many.epochs[i], many.updates[i]) == (
            one.converged,
            one.epochs,
            one.updates,
        )


def test_known_arrays_inside_a_traced_function():
    rate, t = jnp.array(0.5), jnp.array(AND, jnp.float32)
    run = jax.jit(lambda x: perceptron.fit(perceptron.init(2), x, t, rate))(POINTS)
    np.testing.assert_array_equal(
        run.params["w"], perceptron.fit(perceptron.init(2), POINTS, t, rate).params["w"]
    )


def test_a_second_fit_compiles_nothing(caplog):
    perceptron.fit(perceptron.init(2), POINTS, AND, 0.5)
    with jax.log_compiles(), caplog.at_level("WARNING"):
        perceptron.fit(perceptron.init(2), POINTS, OR, 0.25, threshold=0.5)
    assert not [record for record in caplog.records if "Compiling jit(_fit)" in record.getMessage()]


P = {"w": [1.0, 1.0], "b": 0.0}
BAD = {
    "width": (
        lambda: perceptron.net_input(P, [1.0, 2.0, 3.0]),
        r"net_input: expected x of shape \(\.\.\., 2\)",
    ),
    "scalar": (lambda: perceptron.predict(P, 1.0), r"predict: expected x of shape"),
    "nan": (lambda: perceptron.predict(P, [np.nan, 0.0]), "finite numbers in x, got nan at index 0"),
    "ragged": (lambda: perceptron.predict(P, [[0.0], [0.0, 1.0]]), "rows of different lengths"),
    "text": (lambda: perceptron.predict(P, ["a", "b"]), "as an array of numbers, got list"),
    "object": (lambda: perceptron.predict(P, np.array([None, 1.0])), "dtype object"),
    "params": (lambda: perceptron.predict([1.0, 1.0], [0.0, 0.0]), "expected parameters"),
    "params shape": (lambda: perceptron.predict({"w": [[1.0]], "b": 0.0}, [0.0]), r"w of shape \(n,\)"),
    "params nan": (lambda: perceptron.predict({"w": [np.inf], "b": 0.0}, [0.0]), "finite numbers in w"),
    "batch": (lambda: perceptron.update(P, [[0.0, 0.0]], [1], 1.0), "one example"),
    "correct": (lambda: perceptron.correct(P, [[0.0, 0.0]], 1.0), "one input of shape"),
    "label": (lambda: perceptron.update(P, [0.0, 0.0], 2, 1.0), "labels 0 and 1, got 2"),
    "labels": (lambda: perceptron.fit(P, POINTS, [0, 1, -1, 1]), "labels 0 and 1, got -1"),
    "label nan": (
        lambda: perceptron.fit(P, POINTS, [0, 1, np.nan, 1]),
        "finite numbers in t, got nan at index 2",
    ),
    "lengths": (lambda: perceptron.fit(P, POINTS, [0, 1]), r"X of shape \(N, 2\) and t of shape \(N,\)"),
    "empty": (lambda: perceptron.fit(P, np.zeros((0, 2)), np.zeros(0)), "at least one example"),
    "data nan": (lambda: perceptron.fit(P, [[0.0, np.nan]], [0]), r"got nan at index \(0, 1\)"),
    "epochs": (lambda: perceptron.fit(P, POINTS, AND, max_epochs=0), "max_epochs to be at least 1, got 0"),
    "inputs": (lambda: perceptron.init(2.5), "to be a whole number, got 2.5"),
    "epochs text": (
        lambda: perceptron.fit(P, POINTS, AND, max_epochs="many"),
        "to be a whole number, got 'many'",
    ),
    "rate": (lambda: perceptron.fit(P, POINTS, AND, 0.0), "learning_rate above 0"),
    "rate nan": (lambda: perceptron.fit(P, POINTS, AND, np.nan), "finite numbers in learning_rate"),
    "rate shape": (lambda: perceptron.fit(P, POINTS, AND, [0.1, 0.2]), "one number for learning_rate"),
    "no inputs": (lambda: perceptron.init(0), "the number of inputs, to be at least 1, got 0"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert str(caught.value).startswith("perceptron.")
    assert "\n" not in str(caught.value)
