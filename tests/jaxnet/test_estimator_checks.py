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
        given = [param.id for param in CHECKS if param.values[0].__class__ is kind]
        assert len(given) == len(list(estimator_checks_generator(kind()))) > 50
