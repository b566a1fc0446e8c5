"""Networks and the perceptron as scikit-learn's estimators (extra ``[sklearn]``).

They are thin: ``fit`` is :func:`jaxnet.fit` or :func:`jaxnet.perceptron.fit`, on whatever device JAX uses.
They go where scikit-learn's go: into pipelines, grid searches, cross-validation, pickles. Parameters have
scikit-learn's names where they mean the same. Other names, because the meaning is another: ``optimizer`` (not
``solver``; "sgd" has no momentum, "momentum" has, and any of optax's will do), ``compute_dtype``,
``dropout``, ``class_weight``. ``shuffle`` is missing: each epoch is shuffled. ``solver="lbfgs"`` has no
counterpart.

Everything is computed in float32, unless JAX is set up for float64; sparse input is refused. Parameters are
looked at by ``fit``, as scikit-learn's developers ask, not when they are given.

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
