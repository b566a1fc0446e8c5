"""What a compiled program is made of and works on."""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxnet.training.compiled.fingerprint import Pure

Params = Any


class Part(NamedTuple):
    """The loss of one of several outputs.

    Attributes:
        output: the name of the output, and of its targets.
        figure: its name in the history.
        loss: ``loss(outputs, targets)`` -> one value per example.
        weight: what it is multiplied by in the sum that is minimised.
    """

    output: str
    figure: str
    loss: Pure
    weight: float = 1.0


class Task(NamedTuple):
    """What is trained and how, as far as it shapes the compiled program. Hashable.

    Attributes:
        apply: the network's ``apply``.
        loss: ``loss(outputs, targets)`` -> one value per example.
        optimizer: learning rate -> optax transformation.
        schedule: step -> learning rate, or None where the rate is a plain number.
        metrics: (name, function) pairs.
        penalised: whether there is an L2 term.
        compute_dtype: dtype of the forward and backward pass, or None for that of the parameters.
        transform: applied to a batch of x before the network sees it, or None.
        rows: how the rows of a batch are spread over devices, or None.
        optimizer_inputs: what the optimizer's update needs beside gradient, state and parameters.
        weighted_metrics: whether metrics are weighted means too.
        factors: what the updates of each array of the parameters are multiplied by, 0 for frozen ones.
        clip: the greatest norm of the gradient, or None.
        average: the decay of the average of the parameters, or None.
        parts: the losses of several outputs, of which ``loss`` is the weighted sum.
    """

    apply: Pure
    loss: Pure
    optimizer: Pure | None = None
    schedule: Pure | None = None
    metrics: tuple[tuple[str, Pure], ...] = ()
    penalised: bool = False
    compute_dtype: str | None = None
    transform: Pure | None = None
    rows: Any = None
    optimizer_inputs: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    weighted_metrics: bool = False
    factors: tuple[float, ...] | None = None
    clip: float | None = None
    average: float | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the history, without those of validation."""
        return ("loss", *(part.figure for part in self.parts), *(name for name, _ in self.metrics))

    def for_evaluation(self) -> "Task":
        """The same task as far as evaluation is concerned: equal for all ways of training."""
        return self._replace(
            optimizer=None, schedule=None, penalised=False, optimizer_inputs=(), factors=None, clip=None,
            average=None,
        )  # fmt: skip


class Hyper(NamedTuple):
    """The numbers that may differ from run to run without a new compilation."""

    learning_rate: Any = None
    l2: Any = 0.0
    dropout: Any = None  # handed to apply as dropout=, where it is not None


class Data(NamedTuple):
    """Examples: inputs, targets and, where examples do not count alike, their weights (mean 1).

    Each is an array or a tree of arrays with a leading axis of examples; weights may be given by output.
    """

    x: Any
    y: Any
    weight: Any = None


class State(NamedTuple):
    """What training carries from step to step; ``average`` is that of the parameters, if asked for."""

    params: Params
    opt_state: Any
    step: Any
    average: Params = None

    @property
    def learned(self) -> Params:
        """The parameters to use: their average where there is one."""
        return self.params if self.average is None else self.average


class Tally(NamedTuple):
    """Sums over examples: the loss, its parts and each metric, and how many examples there were."""

    loss: Any
    metrics: tuple[Any, ...]
    count: Any


def empty_tally(task: Task) -> Tally:
    """A tally of no examples."""
    zero = np.zeros((), jnp.result_type(float))
    return Tally(zero, tuple(zero for _ in task.figures[1:]), zero)


def entry(tree: Any, name: str) -> Any:
    """The entry of that name: of a mapping or a NamedTuple."""
    return tree[name] if isinstance(tree, Mapping) else getattr(tree, name)


def weighted_sum(parts: tuple[Part, ...], outputs: Any, targets: Any) -> Any:
    """The sum of the losses of several outputs, each with its weight."""
    values = [
        jnp.asarray(part.weight, jnp.result_type(float))
        * part.loss(entry(outputs, part.output), entry(targets, part.output))
        for part in parts
    ]
    return functools.reduce(jnp.add, values)
