"""Training: ``fit``, a function of (key, parameters, data, numbers)."""

import functools
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import jax
import numpy as np

from jaxnet import backprop
from jaxnet._validation import count_of
from jaxnet.layers import Layer
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.plan import Plan
from jaxnet.training.compiled.task import State
from jaxnet.training.compiled.tracing import Metrics, Transform
from jaxnet.training.evaluation import whole_figures
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.host import loop, stopping
from jaxnet.training.host.divergence import Diverged as Diverged
from jaxnet.training.host.journal import Epoch as Epoch
from jaxnet.training.host.journal import Journal
from jaxnet.training.host.progress import progress_bar
from jaxnet.training.host.resume import Checkpoint as Checkpoint
from jaxnet.training.host.resume import CheckpointStore, run_description
from jaxnet.training.host.stopping import EarlyStopping as EarlyStopping
from jaxnet.training.job import Job, prepare
from jaxnet.training.options import Freeze, Loss, Optimizer, Options, PlanName


class Run(NamedTuple):
    """The result of training.

    Attributes:
        params: the parameters (with early stopping: the best ones).
        history: name -> array with one number per epoch: ``loss``, each metric, and with validation
            data ``val_loss`` and ``val_`` + each metric. Training figures are measured during training (with
            dropout, while the parameters change), without the L2 term.
        plan: where the steps ran, and why.
        opt_state: the optimizer's state at the end.
        epochs: finished epochs.
        best_epoch: after how many epochs the parameters were best (with early stopping).
        ended: ``"finished"``, ``"early stopping"``, ``"on_epoch"`` or ``"interrupted"`` (Ctrl-C).
        layers: with ``statistics=True`` the names of the layers that have parameters.
        statistics: name -> array (epochs, layers), see :func:`jaxnet.backprop.layer_statistics`.
    """

    params: Any
    history: dict[str, np.ndarray]
    plan: Plan
    opt_state: Any
    epochs: int
    best_epoch: int
    ended: str
    layers: tuple[str, ...] = ()
    statistics: Mapping[str, np.ndarray] = MappingProxyType({})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the run; a mapping proxy cannot be pickled."""
        return type(self), (*self[:-1], dict(self.statistics))

    def __repr__(self) -> str:
        """The run in one line: how far it went, its last figures, where it ran."""
        last = ", ".join(f"{name}={values[..., -1]:.4g}" if values.ndim == 1 else f"{name}: {values.shape}"
                         for name, values in self.history.items() if values.size)  # fmt: skip
        return f"Run({self.ended} after {self.epochs} epochs, {last}, plan={self.plan.kind!r})"

    @property
    def members(self) -> int:
        """How many networks the run holds: 1, or those of ``fit_many``."""
        lengths = {len(values) for values in self.history.values() if values.ndim == 2}
        return lengths.pop() if lengths else 1

    def member(self, i: int) -> "Run":
        """One network of a run of many.

        Raises:
            IndexError: there is no such network.
            ValueError: the run holds one network only.
        """
        many = all(values.ndim == 2 for values in self.history.values())
        if not many:
            raise ValueError("Run.member: expected a run of many networks, of fit_many; this one holds one")
        if not -self.members <= i < self.members:
            raise IndexError(f"Run.member: expected a number from 0 to {self.members - 1}, got {i}")
        history = {name: values[i] for name, values in self.history.items()}
        seen = ~np.isnan(np.stack(list(history.values()))).all(0)
        epochs = int(seen.sum()) if self.epochs else 0
        best = np.broadcast_to(self.best_epoch, self.members)[i]
        one = self._replace(
            params=jax.tree.map(lambda leaf: leaf[i], self.params),
            opt_state=jax.tree.map(lambda leaf: leaf[i], self.opt_state),
            history={name: values[:epochs] for name, values in history.items()},
        )
        return one._replace(epochs=epochs, best_epoch=int(min(best, epochs)))

    def best(self, by: str | None = None, mode: Literal["min", "max"] | None = None) -> "Run":
        """The best network of a run of many, by a figure at its best epoch, or else at its last.

        Args:
            by: a figure of the history; None: ``val_loss``, or ``loss`` without validation data.
            mode: "min" or "max"; None: known for losses and the library's metrics, by their names.

        Raises:
            ValueError: an unknown figure, or no mode where it cannot be known.
        """
        by = by or ("val_loss" if "val_loss" in self.history else "loss")
        if by not in self.history:
            raise ValueError(
                f"Run.best: there is no figure {by!r}; the history has {', '.join(self.history)}"
            )
        mode = mode or stopping.direction(by.removeprefix("val_"), None)
        if mode not in ("min", "max"):
            raise ValueError(
                f"Run.best: whether a small or a large {by!r} is good is not known; give mode='min'"
            )
        values = [
            one.history[by][max(one.best_epoch, 1) - 1] for one in map(self.member, range(self.members))
        ]
        signed = np.array(values) * (1 if mode == "min" else -1)
        return self.member(int(np.nanargmin(signed)))

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the run; it holds what was learned until then."""
        return self.ended == "interrupted"


def fit(
    net: Layer,
    data: Any,
    *,
    loss: Loss,
    optimizer: Optimizer = "adam",
    learning_rate: Any = None,
    epochs: int = 10,
    batch_size: int | None = None,
    key: jax.Array,
    params: Any = None,
    validation: tuple[Any, Any] | float | None = None,
    metrics: Metrics | None = None,
    l2: float = 0.0,
    sample_weights: Any = None,
    class_weights: Mapping[int, float] | Any | None = None,
    early_stopping: EarlyStopping | int | None = None,
    compute_dtype: Any = None,
    transform: Transform | None = None,
    statistics: bool = False,
    progress: bool = True,
    checkpoint: Checkpoint | str | os.PathLike[str] | None = None,
    on_epoch: Callable[[Epoch], Any] | None = None,
    mesh: jax.sharding.Mesh | None = None,
    plan: PlanName | None = None,
    loss_weights: Mapping[str, float] | None = None,
    freeze: Freeze | None = None,
    layer_rates: Mapping[int | str, float] | None = None,
    clip: float | None = None,
    average: float | None = None,
) -> Run:
    """Train a network by gradient descent on batches.

    Each step takes the next batch of the epoch's order and does ``w <- w + update(grad L + l2 w)`` with
    ``L = (1/B) sum_i weight_i loss(net(x_i), y_i)``. The order of the examples and the dropout masks are
    functions of (key, epoch) and of (key, step) alone: the same key gives the same result, on the CPU bit
    for bit.

    Args:
        net: a network, (init, apply).
        data: ``(x, y)``, x (n, ...) and y (n, ...); a ``numpy.memmap`` x is streamed from its file. Each may
            be several arrays, a mapping from names to arrays or a NamedTuple, as the network takes and gives
            them. Or batches ``(x, y)``: an iterable that can be iterated again in each epoch (a list, a data
            loader), or a function epoch -> iterable; their order is kept.
        loss: ``loss(outputs, targets)`` -> one value per example, from :mod:`jaxnet.losses` or your own; or
            the name of one of these. Of a network with several outputs: name -> loss; their figures are
            called ``{output}_{loss}``.
        optimizer: a name ("sgd", "momentum", "adam", "adamw", "rmsprop"), an optax transformation, or a
            factory such as ``optax.lion``.
        learning_rate: for an optimizer by name or factory: a number, a schedule (step -> number), or one in
            epochs such as ``jaxnet.optimizers.one_cycle(0.01)``.
        epochs: passes over the data.
        batch_size: examples per step; None: 32, or all where there are fewer. A smaller last batch is used
            as it is: each example counts once per epoch.
        key: a typed key.
        params: initial parameters; None: ``net.init(key, x.shape[1:])``.
        validation: ``(x, y)`` to evaluate after each epoch, or the fraction of the data to hold out for it
            (keeping the proportions of integer labels), or None.
        metrics: name -> ``metric(outputs, targets)`` -> one value per example; of several outputs also output
            -> {name -> metric}. Metrics of a whole set, such as ``metrics.roc_auc`` or those of
            scikit-learn, are measured on the validation data after each epoch.
        l2: adds ``l2/2 * sum w^2`` to what is minimised, over the weights (leaves with two or more axes),
            not over the biases.
        sample_weights: (n,) weights of the examples; scaled to mean 1. Of several outputs: also output ->
            weights.
        class_weights: class -> weight, or "balanced"; multiplied with the sample weights. Of several labels
            per example: label -> weight of its positive targets. Of several outputs: output -> these.
        early_stopping: patience in epochs, or an :class:`EarlyStopping`; ``fit`` returns the best parameters.
        compute_dtype: dtype for the forward and backward pass, such as ``jnp.bfloat16``; parameters and
            losses stay as they are.
        transform: applied to each batch of x inside the program, ``lambda x: x / 255.0`` for bytes, say. One
            with an argument ``key``, such as :func:`jaxnet.data.augment`, gets a key in training that is a
            function of (key, step).
        statistics: after each epoch measure each layer on one batch: activations, dead units, gradient,
            ratio of update to weight.
        progress: show a bar with rate and remaining time on standard error, after a second: on a terminal, in
            a notebook, and as a line every half minute in a log file.
        checkpoint: a directory, or a :class:`Checkpoint`. The run is written there from time to time and when
            it ends, also by an error. The same call resumes it, bit for bit, and may ask for more epochs. A
            call with other data, network or numbers raises ValueError; arrays of more than 64 MiB are
            compared by 1,024 of their rows.
        on_epoch: called with an :class:`Epoch` after each epoch; the run stops if it returns True. For
            loggers see :mod:`jaxnet.trackers`.
        mesh: devices that share the batches, see :mod:`jaxnet.sharding`.
        plan: "run", "scan" or "loop" to override :func:`jaxnet.training.choose`.
        loss_weights: output -> weight of its loss in the sum, where losses are given by output; else 1.
        freeze: layers whose parameters stay as they are: a place in ``params`` (0, -1, ``slice(0, 3)``), a
            name ("dense", "dense 2", that of a layer of your own or of a branch of ``parallel``), a function
            of a path such as ``"[0]['w']"``, or a list of these.
        layer_rates: place or name -> by what the updates of these layers are multiplied, 0.1 for a tenth of
            the learning rate.
        clip: greatest norm of the gradient of all trained parameters; a longer one is shortened to it.
        average: decay of a moving average of the parameters, such as 0.999; validation and the result use
            the average.

    Returns:
        The parameters, the history and the plan, see :class:`Run`. After Ctrl-C: what was learned so far.

    Raises:
        ValueError: shapes that do not fit, labels outside the classes, empty data, NaN in the data, a batch
            larger than the data, an unknown optimizer or one that cannot train.
        TypeError: a key that is no typed key, a loss that is no function.
        Diverged: the loss became NaN or infinite; says in which epoch, step and layer, and keeps the last
            good parameters.

    Example:
        >>> import jax, jaxnet, numpy as np
        >>> from jaxnet import losses
        >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> run = fit(jaxnet.dense(1), (x, 2 * x + 1), loss=losses.mse, optimizer="sgd", learning_rate=0.1,
        ...           epochs=200, batch_size=4, key=jax.random.key(0))
        >>> run.params["w"].round(2).tolist(), run.params["b"].round(2).tolist()
        ([[2.0]], [1.0])
    """
    options = Options(
        loss=loss, key=key, optimizer=optimizer, learning_rate=learning_rate, epochs=epochs,
        batch_size=batch_size, params=params, validation=validation, metrics=metrics, l2=l2,
        sample_weights=sample_weights, class_weights=class_weights, compute_dtype=compute_dtype,
        transform=transform, plan=plan, mesh=mesh, loss_weights=loss_weights, freeze=freeze,
        layer_rates=layer_rates, clip=clip, average=average,
    )  # fmt: skip
    host_work = statistics or any(given is not None for given in (early_stopping, on_epoch, checkpoint))
    job = prepare(net, data, options, host_work=host_work)
    early = stopping.early_stopping(early_stopping, job.figures, metric_functions(job))
    state, journal, store = job.state, Journal(), None
    if checkpoint is not None:
        store = CheckpointStore(checkpoint, run_description(net, job, early))
        state, journal = store.find(state) or (state, journal)
        if len(journal.rows) + (journal.partial is not None) > max(job.epochs, 1):
            raise ValueError(
                f"fit: the checkpoint in {store.folder} holds {len(journal.rows)} epochs, more than "
                f"epochs={job.epochs}; ask for at least as many, or give another directory"
            )
    with progress_bar(progress, job.epochs, len(journal.rows)) as bar:
        look = _look(net, job) if statistics else None
        callbacks = loop.Callbacks(
            job.epochs, job.steps, job.validation, early, on_epoch, look, store, bar, net, _whole(job)
        )  # fmt: skip
        run = train(job, callbacks, job.placement.whole(state), journal, int(state.step))
    return run._replace(layers=backprop.layer_names(net, run.params)) if statistics else run


def train(job: Job, callbacks: loop.Callbacks, state: State, journal: Journal, done: int) -> Run:
    """Run the job from this state on, after ``done`` steps."""
    state, journal, ended = loop.train(
        job.task, job.hyper, job.key, job.chunks(done), state, journal, job.plan.kind, callbacks
    )
    finished = len(journal.rows)
    early = journal.best_params is not None
    return Run(
        journal.best_params if early else state.learned,
        {name: np.array([row[name] for row in journal.rows]) for name in job.figures},
        job.plan,
        state.opt_state,
        finished,
        journal.best_epoch if early else finished,
        ended,
        statistics={
            name: np.stack([row[name] for row in journal.statistics])
            for name in (journal.statistics[0] if journal.statistics else ())
        },
    )


def metric_functions(job: Job) -> dict[str, Callable[..., Any]]:
    """All metrics by name."""
    return {name: metric.function for name, metric in (*job.task.metrics, *job.whole)}


def _whole(job: Job) -> Callable[[Any], dict[str, float]] | None:
    """The metrics of the whole validation set, as a function of the parameters."""
    if not job.whole or job.validation is None:
        return None
    data, order = job.validation
    rows = np.asarray(order).reshape(-1)
    rows = rows[rows < count_of(data.x)]
    x, y = jax.tree.map(lambda part: part[rows], (data.x, data.y))
    return functools.partial(whole_numbers, "fit", job.task, job.whole, x, y)


def whole_numbers(who: str, task: Any, metrics: Any, x: Any, y: Any, params: Any) -> dict[str, float]:
    """The metrics of a whole set, one number each."""
    found = whole_figures(who, task, metrics, params, x, y)
    for name, value in found.items():
        if not isinstance(value, int | float | bool):
            raise ValueError(
                f"{who}: expected {name} to give one number for the whole set, got an array of shape "
                f"{np.shape(value)}; use it in evaluate"
            )
    return {name: float(value) for name, value in found.items()}


def _look(net: Any, job: Job) -> Callable[[State, Chunk], dict[str, np.ndarray]]:
    """The statistics of each layer on the first batch of a chunk."""
    look = Pure(functools.partial(_statistics, net, job.task.loss.function))

    def statistics(state: State, chunk: Chunk) -> dict[str, np.ndarray]:
        found = programs.run_statistics(
            job.task, look, job.hyper, job.key, chunk.data, state, chunk.order[0, 0]
        )
        return {name: np.asarray(values) for name, values in found.items()}

    return statistics


def _statistics(
    net: Any, loss: Any, params: Any, x: jax.Array, y: jax.Array, updates: Any
) -> dict[str, jax.Array]:
    return backprop.layer_statistics(net, params, x, y, loss, updates=updates)
