"""Optimizers: any ``optax`` transformation, or one of the usual ones by name.

An optimizer given by name (or as a factory such as ``optax.lion``) gets its learning rate as an argument of
the compiled program: another learning rate needs no new compilation, and many can train side by side. A
transformation such as ``optax.adam(1e-3)`` keeps its own. What needs the loss too, such as ``optax.lbfgs()``,
gets it; what cannot train, such as ``optax.scale_by_adam()`` alone, is refused before the run.

Accumulation and further kinds of clipping are optax's and go into ``fit`` as they are:
``optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))`` and
``optax.MultiSteps(optax.adam(1e-3), every_k_schedule=4)``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import optax

from jaxnet._validation import check_name

__all__ = [
    "TABLE",
    "Schedule",
    "cosine",
    "linear",
    "one_cycle",
    "resolve",
]

Factory = Callable[[Any], optax.GradientTransformation]


def sgd(learning_rate: Any) -> optax.GradientTransformation:
    """Gradient descent, ``w <- w - eta g``.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = sgd(0.1)
        >>> rule.update(jnp.array(2.0), rule.init(jnp.array(1.0)))[0].item()
        -0.20000000298023224
    """
    return optax.sgd(learning_rate)


def momentum(learning_rate: Any) -> optax.GradientTransformation:
    """Gradient descent with momentum 0.9, ``m <- 0.9 m + g``, ``w <- w - eta m``.

    Reference: B. Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    """
    return optax.sgd(learning_rate, momentum=0.9)


def adam(learning_rate: Any) -> optax.GradientTransformation:
    """Adam with ``b1 = 0.9, b2 = 0.999, eps = 1e-8``.

    Reference: D. Kingma and J. Ba, Adam: a method for stochastic optimization, 2014.
    """
    return optax.adam(learning_rate)


def adamw(learning_rate: Any) -> optax.GradientTransformation:
    """Adam with decoupled weight decay 1e-4.

    Reference: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, 2017.
    """
    return optax.adamw(learning_rate)


def rmsprop(learning_rate: Any) -> optax.GradientTransformation:
    """RMSprop with decay 0.9, ``v <- 0.9 v + 0.1 g^2``, ``w <- w - eta g / sqrt(v + eps)``.

    Reference: T. Tieleman and G. Hinton, Lecture 6.5 of Neural networks for machine learning, 2012.
    """
    return optax.rmsprop(learning_rate)


class Schedule(NamedTuple):
    """A learning rate that changes over the run, given in epochs; ``fit`` counts the steps.

    Attributes:
        kind: "cosine", "linear", "one_cycle" or "constant".
        peak: the highest learning rate.
        warmup: epochs in which the rate rises from almost 0 to the peak; a number below 1 of ``one_cycle`` is
            the share of the run.
        floor: the last learning rate, as a share of the peak.
    """

    kind: str
    peak: float
    warmup: float = 0.0
    floor: float = 0.0

    def in_steps(self, steps: int, epochs: int) -> Callable[[Any], Any]:
        """The schedule of optax for a run of so many epochs of so many steps."""
        total = max(steps * epochs, 1)
        rising = self.warmup * total if self.kind == "one_cycle" else self.warmup * steps
        first = min(round(rising), total - 1)
        if self.kind == "one_cycle":
            first = max(first, 1)
            up = optax.cosine_decay_schedule(self.peak / 25, first, alpha=25.0)
            down = optax.cosine_decay_schedule(self.peak, max(total - first, 1), alpha=self.floor)
            return optax.join_schedules([up, down], [first])
        rest = max(total - first, 1)
        down = {
            "cosine": lambda: optax.cosine_decay_schedule(self.peak, rest, alpha=self.floor),
            "linear": lambda: optax.linear_schedule(self.peak, self.peak * self.floor, rest),
            "constant": lambda: optax.constant_schedule(self.peak),
        }[self.kind]()
        if not first:
            return down
        up = optax.linear_schedule(self.peak / (first + 1), self.peak, first)
        return optax.join_schedules([up, down], [first])


def cosine(peak: float, *, warmup: float = 0.0, floor: float = 0.0) -> Schedule:
    """A rate that falls from ``peak`` as half a cosine: eta = peak (1 + cos(pi t / T)) / 2, after a warm-up.

    Args:
        peak: the highest learning rate.
        warmup: epochs in which it rises to the peak.
        floor: the last rate, as a share of the peak.

    Returns:
        A schedule for ``fit(learning_rate=...)``.

    Example:
        >>> rate = cosine(0.1, warmup=1).in_steps(10, 3)
        >>> [round(float(rate(step)), 4) for step in (0, 10, 20, 30)]
        [0.0091, 0.1, 0.05, 0.0]

    Reference: I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.
    """
    return _schedule("cosine", peak, warmup, floor)


def linear(peak: float, *, warmup: float = 0.0, floor: float = 0.0) -> Schedule:
    """A rate that falls from ``peak`` along a straight line, after a warm-up.

    Args:
        peak: the highest learning rate.
        warmup: epochs in which it rises to the peak.
        floor: the last rate, as a share of the peak.

    Returns:
        A schedule for ``fit(learning_rate=...)``.

    Example:
        >>> rate = linear(0.1).in_steps(10, 2)
        >>> [round(float(rate(step)), 4) for step in (0, 10, 20)]
        [0.1, 0.05, 0.0]
    """
    return _schedule("linear", peak, warmup, floor)


def one_cycle(peak: float, *, warmup: float = 0.3, floor: float = 4e-6) -> Schedule:
    """A rate that rises from a 25th of ``peak`` and falls to almost 0, both as half a cosine.

    Args:
        peak: the highest learning rate, such as that of :func:`jaxnet.find_learning_rate`.
        warmup: the share of the run in which it rises.
        floor: the last rate, as a share of the peak.

    Returns:
        A schedule for ``fit(learning_rate=...)``.

    Example:
        >>> rate = one_cycle(0.1).in_steps(10, 10)
        >>> [round(float(rate(step)), 4) for step in (0, 30, 100)]
        [0.004, 0.1, 0.0]

    Reference: L. Smith and N. Topin, "Super-Convergence", 2018.
    """
    return _schedule("one_cycle", peak, warmup, floor)


def _schedule(kind: str, peak: float, warmup: float, floor: float) -> Schedule:
    most = 1.0 if kind == "one_cycle" else np.inf
    for what, value, top in (("peak", peak, np.inf), ("warmup", warmup, most), ("floor", floor, 1.0)):
        if isinstance(value, bool) or not 0 <= float(value) <= top or not np.isfinite(float(value)):
            raise ValueError(f"{kind}: expected {what} from 0 to {top:g}, got {value!r}")
    return Schedule(kind, float(peak), float(warmup), float(floor))


#: name -> (factory, the learning rate when none is given)
TABLE: dict[str, tuple[Factory, float]] = {
    "sgd": (sgd, 0.01),
    "momentum": (momentum, 0.01),
    "adam": (adam, 1e-3),
    "adamw": (adamw, 1e-3),
    "rmsprop": (rmsprop, 1e-3),
}


def resolve(
    optimizer: str | optax.GradientTransformation | Factory, learning_rate: Any = None, *, name: str = "fit"
) -> tuple[Factory, Any]:
    """What the user gave as optimizer, as a function of the learning rate.

    Args:
        optimizer: a name of :data:`TABLE`, an optax transformation, or a factory: learning rate -> one.
        learning_rate: a number, a schedule (step -> number), or None for the default of the name.
        name: who asks, for error messages.

    Returns:
        ``(factory, learning_rate)``; the learning rate is None where the transformation has its own.

    Raises:
        ValueError: for an unknown name or a learning rate that would not be used.
        TypeError: for something that is no optimizer.

    Example:
        >>> resolve("adam")[1], resolve("sgd", 0.5)[1], resolve(optax.sgd(0.1))[1]
        (0.001, 0.5, None)
    """
    if learning_rate is not None and not callable(learning_rate):
        value = np.asarray(learning_rate)
        if value.shape != () or value.dtype.kind not in "iuf" or not 0 <= float(value) < np.inf:
            raise ValueError(
                f"{name}: learning_rate must be a number of at least 0, or a schedule, got {learning_rate!r}"
            )
    if isinstance(optimizer, str):
        if optimizer not in TABLE and callable(getattr(optax, optimizer, None)):
            raise ValueError(
                f"{name}: there is no optimizer {optimizer!r}; give optax's, optimizer=optax.{optimizer}"
            )
        check_name(name, "optimizer", optimizer, TABLE)
        factory, default = TABLE[optimizer]
        return factory, default if learning_rate is None else learning_rate
    init, update = getattr(optimizer, "init", None), getattr(optimizer, "update", None)
    if init is not None and update is not None:
        if learning_rate is not None:
            raise ValueError(
                f"{name}: a ready-made optimizer has its own learning rate; give optimizer='adam' or the "
                "factory, such as optax.adam, together with learning_rate"
            )
        made = optax.GradientTransformationExtraArgs(init, update)
        return lambda _: made, None
    if callable(optimizer):
        if learning_rate is None:
            raise ValueError(f"{name}: an optimizer given as a factory needs learning_rate=")
        return optimizer, learning_rate
    raise TypeError(
        f"{name}: optimizer must be a name, an optax transformation or a factory, got {optimizer!r}"
    )
