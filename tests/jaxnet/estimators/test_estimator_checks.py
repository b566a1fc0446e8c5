"""Everything that scikit-learn asks of an estimator, each as a test; of estimators made without arguments."""

import functools
from typing import Any

import pytest
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import SkipTest, estimator_checks_generator

from jaxnet.estimators import MLPClassifier, MLPRegressor, PerceptronClassifier

CLASSES = [MLPClassifier, MLPRegressor, PerceptronClassifier]


def name_of(check: Any) -> str:
    """The name of a check, with the arguments it was given."""
    if isinstance(check, functools.partial):
        return "-".join([check.func.__name__, *map(str, check.keywords.values())])
    return check.__name__


CHECKS = [
    pytest.param(estimator, check, id=f"{kind.__name__}-{name_of(check)}")
    for kind in CLASSES
    for estimator, check in estimator_checks_generator(kind())
]


#: well-known checks, without "check_"; were one of them left out, it would be missed
ALL = [
    "complex_data", "dict_unchanged", "dont_overwrite_parameters", "dtype_object", "estimator_repr",
    "estimator_sparse_array", "estimators_dtypes", "estimators_empty_data_messages", "estimators_nan_inf",
    "estimators_fit_returns_self", "estimators_overwrite_params", "estimators_partial_fit_n_features",
    "estimators_pickle", "estimators_unfitted", "f_contiguous_array_estimator", "fit1d", "fit2d_1feature",
    "fit2d_1sample", "fit2d_predict1d", "fit_check_is_fitted", "fit_idempotent", "fit_score_takes_y",
    "get_params_invariance", "methods_sample_order_invariance", "methods_subset_invariance",
    "n_features_in", "n_features_in_after_fitting", "no_attributes_set_in_init", "pipeline_consistency",
    "non_transformer_estimators_n_iter", "parameters_default_constructible", "readonly_memmap_input",
    "requires_y_none", "set_params", "supervised_y_2d", "supervised_y_no_nan",
]  # fmt: skip
WEIGHTS = [
    "sample_weight_equivalence_on_dense_data", "sample_weights_list", "sample_weights_not_an_array",
    "sample_weights_not_overwritten", "sample_weights_pandas_series", "sample_weights_shape",
]  # fmt: skip
CLASSIFIER = [
    "classifier_data_not_an_array", "classifiers_classes", "classifiers_one_label", "classifiers_train",
    "classifiers_regression_target", "decision_proba_consistency",
]  # fmt: skip
SEVERAL = [
    "class_weight_classifiers", "classifiers_multilabel_output_format_decision_function",
    "classifiers_multilabel_output_format_predict", "classifiers_multilabel_output_format_predict_proba",
    "classifiers_multilabel_representation_invariance",
]  # fmt: skip
REGRESSOR = [
    "regressor_data_not_an_array", "regressor_multioutput", "regressors_int", "regressors_train",
    "regressors_no_decision_function",
]  # fmt: skip
KNOWN = {
    MLPClassifier: [*ALL, *WEIGHTS, *CLASSIFIER, *SEVERAL],
    MLPRegressor: [*ALL, *WEIGHTS, *REGRESSOR],
    PerceptronClassifier: [*ALL, *CLASSIFIER],
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_a_check_of_scikit_learn_passes(estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # or the check of other kinds of arrays would be skipped
    try:
        check(estimator)
    except SkipTest as error:
        pytest.fail(f"skipped: {error}")


def test_no_check_is_left_out():
    for kind in CLASSES:
        tags = get_tags(kind())
        assert not tags._skip_test
        assert not tags.no_validation
        assert not tags.non_deterministic
        assert not getattr(tags.classifier_tags or tags.regressor_tags, "poor_score", True)
        given = [param for param in CHECKS if type(param.values[0]) is kind]
        run = {str(param.id).split("-")[1].removeprefix("check_") for param in given}
        assert set(KNOWN[kind]) - run == set()
        assert [param.id for param in given if param.marks] == []  # none expected to fail, none skipped
