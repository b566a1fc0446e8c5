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
    on_the_host = {"roc_auc", "average_precision", "calibration_error"}
    assert TRACED.keys() | on_the_host == set(metrics.__all__)


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
    "average": (lambda: metrics.f1(SCORES, LABELS, average="best"), "'macro', 'micro' or None, got 'best'"),
    "empty": (lambda: metrics.r2(np.zeros(0), np.zeros(0)), "at least one example"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert str(caught.value).startswith("metrics.")
    assert "\n" not in str(caught.value)


# --- several labels per example, weights, ranking ----------------------------------------------------

MANY = rng.normal(size=(200, 4)).round(1)
HOT = (MANY + rng.normal(size=(200, 4)) > 0.5).astype(int)
WEIGHTS = rng.random(200)
YES = (MANY[:, 0] + rng.normal(size=200) > 0).astype(int)


@pytest.mark.parametrize("average", ["macro", "micro", None])
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_labels_agree_with_scikit_learn(name, average):
    own, other = getattr(metrics, name), getattr(reference, f"{name}_score")
    for weights in (None, WEIGHTS):
        expected = other(HOT, MANY > 0, average=average, sample_weight=weights)
        np.testing.assert_allclose(
            own(MANY, HOT, average=average, sample_weights=weights), expected, atol=1e-6
        )
        chosen = other(LABELS, ANSWERS, average=average, sample_weight=weights)
        np.testing.assert_allclose(
            own(SCORES, LABELS, average=average, sample_weights=weights), chosen, atol=1e-6
        )


def test_a_perfect_prediction_of_several_labels_is_perfect():
    for targets in (HOT, [[1, 1], [0, 0]], [[1, 1, 0], [0, 1, 0], [0, 0, 0]]):
        scores = 2.0 * np.asarray(targets) - 1
        assert float(metrics.f1(scores, targets, average="micro")) == 1.0
    exclusive = np.eye(3, dtype=int)
    assert float(metrics.f1(2 * exclusive - 1, exclusive, multilabel=True)) == 1.0


@pytest.mark.parametrize("name", ["accuracy", "confusion_matrix"])
@pytest.mark.parametrize("targets", [[[1, 1], [0, 1]], [[0, 0], [0, 1]], [[0.5, 0.7], [0, 1]]])
def test_rows_that_are_not_of_one_class_are_refused(name, targets):
    with pytest.raises(ValueError, match=rf"metrics\.{name}: expected rows of targets that sum to 1"):
        getattr(metrics, name)([[1.0, 2.0], [3.0, 4.0]], targets)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize(
    ("own", "other"),
    [
        (metrics.roc_auc, reference.roc_auc_score),
        (metrics.average_precision, reference.average_precision_score),
    ],
    ids=["roc_auc", "average_precision"],
)
def test_rankings_agree_with_scikit_learn(own, other, weights):
    for outputs, targets in ((MANY[:, 0], YES), (MANY[:, :1], YES), (MANY[:, :1], YES[:, None])):
        expected = other(YES, MANY[:, 0], sample_weight=weights)
        assert float(own(outputs, targets, sample_weights=weights)) == pytest.approx(expected, abs=1e-6)
    for average in ("macro", "micro", None):
        expected = other(HOT, MANY, average=average, sample_weight=weights)
        found = own(MANY, HOT, average=average, sample_weights=weights)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_area_of_several_classes_is_one_against_the_rest():
    probabilities = np.asarray(jax.nn.softmax(SCORES.astype(np.float64)))
    probabilities = probabilities / probabilities.sum(1, keepdims=True)
    expected = reference.roc_auc_score(LABELS, probabilities, multi_class="ovr")
    assert float(metrics.roc_auc(SCORES, LABELS)) == pytest.approx(expected, abs=1e-6)
    assert float(metrics.roc_auc(probabilities, LABELS)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("targets", [[0, 0], [1, 1]])
def test_an_area_without_both_kinds_is_refused(targets):
    with pytest.raises(ValueError, match=r"metrics\.roc_auc: expected examples of both kinds"):
        metrics.roc_auc([0.1, 0.2], targets)


def test_the_calibration_error_is_that_of_the_reliability_curve():
    from sklearn.calibration import calibration_curve

    p = rng.random(500)
    y = (rng.random(500) < p**2).astype(int)
    real, claimed = calibration_curve(y, p, n_bins=10)
    counts = np.histogram(p, np.linspace(0, 1, 11))[0]
    expected = float((counts * np.abs(real - claimed)).sum() / 500)
    assert float(metrics.calibration_error(p, y, probabilities=True)) == pytest.approx(expected, abs=1e-6)
    logits = np.log(p / (1 - p))
    assert float(metrics.calibration_error(logits, y)) == pytest.approx(expected, abs=1e-6)
    certain = np.array([[9.0, -9.0], [-9.0, 9.0]])
    assert float(metrics.calibration_error(certain, [0, 1])) == pytest.approx(0, abs=1e-6)


def test_r2_by_output_agrees_with_scikit_learn():
    targets = MANY + rng.normal(size=MANY.shape)
    for weights in (None, WEIGHTS):
        expected = reference.r2_score(targets, MANY, multioutput="raw_values", sample_weight=weights)
        found = metrics.r2(MANY, targets, average=None, sample_weights=weights)
        np.testing.assert_allclose(found, expected, rtol=1e-4)
