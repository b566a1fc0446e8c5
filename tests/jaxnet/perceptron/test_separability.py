"""Planes and proofs, each checked in exact fractions; the mistake bound against another solver."""

import itertools
from fractions import Fraction

import hypothesis.strategies as st
import jax
import numpy as np
import pytest
from hypothesis import assume, example, given
from scipy.optimize import minimize

from jaxnet import perceptron
from jaxnet.perceptron import separability

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}


def assert_decided(X, t):
    """Exactly one of plane and proof exists, and it holds in exact arithmetic; True if it is the plane."""
    plane, proof = perceptron.separating_plane(X, t), perceptron.inseparability_proof(X, t)
    assert (plane is None) != (proof is None)
    X = [[Fraction(float(v)) for v in row] for row in X]
    if plane is not None:
        for row, target in zip(X, t, strict=True):
            z = Fraction(float(plane["b"])) + sum(
                Fraction(w) * v for w, v in zip(plane["w"], row, strict=True)
            )
            assert z > 0 if target else z < 0
        return True
    assert min(proof.weights) >= 0
    for side in (0, 1):
        mine = [
            (weight, row) for weight, row, target in zip(proof.weights, X, t, strict=True) if target == side
        ]
        assert sum(weight for weight, _ in mine) == 1
        assert tuple(sum(weight * row[k] for weight, row in mine) for k in range(len(X[0]))) == proof.point
    return False


grid = st.integers(-3, 3).map(float)
labelled = st.lists(st.tuples(st.tuples(grid, grid), st.integers(0, 1)), min_size=1, max_size=9)


@given(data=labelled)
@example(data=[((1.0, 2.0), 0), ((1.0, 2.0), 1)])
@example(data=[((1.0, 2.0), 1), ((1.0, 2.0), 1)])
def test_plane_or_proof_on_a_grid(data):
    assert_decided([x for x, _ in data], [t for _, t in data])


@given(
    data=st.lists(
        st.tuples(st.tuples(*[st.floats(-1e3, 1e3, width=32)] * 3), st.integers(0, 1)), min_size=1, max_size=8
    )
)
def test_plane_or_proof_on_any_floats(data):
    assert_decided([x for x, _ in data], [t for _, t in data])


@pytest.mark.parametrize(("inputs", "separable"), [(1, 4), (2, 14), (3, 104)])
def test_how_many_truth_tables_are_separable(inputs, separable):
    # Saburo Muroga, Threshold logic and its applications, 1971: 4, 14, 104, 1882, ...
    corners = list(itertools.product([0, 1], repeat=inputs))
    tables = itertools.product([0, 1], repeat=len(corners))
    assert sum(perceptron.separating_plane(corners, table) is not None for table in tables) == separable


NARROW = {
    "gap of 1e-9 beside 1": ([[0.0], [1e-9], [1.0]], [0, 1, 1], True),
    "gap of 1e-300 beside 1": ([[0.0], [1e-300], [1.0]], [0, 1, 1], True),
    "middle point a rounding off the line": ([[0, 0], [1, 1], [0.5, 0.5 + 2**-52]], [0, 0, 1], True),
    "middle point on the line": ([[0, 0], [1, 1], [0.5, 0.5]], [0, 0, 1], False),
    "middle point inside by a rounding": ([[0, 0], [1, 1], [1, 0], [0.5, 0.5 - 2**-53]], [0, 0, 0, 1], False),
    "far from the origin": ([[1e9, 0], [1e9, 1], [1e9, 2]], [0, 1, 0], False),
    "a constant feature": ([[5, 0], [5, 1]], [0, 1], True),
    "wildly different scales": ([[1e-8, 1e8], [2e-8, 1e8], [1e-8, 2e8], [2e-8, 2e8]], [0, 1, 1, 0], False),
}


@pytest.mark.parametrize(("X", "t", "separable"), NARROW.values(), ids=NARROW)
def test_narrow_cases_are_decided_exactly(X, t, separable):
    assert assert_decided(X, t) is separable


def test_a_gap_too_narrow_for_floats_is_no_proof():
    X, t = [[0, 0], [3, 1], [1, 1 / 3]], [0, 0, 1]  # the float 1/3 lies 2^-54/3 off the line
    assert perceptron.inseparability_proof(X, t) is None
    for ask in (perceptron.separating_plane, perceptron.mistake_bound):
        with pytest.raises(ArithmeticError, match="so narrowly"):
            ask(X, t)


@pytest.mark.parametrize("seed", range(4))
def test_the_fractions_alone_agree(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(-4, 5, (12, 3)).astype(float)
    t = rng.integers(0, 2, 12) if seed % 2 else (X @ [1, -2, 3] > 0.5).astype(int)
    weights, normal = separability._exact_programme(X, np.where(t == 1, 1.0, -1.0))
    assert (weights is None) is assert_decided(X, t)
    if weights is None:
        z = X @ normal
        assert z[t == 1].min() > z[t == 0].max()


def test_random_labels_in_many_features():
    X = np.random.default_rng(0).normal(size=(100, 20)).astype(np.float32)
    assert not assert_decided(X, np.arange(100) % 2)
    assert assert_decided(X[:20], np.arange(20) % 2)  # as many points as features: always separable


def test_beyond_the_exact_size():
    X = np.random.default_rng(0).normal(size=(300, 70))
    proof = perceptron.inseparability_proof(X, np.arange(300) % 2)
    weights = np.array(proof.weights, float)
    np.testing.assert_allclose(weights[1::2] @ X[1::2], weights[::2] @ X[::2], atol=1e-8)
    np.testing.assert_allclose([weights[1::2].sum(), weights[::2].sum()], 1.0)


def test_xor_proof_by_hand():
    proof = perceptron.inseparability_proof(POINTS, GATES["XOR"])
    assert proof.weights == (Fraction(1, 2),) * 4
    assert proof.point == (Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize("t", [0, 1])
def test_one_class_alone(t):
    plane = perceptron.separating_plane(POINTS, [t] * 4)
    assert perceptron.predict(plane, POINTS).tolist() == [t] * 4


# margins worked by hand: AND has the support vectors (1,1,1), -(0,1,1), -(1,0,1), so w' = (2,2,-3) and
# |w'|^2 = 17; OR has -(0,0,1), (0,1,1), (1,0,1), so w' = (2,2,-1), |w'|^2 = 9; R^2 = 3
@pytest.mark.parametrize(("gate", "bound"), [("AND", 51.0), ("OR", 27.0), ("NAND", 51.0)])
def test_mistake_bound_by_hand(gate, bound):
    assert perceptron.mistake_bound(POINTS, GATES[gate]) == pytest.approx(bound, rel=1e-12)


def test_mistake_bound_of_huge_numbers():
    # beside 1e200 the constant input counts for nothing: R = 3e200, gamma = 1e200
    assert perceptron.mistake_bound([[1e200], [-1e200], [3e200]], [1, 0, 1]) == pytest.approx(9)


@pytest.mark.parametrize("seed", range(5))
def test_mistake_bound_against_another_solver(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(15, 3))
    t = (X @ rng.normal(size=3) + 0.3 > 0).astype(int)
    signed = np.where(t == 1, 1.0, -1.0)[:, None] * np.column_stack([X, np.ones(15)])
    plane = perceptron.separating_plane(X, t)
    start = np.append(plane["w"], plane["b"])
    found = minimize(
        lambda v: v @ v / 2,
        start / (signed @ start).min(),
        jac=lambda v: v,
        constraints={"type": "ineq", "fun": lambda v: signed @ v - 1, "jac": lambda v: signed},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    bound = (signed**2).sum(1).max() * (found.x @ found.x)
    assert perceptron.mistake_bound(X, t) == pytest.approx(bound, rel=1e-5)


@given(
    data=st.lists(st.tuples(grid, grid), min_size=6, max_size=6),
    w=st.tuples(grid, grid),
    b=st.sampled_from([-2.5, -0.5, 0.5, 1.5]),
    rate=st.sampled_from([0.25, 1.0, 2.0]),
)
def test_fit_never_exceeds_the_bound(data, w, b, rate):
    X = np.array(data)
    t = (X @ np.array(w) + b > 0).astype(int)
    assume(0 < t.sum() < 6)
    bound = perceptron.mistake_bound(X, t)
    run = perceptron.fit(perceptron.init(2), X, t, rate, max_epochs=2000)
    assert run.converged
    assert run.updates <= bound * (1 + 1e-9)


BAD = {
    "lengths": (POINTS, [0, 1], r"X of shape \(N, n\) and t of shape \(N,\)"),
    "empty": (np.zeros((0, 2)), [], "at least one example"),
    "no features": (np.zeros((3, 0)), [0, 1, 0], "at least one example with one feature"),
    "nan": ([[0.0, np.nan]], [0], r"finite numbers in X, got nan at index \(0, 1\)"),
    "labels": (POINTS, [0, 1, 2, 1], "labels 0 and 1, got 2"),
}


@pytest.mark.parametrize("name", ["separating_plane", "inseparability_proof", "mistake_bound"])
@pytest.mark.parametrize(("X", "t", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused(name, X, t, message):
    with pytest.raises(ValueError, match=rf"^perceptron\.{name}: .*{message}"):
        getattr(perceptron, name)(X, t)


def test_no_bound_for_xor():
    with pytest.raises(ValueError, match="expected linearly separable data"):
        perceptron.mistake_bound(POINTS, GATES["XOR"])


def test_traced_data_are_refused():
    with pytest.raises(TypeError, match="outside jit and vmap"):
        jax.jit(lambda X: perceptron.separating_plane(X, [0, 0, 0, 1])["w"])(POINTS)
