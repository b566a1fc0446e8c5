"""The options that ``fit`` shares with its relatives, declared once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Required, TypedDict

import jax
import optax

LossName = Literal[
    "binary_cross_entropy", "cross_entropy", "hinge", "huber", "kl_divergence", "log_cosh", "mae", "mse",
    "squared_hinge",
]  # fmt: skip
LossFunction = Callable[[Any, Any], Any]
Loss = LossName | LossFunction | Mapping[str, LossName | LossFunction]
OptimizerName = Literal["adam", "adamw", "momentum", "rmsprop", "sgd"]
Optimizer = OptimizerName | optax.GradientTransformation | Callable[[Any], optax.GradientTransformation]
PlanName = Literal["run", "scan", "loop"]
Metric = Callable[..., Any]
Metrics = Mapping[str, Metric | Mapping[str, Metric]]
Freeze = int | str | slice | Callable[[str], bool] | Sequence[int | str | slice | Callable[[str], bool]]


class FitOptions(TypedDict, total=False):
    """The options of ``fit`` that ``fit_many``, ``cross_validate`` and ``search`` take too."""

    loss: Required[Loss]
    loss_weights: Mapping[str, float] | None
    optimizer: Optimizer
    epochs: int
    batch_size: int | None
    params: Any
    validation: Any
    metrics: Metrics | None
    sample_weights: Any
    class_weights: Any
    freeze: Freeze | None
    layer_rates: Mapping[int | str, float] | None
    clip: float | None
    average: float | None
    compute_dtype: Any
    transform: Callable[..., Any] | None
    plan: PlanName | None


class RatedOptions(FitOptions, total=False):
    """These and the numbers that ``fit_many`` takes one by one."""

    learning_rate: Any
    l2: float


@dataclass(frozen=True, eq=False)
class Options:
    """How a network is trained; ``caller`` is the public function, for error messages.

    The other fields are arguments of :func:`jaxnet.fit`.
    """

    loss: Any
    key: jax.Array
    optimizer: Any = "adam"
    learning_rate: Any = None
    epochs: int = 10
    batch_size: int | None = None
    params: Any = None
    validation: Any = None
    metrics: Any = None
    l2: float = 0.0
    sample_weights: Any = None
    class_weights: Any = None
    compute_dtype: Any = None
    transform: Any = None
    plan: str | None = None
    mesh: Any = None
    loss_weights: Any = None
    freeze: Any = None
    layer_rates: Any = None
    clip: float | None = None
    average: float | None = None
    caller: str = "fit"

    @classmethod
    def parse(
        cls, caller: str, given: Mapping[str, Any], without: tuple[str, ...] = (), **own: Any
    ) -> "Options":
        """The options of a function that takes them as ``**options``.

        Args:
            caller: the public function.
            given: its ``**options``.
            without: options that it does not take.
            own: options that it sets itself.

        Raises:
            TypeError: for an option that the function does not take, or a missing loss.

        Example:
            >>> Options.parse("cross_validate", {"loss": "mse", "epochs": 3}, key=jax.random.key(0)).epochs
            3
        """
        taken = [f.name for f in fields(cls) if f.name not in {"caller", "mesh", *without, *own}]
        for name in given:
            if name not in taken:
                raise TypeError(f"{caller}: there is no option {name!r}; the options are {', '.join(taken)}")
        if "loss" not in own and "loss" not in given:
            raise TypeError(f"{caller}: loss is missing; give a function from jaxnet.losses, or its name")
        return cls(**given, **own, caller=caller)
