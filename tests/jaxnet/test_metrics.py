"""Every metric by hand and against scikit-learn, under jit as plain."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from sklearn import metrics as reference

from jaxnet import metrics

rng = np.random.default_rng(0)
SCORES = rng.normal(size=(200, 5)).astype(np.float32)
LABELS = rng.integers(0, 5, 200)
ANSWERS = SCORES.argmax(1)


def test_accuracy_against_scikit_learn():
    assert float(metrics.accuracy(SCORES, LABELS).mean()) == pytest.approx(
        reference.accuracy_score(LABELS, ANSWERS)
    )


def test_accuracy_of_sequences_is_one_value_an_example():
    scores = jnp.array([[[2.0, 1.0], [0.0, 1.0]], [[2.0, 1.0], [3.0, 1.0]]])
    assert metrics.accuracy(scores, [[0, 0], [0, 0]]).tolist() == [0.5, 1.0]


def test_one_hot_targets_are_class_numbers():
    np.testing.assert_array_equal(
        metrics.accuracy(SCORES, np.eye(5)[LABELS]), metrics.accuracy(SCORES, LABELS)
    )


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_top_k_against_scikit_learn(k):
    expected = reference.top_k_accuracy_score(LABELS, SCORES, k=k, labels=range(5))
    assert float(metrics.top_k(k)(SCORES, LABELS).mean()) == pytest.approx(expected)


def test_with_as_many_guesses_as_classes_all_are_right():
    assert metrics.top_k(5)(SCORES, LABELS).tolist() == [1.0] * 200


scores_and_labels = st.sampled_from([1, 5]).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


@given(case=scores_and_labels)
def test_top_one_is_accuracy_even_with_ties(case):
    np.testing.assert_array_equal(metrics.top_k(1)(*case), metrics.accuracy(*case))


def test_top_k_is_the_same_function_for_the_same_k():
    assert metrics.top_k(3) is metrics.top_k(3)
    assert metrics.top_k(3).__name__ == "top_3"


def test_binary_accuracy_by_hand():
    assert metrics.binary_accuracy([[0.3], [-0.2], [0.0]], [1, 1, 0]).tolist() == [1, 0, 1]
    assert metrics.binary_accuracy([[0.6, 0.5], [0.4, 0.9]], [[1, 1], [0, 1]], threshold=0.5).tolist() == [
        0.5,
        1,
    ]


@pytest.mark.parametrize("shape", [(50,), (50, 3)], ids=str)
def test_errors_and_r2_against_scikit_learn(shape):
    t = rng.normal(size=shape)
    y = t + 0.3 * rng.normal(size=shape)
    for ours, theirs in [
        (metrics.mean_absolute_error, reference.mean_absolute_error),
        (metrics.mean_squared_error, reference.mean_squared_error),
        (metrics.r2, reference.r2_score),
    ]:
        assert float(ours(y, t).mean()) == pytest.approx(theirs(t, y), rel=1e-5)


@pytest.mark.parametrize("exact", [True, False])
def test_r2_of_constant_targets(exact):
    t = np.ones(4)
    y = t if exact else t + 0.5
    assert float(metrics.r2(y, t)) == reference.r2_score(t, y) == float(exact)


def test_confusion_matrix_against_scikit_learn():
    found = metrics.confusion_matrix(SCORES, LABELS)
    np.testing.assert_array_equal(found, reference.confusion_matrix(LABELS, ANSWERS))
    assert found.dtype == jnp.int32


@pytest.mark.parametrize("targets", [[0, 1, 1], [[0], [1], [1]]], ids=["flat", "column"])
@pytest.mark.parametrize("outputs", [[-1.0, 0.0, 2.0], [[-1.0], [0.0], [2.0]]], ids=["flat", "column"])
def test_confusion_matrix_of_single_logits(outputs, targets):
    assert metrics.confusion_matrix(outputs, targets).tolist() == [[1, 0], [1, 1]]


@given(case=scores_and_labels)
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_precision_recall_f1_against_scikit_learn(name, case):
    scores, labels = case
    answers = np.argmax(scores, 1)
    theirs = getattr(reference, "f1_score" if name == "f1" else f"{name}_score")
    ours = getattr(metrics, name)
    assert float(ours(scores, labels)) == pytest.approx(
        theirs(labels, answers, average="macro", zero_division=0), rel=1e-6
    )
    np.testing.assert_allclose(
        ours(scores, labels, average=None),
        theirs(labels, answers, average=None, labels=[0, 1, 2], zero_division=0),
        rtol=1e-6,
    )


TRACED = {
    "accuracy": (metrics.accuracy, SCORES, LABELS),
    "top_k": (metrics.top_k(2), SCORES, LABELS),
    "binary_accuracy": (metrics.binary_accuracy, SCORES[:, 0], LABELS % 2),
    "mean_absolute_error": (metrics.mean_absolute_error, SCORES, SCORES[::-1]),
    "mean_squared_error": (metrics.mean_squared_error, SCORES, SCORES[::-1]),
    "r2": (metrics.r2, SCORES, SCORES[::-1]),
    "confusion_matrix": (metrics.confusion_matrix, SCORES, LABELS),
    "precision": (metrics.precision, SCORES, LABELS),
    "recall": (metrics.recall, SCORES, LABELS),
    "f1": (metrics.f1, SCORES, LABELS),
}


def test_the_table_above_is_complete():
    assert TRACED.keys() == set(metrics.__all__)


@pytest.mark.parametrize(("metric", "outputs", "targets"), TRACED.values(), ids=TRACED)
def test_jit_agrees_with_plain(metric, outputs, targets):
    np.testing.assert_allclose(jax.jit(metric)(outputs, targets), metric(outputs, targets), rtol=1e-6)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16], ids=["f32", "bf16"])
@pytest.mark.parametrize("name", ["accuracy", "top_k", "binary_accuracy", "mean_absolute_error", "r2"])
def test_dtype_is_kept(name, dtype):
    metric, outputs, targets = TRACED[name]
    assert metric(jnp.asarray(outputs, dtype), targets).dtype == dtype


BAD = {
    "shapes": (
        lambda: metrics.accuracy(SCORES, LABELS[:3]),
        r"class numbers of shape \(200,\) .*\(3,\)",
    ),
    "outside": (lambda: metrics.accuracy(SCORES, LABELS + 1), "expected classes 0 to 4, got 5"),
    "negative": (lambda: metrics.top_k(2)(SCORES, LABELS - 1), "expected classes 0 to 4, got -1"),
    "fraction": (lambda: metrics.accuracy(SCORES, LABELS + 0.5), "expected classes 0 to 4, got"),
    "nan": (lambda: metrics.accuracy(SCORES, LABELS * np.nan), "expected numbers in targets, got nan"),
    "one column": (lambda: metrics.accuracy(SCORES[:, :1], LABELS), "use metrics.binary_accuracy"),
    "one number": (lambda: metrics.mean_squared_error(1.0, 1.0), "got one number"),
    "regression": (lambda: metrics.mean_squared_error(SCORES, LABELS), "the shape of the outputs"),
    "k": (lambda: metrics.top_k(0), "k to be at least 1"),
    "average": (lambda: metrics.f1(SCORES, LABELS, average="best"), "'macro' or None, got 'best'"),
    "empty": (lambda: metrics.r2(np.zeros(0), np.zeros(0)), "at least one example"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert str(caught.value).startswith("metrics.")
    assert "\n" not in str(caught.value)
