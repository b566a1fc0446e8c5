"""``MLPClassifier`` and ``MLPRegressor``."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from scipy import special
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import type_of_target

from jaxnet import losses
from jaxnet._validation import check_name
from jaxnet.estimators.inputs import classes_of, float_dtype
from jaxnet.estimators.network import Network


def squared_error(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Half the squared error, summed over the outputs: the loss of scikit-learn's MLPRegressor."""
    return losses.mse(outputs, targets) * (outputs.shape[-1] / 2)


def log_loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """The binary cross-entropy, summed over the outputs."""
    return losses.binary_cross_entropy(outputs, targets) * outputs.shape[-1]


class MLPClassifier(ClassifierMixin, Network):
    """A multi-layer perceptron for classification, trained by :func:`jaxnet.fit`.

    With two classes the network has one output z, and p = sigmoid(z) is the probability of the second class.
    With more classes p = softmax(z). With multi-label targets (y of zeros and ones, (n, labels)) p =
    sigmoid(z) for each label. The loss is the mean of -ln p of the true class (summed over the labels), plus
    ``alpha / (2 B) * sum w^2``, where B is the batch size.

    Args:
        hidden_layer_sizes: the number of neurons of each hidden layer; () for none.
        activation: the activation of the hidden layers: scikit-learn's "identity", "logistic", "tanh",
            "relu", or any name of ``jaxnet.activations``.
        optimizer: "adam", "adamw", "sgd" (without momentum), "momentum", "rmsprop", an optax factory such as
            ``optax.lion`` or ``functools.partial(optax.adam, b1=0.8)``, or an optax transformation such as
            ``optax.adam(1e-3)``; an estimator with a transformation cannot be pickled.
        alpha: the strength of the L2 penalty on the weights. As in scikit-learn it is divided by the batch
            size (by the batch's sum of weights); a last, smaller batch is treated as a full one.
        batch_size: examples per step; "auto" means 200, or all examples if there are fewer.
        learning_rate_init: a number, or a schedule: step -> number. None means 0.001 for adam, adamw and
            rmsprop, 0.01 for sgd and momentum, and must be left for an optax transformation, which has its
            own learning rate.
        max_iter: the maximum number of epochs.
        dropout: the fraction of each hidden layer that is dropped in training.
        class_weight: class -> weight, or "balanced" for weights inversely proportional to the frequency of
            each class; multiplied by ``sample_weight``.
        random_state: the seed of the initial weights (equal to scikit-learn's for the same number), the order
            of the examples, dropout and the validation split.
        tol: the smallest change that counts as an improvement.
        n_iter_no_change: training stops after more than this number of epochs without an improvement of the
            training loss or, with ``early_stopping``, of the validation score. ``inf`` runs all epochs, as
            one compiled program where they are short.
        early_stopping: hold out examples, compute the score on them after each epoch, and keep the best
            parameters of this ``fit``. A warm start holds out other examples, so earlier scores are ignored.
        validation_fraction: the fraction of the examples with non-zero weight that is held out, stratified by
            class.
        warm_start: whether ``fit`` continues from the present parameters, with a new optimizer state.
        verbose: whether to show a progress bar, see ``progress`` of :func:`jaxnet.fit`.
        compute_dtype: the dtype of the forward and backward pass, such as "bfloat16"; None for that of the
            parameters.

    Attributes:
        classes_: the class labels.
        network_: the network, (init, apply).
        params_: its parameters, in the structure that ``network_.init`` returns.
        coefs_, intercepts_: the weights (inputs, outputs) and biases (outputs,) of each layer.
        loss_curve_, loss_: the weighted training loss of each epoch and of the last one, without the L2 term.
        validation_scores_, best_validation_score_: with ``early_stopping``, the (weighted) accuracy on the
            held-out examples after each epoch, and that of ``params_``, the best of the last ``fit``.
        history_: the loss and the validation score by name, for ``jaxnet.plot.history``.
        n_iter_: the number of epochs of the last ``fit`` and of the calls of ``partial_fit`` since then.
        t_: the number of examples seen so far.
        n_layers_, n_outputs_, n_features_in_, feature_names_in_: as in scikit-learn.

    Raises:
        ValueError, TypeError: from ``fit``, for an invalid parameter, and scikit-learn's for invalid data.
        jaxnet.Diverged: from ``fit``, when the loss is no longer finite.

    Example:
        >>> import numpy as np
        >>> x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), ["no", "yes", "yes", "no"]  # XOR
        >>> model = MLPClassifier(8, "tanh", learning_rate_init=0.1, tol=1e-3, random_state=0).fit(x, y)
        >>> model.predict(x).tolist(), model.predict_proba(x).shape
        (['no', 'yes', 'yes', 'no'], (4, 2))

    Reference: F. Pedregosa and others, "Scikit-learn: Machine Learning in Python", 2011.
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        optimizer: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate_init: Any = None,
        max_iter: int = 200,
        dropout: float = 0.0,
        class_weight: Any = None,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        verbose: bool = False,
        compute_dtype: Any = None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.dropout = dropout
        self.class_weight = class_weight
        self.random_state = random_state
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.verbose = verbose
        self.compute_dtype = compute_dtype

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPClassifier":
        """Train on X (n, features) and y (n,), or (n, labels) of zeros and ones.

        A weight of k is equivalent to k repetitions: to the last bit if at most 10,000 examples form one
        batch, up to rounding if one batch holds more, and on average with mini-batches.
        """
        self._learn(X, y, sample_weight)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "MLPClassifier":
        """Train for one epoch; parameters, optimizer state and order continue from the last call.

        k calls with the same data give, bit for bit, the result of ``fit`` with ``max_iter=k``. The first
        call needs all ``classes``.
        """
        if classes is None and not hasattr(self, "params_"):
            raise ValueError(f"{type(self).__name__}: expected classes= in the first call of partial_fit")
        self._learn(X, y, sample_weight, incremental=True, classes=classes)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """The network's outputs before sigmoid or softmax: (n,) for two classes, otherwise (n, classes)."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._labels.y_type_ == "binary" else outputs

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class (n, classes), or for multi-label targets of each label."""
        z = self.decision_function(X)
        if z.ndim == 1:
            return np.column_stack([special.expit(-z), special.expit(z)])
        return special.softmax(z, axis=1) if self._exclusive() else special.expit(z)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of :meth:`predict_proba`, finite even where the probability underflows to 0."""
        z = self.decision_function(X)
        if z.ndim == 1:
            return np.column_stack([special.log_expit(-z), special.log_expit(z)])
        return special.log_softmax(z, axis=1) if self._exclusive() else special.log_expit(z)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each example; for multi-label targets every label with p > 0.5."""
        z = self.decision_function(X)
        if not self._exclusive():
            return (z > 0).astype(int)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]

    def _exclusive(self) -> bool:
        return not self._labels.y_type_.startswith("multilabel")

    def _targets(self, y: Any, first: bool, classes: Any) -> np.ndarray:
        several = type_of_target(y).startswith("multilabel")
        known = classes_of(
            type(self).__name__, y, None if several else classes, None if first else self.classes_
        )
        if first:
            self.classes_ = known
            self._labels = LabelBinarizer().fit(y if several else known)
        return self._labels.transform(y).astype(float_dtype())

    def _loss(self) -> Any:
        return losses.cross_entropy if self._labels.y_type_ == "multiclass" else log_loss

    def _class_weights(self, y: Any, incremental: bool) -> np.ndarray | None:
        if self.class_weight is None:
            return None
        balanced = isinstance(self.class_weight, str) and self.class_weight == "balanced"
        if not balanced and not isinstance(self.class_weight, Mapping | list):
            raise ValueError(
                f"{type(self).__name__}: expected class_weight to be 'balanced', a mapping from classes to "
                f"weights (for multi-label targets a list of mappings) or None, got {self.class_weight!r}"
            )
        if incremental and balanced:
            raise ValueError(
                f"{type(self).__name__}: class_weight='balanced' needs all data at once; give partial_fit a "
                "mapping from classes to weights"
            )
        return compute_sample_weight(self.class_weight, y)

    def _stratified(self) -> bool:
        return self._exclusive()

    def _score(self, outputs: np.ndarray, targets: np.ndarray, weight: np.ndarray | None) -> float:
        if self._labels.y_type_ == "multiclass":
            right = outputs.argmax(axis=1) == targets.argmax(axis=1)
        else:
            right = ((outputs > 0) == targets).all(axis=1)
        return float(np.average(right, weights=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class MLPRegressor(RegressorMixin, Network):
    """A multi-layer perceptron for regression with one or several targets, trained by :func:`jaxnet.fit`.

    The loss is the mean of (1/2) sum_k (t_k - y_k)^2, plus ``alpha / (2 B) * sum w^2``, where B is the batch
    size. Targets are not scaled: scale them, like the inputs, to about 1.

    Args:
        hidden_layer_sizes: the number of neurons of each hidden layer; () for none.
        activation: the activation of the hidden layers, as in :class:`MLPClassifier`.
        loss: "squared_error" as above, a name of ``jaxnet.losses`` ("mae", "huber", ...), or
            ``loss(outputs, targets)`` -> one value per example, both (n, targets).
        optimizer, alpha, batch_size, learning_rate_init, max_iter, dropout: as in :class:`MLPClassifier`.
        random_state, tol, n_iter_no_change: as in :class:`MLPClassifier`.
        early_stopping, validation_fraction: as in :class:`MLPClassifier`, with R² as the score.
        warm_start, verbose, compute_dtype: as in :class:`MLPClassifier`.

    Attributes:
        network_, params_, coefs_, intercepts_: as in :class:`MLPClassifier`.
        loss_curve_, loss_, history_, n_iter_, t_: as in :class:`MLPClassifier`.
        validation_scores_, best_validation_score_: with ``early_stopping``, the (weighted) R² after each
            epoch, and that of ``params_``, the best of the last ``fit``.
        n_layers_, n_outputs_, n_features_in_, feature_names_in_: as in scikit-learn.

    Raises:
        ValueError, TypeError: from ``fit``, for an invalid parameter, and scikit-learn's for invalid data.
        jaxnet.Diverged: from ``fit``, when the loss is no longer finite.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(-1, 1, 50)[:, None]
        >>> model = MLPRegressor(32, "tanh", learning_rate_init=0.03, n_iter_no_change=50, random_state=0)
        >>> print(f"{model.fit(x, np.sin(3 * x[:, 0])).score(x, np.sin(3 * x[:, 0])):.2f}")
        0.99

    Reference: F. Pedregosa and others, "Scikit-learn: Machine Learning in Python", 2011.
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        loss: Any = "squared_error",
        optimizer: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate_init: Any = None,
        max_iter: int = 200,
        dropout: float = 0.0,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        verbose: bool = False,
        compute_dtype: Any = None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.dropout = dropout
        self.random_state = random_state
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.verbose = verbose
        self.compute_dtype = compute_dtype

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """Train on X (n, features) and y (n,) or (n, targets), with weights as in :class:`MLPClassifier`."""
        self._learn(X, y, sample_weight)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """Train for one epoch; parameters, optimizer state and order continue from the last call.

        k calls with the same data give, bit for bit, the result of ``fit`` with ``max_iter=k``.
        """
        self._learn(X, y, sample_weight, incremental=True)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The outputs, (n,) or (n, targets) like the targets."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._flat else outputs

    def _targets(self, y: Any, first: bool, classes: Any) -> np.ndarray:
        if first:
            self._flat = y.ndim == 1
        return np.asarray(y, float_dtype()).reshape(len(y), -1)

    def _loss(self) -> Any:
        if callable(self.loss):
            return self.loss
        check_name(type(self).__name__, "loss", self.loss, ["squared_error", *losses.TABLE])
        return squared_error if self.loss == "squared_error" else self.loss

    def _score(self, outputs: np.ndarray, targets: np.ndarray, weight: np.ndarray | None) -> float:
        return float(r2_score(targets, outputs, sample_weight=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
