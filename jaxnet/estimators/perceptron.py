"""``PerceptronClassifier``."""

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from jaxnet import perceptron
from jaxnet._validation import check_count
from jaxnet.estimators.inputs import checked, classes_of, number


class PerceptronClassifier(ClassifierMixin, BaseEstimator):
    """The lecture's perceptron: z = w.x + b, y = 1 if z > theta, else 0.

    It learns by the perceptron learning rule, w <- w + eta (t - y) x, see :func:`jaxnet.perceptron.fit`.
    The examples are presented in the given order until an epoch makes no mistake. With more than two classes
    there is one perceptron per class (one against the rest), and the largest z decides.

    scikit-learn's Perceptron differs: it shuffles the examples (unless ``shuffle=False``), it stops when its
    loss no longer decreases, and it also corrects where z is exactly 0 and the output 0 was right. There are
    no sample or class weights here, because the rule has none.

    Args:
        eta0: the learning rate eta. With zero initial weights and threshold 0 it only scales w and b.
        max_iter: the maximum number of epochs, all of which run on data that are not linearly separable.
        threshold: theta of the step function.
        warm_start: whether ``fit`` continues from the present weights.

    Attributes:
        classes_: the labels; of two, the second is y = 1.
        coef_, intercept_: w (perceptrons, features) and b (perceptrons,); one perceptron for two classes.
        params_: the parameters as in :mod:`jaxnet.perceptron`, {"w": (features,), "b": ()}; a list of them
            with more than two classes.
        mistakes_: the number of mistakes in each epoch, (epochs,), or (classes, epochs) with zeros after a
            perceptron converged.
        converged_: whether the last epoch made no mistake.
        n_iter_: the number of epochs of the last ``fit`` and of the calls of ``partial_fit`` since then.
        n_features_in_, feature_names_in_: as in scikit-learn.

    Raises:
        ValueError, TypeError: from ``fit``, for an invalid parameter, and scikit-learn's for invalid data.

    Example:
        >>> from jaxnet import data
        >>> x, y = data.AND
        >>> model = PerceptronClassifier().fit(x, y)
        >>> model.mistakes_.tolist(), model.converged_, model.coef_.tolist(), model.intercept_.tolist()
        ([1, 3, 3, 2, 1, 0], True, [[2.0, 1.0]], [-2.0])

    Reference: F. Rosenblatt, "The Perceptron: A Probabilistic Model", 1958.
    """

    params_: Any
    n_iter_: int
    converged_: bool
    mistakes_: np.ndarray

    def __init__(
        self, *, eta0: float = 1.0, max_iter: int = 100, threshold: float = 0.0, warm_start: bool = False
    ):
        self.eta0 = eta0
        self.max_iter = max_iter
        self.threshold = threshold
        self.warm_start = warm_start

    def fit(self, X: Any, y: Any) -> "PerceptronClassifier":
        """Train on X (n, features) and the labels y (n,), in the given order."""
        self._learn(X, y, self.max_iter, not self.warm_start or not hasattr(self, "params_"))
        if not self.converged_:
            warnings.warn(
                f"{type(self).__name__}: the last of {self.max_iter} epochs still made "
                f"{self.mistakes_[..., -1].sum()} mistakes; the classes may not be linearly separable, or "
                "max_iter is too low",
                ConvergenceWarning,
            )
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> "PerceptronClassifier":
        """Train for one epoch from the present weights; the first call needs all ``classes``."""
        first = not hasattr(self, "params_")
        if first and classes is None:
            raise ValueError(f"{type(self).__name__}: expected classes= in the first call of partial_fit")
        already = 0 if first else self.n_iter_
        self._learn(X, y, 1, first, classes)
        self.n_iter_ += already
        return self

    def _learn(self, X: Any, y: Any, passes: int, first: bool, classes: Any = None) -> None:
        who = type(self).__name__
        number(who, "eta0", self.eta0, above=0)
        number(who, "threshold", self.threshold)
        passes = check_count(who, "max_iter", passes)
        x, y = checked(self, X, y, reset=first)
        known = classes_of(who, y, classes, None if first else self.classes_)
        ones = known[1:] if len(known) == 2 else known
        begin = [perceptron.init(x.shape[1]) for _ in ones] if first else self._perceptrons()
        runs = [
            perceptron.fit(p, x, y == label, self.eta0, passes, self.threshold)
            for p, label in zip(begin, ones, strict=True)
        ]
        self.classes_ = known
        self.params_ = runs[0].params if len(runs) == 1 else [run.params for run in runs]
        self.n_iter_ = max(run.epochs for run in runs)
        self.converged_ = all(run.converged for run in runs)
        mistakes = np.stack([np.pad(run.mistakes, (0, self.n_iter_ - run.epochs)) for run in runs])
        mistakes = mistakes[0] if len(runs) == 1 else mistakes
        self.mistakes_ = mistakes if first else np.concatenate([self.mistakes_, mistakes], axis=-1)

    def _perceptrons(self) -> list[Any]:
        check_is_fitted(self, "params_")
        return self.params_ if isinstance(self.params_, list) else [self.params_]

    @property
    def coef_(self) -> np.ndarray:
        """The weights, (perceptrons, features)."""
        return np.stack([np.asarray(p["w"]) for p in self._perceptrons()])

    @property
    def intercept_(self) -> np.ndarray:
        """The biases, (perceptrons,)."""
        return np.stack([np.asarray(p["b"]) for p in self._perceptrons()])

    def decision_function(self, X: Any) -> np.ndarray:
        """z - theta: (n,) for two classes, otherwise (n, classes)."""
        check_is_fitted(self, "params_")
        x = checked(self, X, reset=False)
        z = np.stack([np.asarray(perceptron.net_input(p, x)) for p in self._perceptrons()], axis=1)
        above = z - np.asarray(self.threshold, z.dtype)
        return above[:, 0] if above.shape[1] == 1 else above

    def predict(self, X: Any) -> np.ndarray:
        """The class of each example."""
        z = self.decision_function(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]
