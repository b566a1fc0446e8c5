"""What can be known of sequences of different lengths before a program runs, which cannot raise."""

from functools import partial
from typing import Any

import jax
import numpy as np

from jaxnet._padded import Padded
from jaxnet._validation import check_net
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.task import Task
from jaxnet.training.compiled.tracing import naming


def check_sequences(name: str, task: Task, net: Any, params: Any, x: Any, y: Any = None) -> None:
    """Refuse sequences that are too short for the network, and targets of other lengths than its outputs.

    Args:
        name: the function that the user called.
        task: what is trained or evaluated.
        net: the network.
        params: its parameters.
        x: inputs.
        y: targets; None where there are none.

    Raises:
        ValueError: what a layer says of the shortest sequence alone; or a target of another length.
    """
    if not isinstance(x, Padded):
        return
    check_net(name, net)
    shortest = int(np.asarray(x.lengths).min())
    if hasattr(net, "out_shape") and task.transform is None:
        try:
            net.out_shape((shortest, *x.values.shape[2:]))
        except ValueError as error:
            raise ValueError(f"{name}: the shortest sequence has {shortest} steps: {error}") from None
    if y is None:
        return
    with naming(name):
        outputs = jax.eval_shape(partial(programs.forward, task), params, x, None)
    if not isinstance(y, Padded):
        if isinstance(outputs, Padded) and not name.startswith("evaluate"):
            raise ValueError(
                f"{name}: the network gives one output per step, but y is an array; give y as a Padded with "
                "one target per step, or end the network with a layer that gives one output per sequence, "
                "such as gru(8) or global_avg_pool(1)"
            )
        return
    if not isinstance(outputs, Padded):
        raise ValueError(
            f"{name}: y is a Padded, one target per step, but the network gives one output per sequence, of "
            f"shape {outputs.shape[1:]}; use return_sequences=True"
        )
    wanted, got = np.asarray(_lengths(task, params, x)), np.asarray(y.lengths)
    wrong = np.flatnonzero(wanted != got)
    if wrong.size:
        raise ValueError(
            f"{name}: expected one target per step of the outputs, {wanted[wrong[0]]} for sequence "
            f"{wrong[0]}, got {got[wrong[0]]}"
        )


@partial(jax.jit, static_argnames="task")
def _lengths(task: Task, params: Any, x: Any) -> jax.Array:
    """The lengths of the outputs; all that they do not depend on is left out by the compiler."""
    outputs: Any = programs.forward(task, params, x, None)
    return outputs.lengths
