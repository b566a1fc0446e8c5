"""The options that ``fit`` shares with its relatives, declared once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import jax


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
