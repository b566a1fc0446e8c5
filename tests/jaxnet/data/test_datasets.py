"""Gates, digits, splitting, scaling, one-hot rows: values, and what is refused."""

import sys

import hypothesis.strategies as st
import jax
import numpy as np
import pytest
from hypothesis import given
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from jaxnet import data


@pytest.mark.parametrize(
    ("gate", "rule"),
    [
        (data.AND, lambda a, b: a and b),
        (data.OR, lambda a, b: a or b),
        (data.XOR, lambda a, b: a != b),
        (data.NAND, lambda a, b: not (a and b)),
    ],
    ids=["AND", "OR", "XOR", "NAND"],
)
def test_gates(gate, rule):
    x, t = gate
    assert x.dtype == t.dtype == np.float32
    np.testing.assert_array_equal(x, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert [bool(v) for v in t] == [bool(rule(a, b)) for a, b in x.astype(bool)]
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0] = 1


def test_digits_are_scikit_learns():
    x, y = data.digits()
    bunch = load_digits()
    np.testing.assert_array_equal(x * 16, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)
    assert x.dtype == np.float32
    assert y.dtype == np.int32


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=r"jaxnet-quiz\[sklearn\]"):
        data.digits()


labels = st.lists(st.integers(0, 3), min_size=4, max_size=60)


@given(y=labels, test=st.floats(0.2, 0.8), seed=st.integers(0, 1000), stratify=st.booleans())
def test_split_keeps_every_example_once(y, test, seed, stratify):
    x = np.arange(len(y))[:, None] * np.array([[1, 10]])
    (x1, y1), (x2, y2) = data.split((x, y), test, seed=seed, stratify=stratify)
    assert sorted([*x1[:, 0], *x2[:, 0]]) == list(range(len(y)))
    np.testing.assert_array_equal(x1[:, 1], 10 * x1[:, 0])
    np.testing.assert_array_equal(y1, np.array(y)[x1[:, 0]])
    np.testing.assert_array_equal(y2, np.array(y)[x2[:, 0]])
    assert abs(len(x2) - test * len(y)) <= 0.5
    again = data.split((x, y), test, seed=seed, stratify=stratify)
    np.testing.assert_array_equal(again[1][0], x2)


@given(y=labels, test=st.floats(0.2, 0.8))
def test_stratified_parts_have_the_shares_of_the_whole(y, test):
    _, (_, second) = data.split((y, y), test, stratify=True)
    for label in set(y):
        assert abs((second == label).sum() - len(second) / len(y) * y.count(label)) <= 1


@pytest.mark.parametrize("array", [np.arange(200.0)[1:], np.arange(600.0).reshape(200, 3).T])
def test_aligned_arrays_are_taken_over_without_a_copy(array):
    got = data.aligned(array)
    np.testing.assert_array_equal(got, array)
    assert got.ctypes.data % 64 == 0
    assert data.aligned(got) is got
    (first, _), _ = data.split((np.arange(300, dtype=np.float32).reshape(-1, 1), np.arange(300)))
    assert jax.device_put(first).unsafe_buffer_pointer() == first.ctypes.data


@pytest.mark.parametrize("array", [np.array([1, None]), np.array([(1, "a")], [("n", int), ("o", object)])])
def test_objects_cannot_be_aligned(array):
    with pytest.raises(TypeError, match="aligned: expected numbers, got an array of "):
        data.aligned(array)


def test_split_shuffles_by_seed():
    x = np.arange(100)
    parts = [data.split((x, x), seed=seed)[0][0].tolist() for seed in (0, 1)]
    assert parts[0] != parts[1] != sorted(parts[1])


def test_standardise_against_scikit_learn():
    rng = np.random.default_rng(0)
    x, further = rng.normal(5, 3, (50, 4)), rng.normal(5, 3, (7, 4))
    scaled, scaling = data.standardise(x)
    reference = StandardScaler().fit(x)
    np.testing.assert_allclose(scaled, reference.transform(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        data.standardise(further, scaling)[0], reference.transform(further), rtol=1e-12
    )
    assert scaled.dtype == np.float64
    assert data.standardise(x.astype(np.float32))[0].dtype == np.float32


def test_standardise_leaves_constant_features_finite():
    scaled, scaling = data.standardise(np.full((10, 2), 0.1, np.float32))
    np.testing.assert_allclose(scaled, 0, atol=1e-7)
    assert scaling.scale.tolist() == [1.0, 1.0]


def test_standardise_images_pixel_by_pixel():
    images = np.array([[[0, 2], [4, 4]], [[2, 2], [0, 8]]], np.uint8)
    np.testing.assert_array_equal(data.standardise(images)[0][0], [[-1, 0], [1, -1]])


def test_one_hot_by_hand():
    np.testing.assert_array_equal(data.one_hot([[1], [0]], 3), [[[0, 1, 0]], [[1, 0, 0]]])
    assert data.one_hot([2.0]).tolist() == [[0, 0, 1]]


BAD = {
    "split lengths": (lambda: data.split(([1, 2], [1])), "as many inputs as targets"),
    "split alone": (lambda: data.split(np.ones(3)), r"expected data as a pair \(x, y\), got ndarray"),
    "split three": (lambda: data.split(([1], [1], [1])), "got 3 things"),
    "split share": (lambda: data.split(([1, 2], [1, 2]), 1.0), "between 0 and 1"),
    "split too few": (lambda: data.split(([1, 2], [1, 2]), 0.1), "leaves a part empty"),
    "split empty": (lambda: data.split(([], [])), "leaves a part empty"),
    "split values": (lambda: data.split(([1, 2], [0.5, 0.1]), 0.5, stratify=True), "class numbers"),
    "standardise nan": (lambda: data.standardise([[1.0], [np.nan]]), "got nan at index"),
    "standardise empty": (lambda: data.standardise(np.zeros((0, 3))), "at least one example"),
    "standardise width": (
        lambda: data.standardise([[1.0, 2.0]], data.standardise([[1.0], [2.0]])[1]),
        r"features of shape \(1,\) as the scaling has them, got \(2,\)",
    ),
    "standardise text": (lambda: data.standardise([["a"]]), "array of numbers"),
    "one_hot outside": (lambda: data.one_hot([0, 3], 3), "expected classes 0 to 2, got 3"),
    "one_hot negative": (lambda: data.one_hot([-1, 3]), "got -1"),
    "one_hot fraction": (lambda: data.one_hot([0.5]), "whole class numbers, got 0.5"),
    "one_hot empty": (lambda: data.one_hot([]), "at least one"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
