"""Where a training step runs best: the one place that decides it.

- ``run``: the whole run is one compiled program, when it takes about a second or less;
- ``loop``: a Python loop over one compiled step with donated state, many steps in flight, when there is a
  convolution and this is the CPU, or when a step is so long that a loop inside the program gains nothing;
- ``scan``: a compiled loop over the steps of an epoch, or of equal parts of it, in all other cases.

Measured on two cores. MNIST MLP, batch 128: scan 65,000 samples/s, loop over donated steps 67,000 (45,000
without donation). Digits MLP, 50 epochs: one program 0.08 s. A CNN, one epoch: loop 3.1 s, the same step in
a scan 27 s, because inside control flow XLA's CPU backend does not take its fast path for convolutions.
"""

from typing import Any, NamedTuple

import jax

from jaxnet.layers.costs import inner_jaxprs, product_flops

KINDS = ("run", "scan", "loop")
_CHUNK_SECONDS = 1.0  # how long Ctrl-C and the progress bar may have to wait
_LONG_STEP = 0.05  # seconds: from here on a step in a Python loop costs nothing extra
_RATE = {"cpu": 1.2e11, "gpu": 1e13, "tpu": 3e13}  # operations per second that such products reach, roughly
_OVERHEAD = {"cpu": 3e-6, "gpu": 6e-6, "tpu": 2e-6}  # seconds for each operation of the program


class Plan(NamedTuple):
    """Where the steps of a run take place.

    Attributes:
        kind: ``"run"``, ``"scan"`` or ``"loop"``.
        chunk: steps without the host.
        reason: why, as a sentence.
    """

    kind: str
    chunk: int
    reason: str


class Cost(NamedTuple):
    """What the forward pass of one batch is made of."""

    flops: float
    operations: int
    convolution: bool


def cost(jaxpr: Any) -> Cost:
    """Count the operations of a traced function, those in a loop as often as it runs.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> cost(jax.make_jaxpr(lambda x: x @ x)(jnp.ones((4, 4))).jaxpr)
        Cost(flops=128.0, operations=1, convolution=False)
    """
    flops, operations, convolution = 0.0, 0, False
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        flops += product_flops(equation)
        convolution = convolution or name == "conv_general_dilated"
        rounds = equation.params["length"] if name == "scan" else 1
        inner = [cost(part) for part in inner_jaxprs(equation)]
        flops += rounds * sum(part.flops for part in inner)
        operations += rounds * sum(part.operations for part in inner) + (not inner)
        convolution = convolution or any(part.convolution for part in inner)
    return Cost(flops, operations, convolution)


def platform() -> str:
    """What new arrays will lie on: ``"cpu"``, ``"gpu"`` or ``"tpu"``; ``jax.default_device`` counts.

    Example:
        >>> with jax.default_device(jax.devices("cpu")[0]):
        ...     platform()
        'cpu'
    """
    device = getattr(jax.config, "jax_default_device")  # noqa: B009, the attribute is made while JAX runs
    return jax.default_backend() if device is None else getattr(device, "platform", str(device))


def seconds_of_step(forward: Cost, backend: str, weights: int = 0) -> float:
    """An estimate of how long a step takes, from the cost of the forward pass of a batch.

    Example:
        >>> round(seconds_of_step(Cost(1.2e8, 0, False), "cpu"), 4)
        0.003
    """
    rate, overhead = _RATE.get(backend, 1e13), _OVERHEAD.get(backend, 5e-6)
    # forward, and backward twice as much; the optimizer touches each weight about ten times
    return (3 * forward.flops + 10 * weights) / rate + 4 * forward.operations * overhead


def choose(
    forward: Cost,
    steps: int,
    epochs: int,
    *,
    backend: str,
    weights: int = 0,
    wanted: str | None = None,
    visits: bool = False,
) -> Plan:
    """Decide where the steps run.

    Args:
        forward: cost of the forward pass of one batch, from :func:`cost`.
        steps: steps per epoch.
        epochs: epochs of the run.
        backend: ``"cpu"``, ``"gpu"`` or ``"tpu"``.
        weights: number of parameters.
        wanted: a kind, to override the choice; None to choose.
        visits: whether the host has something to do after each epoch.

    Returns:
        The plan.

    Raises:
        ValueError: for an unknown kind.

    Example:
        >>> choose(Cost(1e6, 20, False), 57, 50, backend="cpu").kind
        'run'
        >>> choose(Cost(1e8, 20, True), 100, 5, backend="cpu").kind
        'loop'
    """
    if wanted is not None and wanted not in KINDS:
        raise ValueError(f"fit: plan must be one of {', '.join(KINDS)}, got {wanted!r}")
    a_step = seconds_of_step(forward, backend, weights)
    total = a_step * steps * epochs
    estimate = f"a step is estimated at {a_step * 1e3:.2g} ms, the run at {total:.2g} s"
    if wanted == "run" and visits:
        kind, reason = (
            "scan",
            f"'run' was requested, but the host has something to do after each epoch; {estimate}",
        )
    elif wanted is not None:
        kind, reason = wanted, f"requested; {estimate}"
    elif forward.convolution and backend == "cpu":
        kind, reason = "loop", "a convolution inside a compiled loop is slow on the CPU"
    elif a_step >= _LONG_STEP:
        kind, reason = "loop", f"{estimate}: long steps gain nothing from a compiled loop"
    elif visits:
        kind, reason = "scan", f"{estimate}: the host has something to do after each epoch"
    elif total <= _CHUNK_SECONDS:
        kind, reason = "run", f"{estimate}: one program does it all"
    else:
        kind, reason = "scan", f"{estimate}: the host takes over about once per second"
    if kind == "run":
        return Plan(kind, steps * epochs, reason)
    # equal parts of an epoch, or whole epochs one by one
    parts = max(1, round(a_step * steps / _CHUNK_SECONDS))
    return Plan(kind, -(-steps // min(parts, steps)), reason)
