"""Networks and the perceptron as scikit-learn's estimators (extra ``[sklearn]``).

They are thin wrappers: ``fit`` calls :func:`jaxnet.fit` or :func:`jaxnet.perceptron.fit`, on whatever device
JAX uses. They work in pipelines, grid searches, cross-validation and pickles. A parameter has scikit-learn's
name where it means the same. These differ: ``optimizer`` replaces ``solver`` ("sgd" has no momentum,
"momentum" has; every optax optimizer works), and ``compute_dtype``, ``dropout`` and ``class_weight`` are new.
There is no ``shuffle``, because every epoch is shuffled, and no ``solver="lbfgs"``.

Everything is computed in float32, unless JAX is configured for float64. Sparse input raises TypeError.
Parameters are checked by ``fit`` and not by the constructor, as scikit-learn's developer guide demands.

Example:
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> x, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(16, learning_rate_init=0.03, random_state=0)
    >>> make_pipeline(StandardScaler(), model).fit(x, y).score(x, y) > 0.95
    True
"""

try:
    import sklearn  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        'jaxnet.estimators: they need scikit-learn, which is missing; pip install "jaxnet-quiz[sklearn]"'
    ) from _error

from jaxnet.estimators.mlp import MLPClassifier, MLPRegressor
from jaxnet.estimators.perceptron import PerceptronClassifier

__all__ = ["MLPClassifier", "MLPRegressor", "PerceptronClassifier"]

for _estimator in (MLPClassifier, MLPRegressor, PerceptronClassifier):
    _estimator.__module__ = __name__  # a pickle names the class by its public path, wherever its file lies
