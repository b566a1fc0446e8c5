"""The base of the estimators: it checks the parameters, makes the network, trains it and predicts."""

import functools
import itertools
import json
import math
import numbers
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d

from jaxnet import activations, networks, optimizers, specs, training
from jaxnet._validation import check_count, check_name
from jaxnet.estimators.inputs import (
    NAMES,
    checked,
    example_weight,
    float_dtype,
    gathered,
    number,
    room_for,
    seed_from,
)
from jaxnet.estimators.patience import Patience
from jaxnet.layers import Layer, activation, dense, dropout
from jaxnet.layers.combinators import serial
from jaxnet.training import evaluation
from jaxnet.training.compiled.task import State
from jaxnet.training.feed.order import EVALUATION_BATCH
from jaxnet.training.host import loop
from jaxnet.training.host.journal import Journal
from jaxnet.training.job import prepare
from jaxnet.training.options import Options
from jaxnet.training.run import train


class Network(BaseEstimator):
    """The common base of ``MLPClassifier`` and ``MLPRegressor``."""

    hidden_layer_sizes: Any
    activation: Any
    optimizer: Any
    alpha: Any
    batch_size: Any
    learning_rate_init: Any
    max_iter: Any
    dropout: Any
    random_state: Any
    tol: Any
    n_iter_no_change: Any
    early_stopping: Any
    validation_fraction: Any
    warm_start: Any
    verbose: Any
    compute_dtype: Any
    params_: Any
    best_validation_score_: float | None
    validation_scores_: list[float] | None
    loss_curve_: list[float]
    loss_: float
    n_iter_: int
    n_layers_: int
    n_outputs_: int
    t_: int

    @property
    def network_(self) -> Layer:
        """The network that was trained, (init, apply)."""
        check_is_fitted(self, "params_")
        return _network(json.dumps(self._spec))

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weights of each layer, (inputs, outputs)."""
        return [np.asarray(layer["w"]) for layer in self._dense()]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases of each layer, (outputs,)."""
        return [np.asarray(layer["b"]) for layer in self._dense()]

    @property
    def history_(self) -> dict[str, np.ndarray]:
        """Name -> one number per epoch, as ``jaxnet.plot.history`` draws it."""
        check_is_fitted(self, "params_")
        scores = {} if self.validation_scores_ is None else {"val_score": np.array(self.validation_scores_)}
        return {"loss": np.array(self.loss_curve_), **scores}

    def _dense(self) -> list[Any]:
        check_is_fitted(self, "params_")
        return [layer for layer in self.params_ if layer]

    # --- defined by the subclasses -------------------------------------------------------------------

    def _targets(self, y: Any, first: bool, classes: Any) -> np.ndarray:
        """The targets as (n, outputs)."""
        raise NotImplementedError

    def _loss(self) -> Any:
        raise NotImplementedError

    def _score(self, outputs: np.ndarray, targets: np.ndarray, weight: np.ndarray | None) -> float:
        """The score of the outputs, for early stopping."""
        raise NotImplementedError

    def _class_weights(self, y: Any, incremental: bool) -> np.ndarray | None:
        return None

    def _stratified(self) -> bool:
        """Whether the held-out examples are stratified by class."""
        return False

    # --- training ------------------------------------------------------------------------------------

    def _learn(
        self, X: Any, y: Any, sample_weight: Any, *, incremental: bool = False, classes: Any = None
    ) -> None:
        who = type(self).__name__
        self._check_parameters(who, incremental)
        first = not hasattr(self, "params_") or not (incremental or self.warm_start)
        x, y = checked(self, X, y, multi_output=True, y_numeric=is_regressor(self), reset=first)
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        targets = self._targets(y, first, classes)
        weight = example_weight(who, x, sample_weight, self._class_weights(y, incremental))
        used = targets if weight is None else targets[weight > 0]
        if self._stratified() and not incremental and (used == used[0]).all():
            raise ValueError(f"{who}: expected examples of at least two classes, got those of one class only")
        if not first and targets.shape[1] != self.n_outputs_:
            raise ValueError(f"{who}: expected {self.n_outputs_} targets per example, got {targets.shape[1]}")
        net = self._make(x.shape[1], targets.shape[1])
        state = check_random_state(self.random_state)
        if first:
            params = self._begin(net, [x.shape[1], *self._sizes(), targets.shape[1]], state)
        elif specs.to_spec(net) != self._spec:
            raise ValueError(
                f"{who}: training continues with the present network, {self.network_!r}, but the parameters "
                f"now describe {net!r}; set warm_start=False to start anew"
            )
        else:
            params = self.params_
        if incremental:
            run = self._pass(net, params, x, targets, weight)
        else:
            self._seed = self._seed if first else seed_from(state)
            run = self._fit(net, params, x, targets, weight)
        self.params_, self._opt_state = run.params, run.opt_state
        if not self.early_stopping:  # the score of an earlier fit belongs to other parameters
            self.best_validation_score_ = None
        self._steps += run.epochs * -(-len(x) // self._size(x))
        self.n_iter_ = run.epochs + (self.n_iter_ if incremental and not first else 0)
        self.t_ += run.epochs * len(x)
        self.loss_curve_ += [float(value) for value in run.history["loss"]]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else math.nan
        if run.interrupted:
            warnings.warn(
                f"{who}: interrupted after {run.epochs} epochs; the parameters reached so far are kept"
            )

    def _begin(self, net: Layer, sizes: list[int], state: np.random.RandomState) -> Any:
        """Reset the records and draw the initial weights as scikit-learn does.

        They are drawn on the host: compiling a draw takes half a second for each new shape.
        """
        vars(self).pop("params_", None)  # the estimator is not fitted if training fails from here on
        layers = []
        for inputs, outputs in itertools.pairwise(sizes):
            bound = math.sqrt((2 if self.activation == "logistic" else 6) / (inputs + outputs))
            w, b = state.uniform(-bound, bound, (inputs, outputs)), state.uniform(-bound, bound, outputs)
            layers += [{"w": w.astype(float_dtype()), "b": b.astype(float_dtype())}, {}, {}]
        self._spec, self._opt_state, self._steps, self._seed = specs.to_spec(net), None, 0, seed_from(state)
        self.n_outputs_, self.n_layers_ = sizes[-1], len(sizes)
        self.t_, self.loss_curve_, self.validation_scores_ = 0, [], None
        return layers[:-2] if net.spec.name == "serial" else layers[::3]

    def _options(self, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None) -> dict[str, Any]:
        """The options common to ``jaxnet.fit`` and a single pass."""
        size = self._size(x)
        total = len(x) if weight is None else float(weight.sum())
        l2 = float(self.alpha) * len(x) / (size * total)
        if size == len(x) and not self.dropout:
            x, t, weight = gathered(x, t, weight)
            size = len(x)
        factory, rate = optimizers.resolve(self.optimizer, self.learning_rate_init, name=type(self).__name__)
        scheduled = callable(rate)  # a schedule counts its own steps, so that partial_fit continues it
        return {
            "data": (x, t),
            "loss": self._loss(),
            "optimizer": factory(rate) if rate is None or scheduled else factory,
            "learning_rate": None if scheduled else rate,
            "batch_size": size,
            "l2": l2,
            "sample_weights": weight,
            "compute_dtype": self.compute_dtype,
        }

    def _fit(
        self, net: Layer, params: Any, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None
    ) -> training.Run:
        """Train by :func:`jaxnet.fit`."""
        score = None
        if self.early_stopping:
            x, t, weight, score = self._hold_out(net, x, t, weight)
        watch = Patience(self.tol, self.n_iter_no_change, score)
        watching = self.early_stopping or math.isfinite(self.n_iter_no_change)
        run = training.fit(
            net,
            epochs=self.max_iter,
            key=jax.random.key(self._seed),
            params=params,
            progress=bool(self.verbose),
            on_epoch=watch if watching else None,
            **self._options(x, t, weight),
        )
        if self.early_stopping:
            run = run._replace(params=run.params if watch.best_params is None else watch.best_params)
            self.validation_scores_ = [*(self.validation_scores_ or []), *watch.scores]
            self.best_validation_score_ = math.nan if watch.best_params is None else watch.best
        if watching and run.ended == "finished":
            warnings.warn(
                f"{type(self).__name__}: max_iter={self.max_iter} epochs are over and training had not "
                "converged yet; raise max_iter, or tol, or scale the data",
                ConvergenceWarning,
            )
        return run

    def _hold_out(
        self, net: Layer, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Callable[[Any], float]]:
        """Split off the held-out examples; returns the others and the score function of parameters."""
        if weight is not None:  # otherwise all held-out examples could have weight 0
            x, t, weight = x[weight > 0], t[weight > 0], weight[weight > 0]
        classes = t if t.shape[1] == 1 else t.argmax(axis=1)
        rows, held = train_test_split(
            np.arange(len(x)),
            test_size=self.validation_fraction,
            random_state=self._seed,
            stratify=classes if self._stratified() else None,
        )
        if len(held) < 2:
            raise ValueError(
                f"{type(self).__name__}: expected validation_fraction to hold out at least 2 of {len(x)} "
                f"examples, got {self.validation_fraction!r}"
            )
        x_held, t_held, w_held = jnp.asarray(x[held]), t[held], None if weight is None else weight[held]

        def score(params: Any) -> float:
            outputs = evaluation.predict(net, params, x_held, compute_dtype=self.compute_dtype)
            return self._score(np.asarray(outputs), t_held, w_held)

        return x[rows], t[rows], None if weight is None else weight[rows], score

    def _pass(
        self, net: Layer, params: Any, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None
    ) -> training.Run:
        """Train for one epoch, continuing from the last one."""
        done = len(self.loss_curve_)
        told = self._options(x, t, weight)
        data = told.pop("data")
        options = Options(key=jax.random.key(self._seed), params=params, epochs=done + 1, **told)
        job = prepare(net, data, options, host_work=True)  # as in fit, so that both run the same program
        state = job.state
        if self._opt_state is not None:
            if jax.tree.structure(self._opt_state) != jax.tree.structure(state.opt_state):
                raise ValueError(
                    f"{type(self).__name__}: the optimizer is not the one that training started with; "
                    "call fit to start anew"
                )
            state = State(state.params, self._opt_state, np.int32(self._steps))
        callbacks = loop.Callbacks(job.epochs, job.steps, net=net)
        return train(job, callbacks, state, Journal(), done * (job.steps or 0))

    def _outputs(self, X: Any) -> np.ndarray:
        """The outputs of the network, (n, outputs)."""
        check_is_fitted(self, "params_")
        x = checked(self, X, reset=False)
        count = len(x)
        if count < EVALUATION_BATCH:  # data of nearly the same length share one compiled program
            x = np.concatenate([x, np.zeros((room_for(count) - count, x.shape[1]), x.dtype)])
        outputs = evaluation.predict(self.network_, self.params_, x, compute_dtype=self.compute_dtype)
        own = getattr(X, "dtype", None)  # the outputs have the precision of the input
        return np.asarray(outputs, own if own == np.float32 else np.float64)[:count]

    # --- the parameters ------------------------------------------------------------------------------

    def _make(self, inputs: int, outputs: int) -> Layer:
        name = NAMES.get(self.activation, self.activation)
        sizes = self._sizes()
        if not self.dropout:
            chosen: Any = name
            return networks.mlp([inputs, *sizes, outputs], activation=chosen)
        hidden = [part for size in sizes for part in (dense(size), activation(name), dropout(self.dropout))]
        return serial(*hidden, dense(outputs))

    def _sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        sizes = [sizes] if isinstance(sizes, numbers.Integral) else sizes
        try:
            sizes = list(sizes)
        except TypeError:
            sizes = [sizes]
        return [check_count(type(self).__name__, "every entry of hidden_layer_sizes", size) for size in sizes]

    def _size(self, x: np.ndarray) -> int:
        """Examples per step."""
        return min(200 if self.batch_size == "auto" else int(self.batch_size), len(x))

    def _check_parameters(self, who: str, incremental: bool) -> None:
        """Raise ValueError or TypeError for an invalid parameter, naming it."""
        self._sizes()
        check_name(who, "activation", self.activation, [*NAMES, *activations.TABLE])
        number(who, "alpha", self.alpha, least=0)
        number(who, "dropout", self.dropout, least=0, below=1)
        if self.learning_rate_init is not None and not callable(self.learning_rate_init):
            number(who, "learning_rate_init", self.learning_rate_init, above=0)
        number(who, "tol", self.tol, least=0)
        number(who, "validation_fraction", self.validation_fraction, above=0, below=1)
        check_count(who, "max_iter", self.max_iter)
        if self.n_iter_no_change != math.inf:
            check_count(who, "n_iter_no_change", self.n_iter_no_change)
        if self.batch_size != "auto":
            check_count(who, "batch_size (or 'auto')", self.batch_size)
        for what in ("early_stopping", "warm_start"):
            if not isinstance(getattr(self, what), bool | np.bool):
                raise TypeError(f"{who}: expected {what} to be True or False, got {getattr(self, what)!r}")
        if incremental and self.early_stopping:
            raise ValueError(
                f"{who}: expected early_stopping=False in partial_fit, which trains for one epoch; use fit"
            )


@functools.lru_cache(maxsize=64)
def _network(told: str) -> Layer:
    return specs.from_spec(json.loads(told))
