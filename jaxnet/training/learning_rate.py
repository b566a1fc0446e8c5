"""Find a learning rate: a short run in which it rises from far too small to far too large."""

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import _validation
from jaxnet.layers import Layer
from jaxnet.training.compiled import programs
from jaxnet.training.feed.chunks import Chunk
from jaxnet.training.feed.order import epoch_order
from jaxnet.training.host.execution import execute
from jaxnet.training.host.journal import report
from jaxnet.training.job import prepare
from jaxnet.training.options import Loss, Optimizer, Options


class RateSearch(NamedTuple):
    """The loss while the learning rate rises; plot it with the rates on a logarithmic scale.

    Attributes:
        rates: learning rate of each step.
        losses: loss of each step's batch, before the step.
        smoothed: their moving average, corrected for its bias towards 0.
        suggestion: the rate at which the smoothed loss falls most steeply.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggestion: float

    def __repr__(self) -> str:
        """The search in one line."""
        ends = f"{self.rates[0]:.3g} to {self.rates[-1]:.3g}" if len(self.rates) else "no rates"
        return f"RateSearch(suggestion={self.suggestion:.3g}, {len(self.rates)} steps from {ends})"


def find_learning_rate(
    net: Layer,
    data: tuple[Any, Any],
    *,
    loss: Loss,
    key: jax.Array,
    optimizer: Optimizer = "adam",
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int | None = None,
    params: Any = None,
    **options: Any,
) -> RateSearch:
    """Train for some steps while the learning rate rises: ``eta_t = lowest (highest/lowest)^(t/(steps-1))``.

    One compiled program (on the CPU with a convolution: one step, many times). The figures end where the
    smoothed loss is four times its best value, or no longer finite.

    Args:
        net: a network.
        data: ``(x, y)`` in memory.
        loss: as in :func:`jaxnet.fit`.
        key: a typed key.
        optimizer: a name or a factory, as in :func:`jaxnet.fit`.
        lowest: the first rate.
        highest: the last rate.
        steps: number of steps.
        batch_size: as in :func:`jaxnet.fit`.
        params: initial parameters; they are not changed.
        **options: l2, sample_weights, class_weights, compute_dtype, transform, plan: as in
            :func:`jaxnet.fit`.

    Returns:
        The rates, the losses and a suggestion.

    Raises:
        ValueError: rates that do not rise, fewer than 10 steps; and what :func:`jaxnet.fit` raises.

    Example:
        >>> import jaxnet
        >>> from jaxnet import data, losses
        >>> net, key = jaxnet.mlp("2-4-1"), jax.random.key(0)
        >>> found = find_learning_rate(net, data.XOR, loss=losses.mse, optimizer="sgd", key=key, steps=50)
        >>> 1e-6 <= found.suggestion <= 10
        True

    Reference:
        L. Smith, Cyclical learning rates for training neural networks, 2017.
    """
    steps = _validation.check_count("find_learning_rate", "steps", steps, 10)
    if not 0 < lowest < highest < math.inf:
        raise ValueError(f"find_learning_rate: expected 0 < lowest < highest, got {lowest} and {highest}")
    schedule = functools.partial(_rising, float(lowest), float(highest), steps)
    parsed = Options.parse(
        "find_learning_rate", options, without=("validation", "metrics"), loss=loss, key=key,
        optimizer=optimizer, learning_rate=schedule, epochs=1, batch_size=batch_size, params=params,
    )  # fmt: skip
    job = prepare(net, data, parsed)
    if job.steps is None or not isinstance(jax.tree.leaves(job.data.x)[0], jax.Array):
        raise ValueError("find_learning_rate: expected the data as a pair (x, y) in memory")
    rounds = -(-steps // job.steps)
    examples = _validation.count_of(job.data.x)
    order = np.concatenate(
        [epoch_order(job.key_bits, epoch, examples, job.batch_size) for epoch in range(rounds)]
    )
    order = order[:steps, None]  # each step counts as an epoch: one figure for each
    if job.plan.kind == "loop":
        state, tallies = job.state, []
        for row in order:
            chunk = Chunk(job.data, row[None], 0, False)
            state, found, _ = execute(job.task, job.hyper, job.key, chunk, state, "loop", None)
            tallies += found
        losses = np.array([report(job.task, tally)["loss"] for tally in tallies])
    else:
        _, tally, _ = programs.run_epochs(job.task, job.hyper, job.key, job.data, job.state, order)
        losses = np.asarray(tally.loss, float) / np.asarray(tally.count)
    rates = lowest * (highest / lowest) ** (np.arange(steps) / (steps - 1))
    return _judge(rates, losses)


def _rising(lowest: float, highest: float, steps: int, step: Any) -> Any:
    return lowest * jnp.exp(math.log(highest / lowest) * (step / (steps - 1)))


def _judge(rates: np.ndarray, losses: np.ndarray) -> RateSearch:
    smoothed, average = np.empty(len(losses)), 0.0
    for step, value in enumerate(losses):
        average = 0.9 * average + 0.1 * value
        smoothed[step] = average / (1 - 0.9 ** (step + 1))
    best = np.minimum.accumulate(np.where(np.isfinite(smoothed), smoothed, np.inf))
    with np.errstate(invalid="ignore"):
        over = ~(smoothed <= 4 * best)  # NaN is over, too
    end = max(int(np.argmax(over)) if over.any() else len(losses), 2)
    fall = np.gradient(smoothed[:end], np.log(rates[:end]))
    return RateSearch(rates[:end], losses[:end], smoothed[:end], float(rates[int(np.argmin(fall))]))
