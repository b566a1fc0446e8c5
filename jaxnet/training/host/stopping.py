"""Early stopping: when a run has stopped improving."""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from jaxnet import losses, metrics
from jaxnet._validation import check_count

_LOWER = {
    *losses.TABLE,
    "calibration_error",
    "loss",
    "error",
    "rmse",
    "mean_absolute_error",
    "mean_squared_error",
}
_HIGHER = {
    "accuracy", "auc", "average_precision", "balanced_accuracy", "binary_accuracy", "f1", "precision", "r2",
    "recall", "roc_auc", "top_k",
}  # fmt: skip


class EarlyStopping(NamedTuple):
    """When to stop because nothing improves; ``fit`` then returns the best parameters.

    Attributes:
        patience: epochs without an improvement.
        min_delta: what counts as an improvement.
        monitor: a figure of the history; None for ``val_loss``, or ``loss`` without validation data.
        mode: ``"min"`` or ``"max"``; may be None for losses and for metrics of this library, and for names
            such as "accuracy" and names that end in "_loss" or "_error".
    """

    patience: int = 5
    min_delta: float = 0.0
    monitor: str | None = None
    mode: Literal["min", "max"] | None = None


def early_stopping(
    given: EarlyStopping | int | None,
    figures: Sequence[str],
    functions: Mapping[str, Callable[..., Any]],
    caller: str = "fit",
) -> EarlyStopping | None:
    """What the user gave, with monitor and mode filled in.

    Args:
        given: the argument of ``fit``.
        figures: names of the history.
        functions: the metrics by name.
        caller: the public function.

    Raises:
        ValueError: for a figure that the history will not have, an unknown mode, or no mode where it cannot
            be known.

    Example:
        >>> early_stopping(3, ["loss", "val_loss"], {})
        EarlyStopping(patience=3, min_delta=0.0, monitor='val_loss', mode='min')
    """
    if given is None:
        return None
    early = given if isinstance(given, EarlyStopping) else EarlyStopping(given)
    patience = check_count(caller, "the patience of early_stopping", early.patience)
    if not math.isfinite(early.min_delta) or early.min_delta < 0:
        raise ValueError(
            f"{caller}: expected min_delta of early_stopping to be at least 0, got {early.min_delta!r}"
        )
    monitor = early.monitor or ("val_loss" if "val_loss" in figures else "loss")
    if monitor not in figures:
        raise ValueError(
            f"{caller}: early stopping watches {monitor!r}, but the history will hold {', '.join(figures)}"
        )
    name = monitor.removeprefix("val_")
    mode = early.mode or direction(name, functions.get(name))
    if mode not in ("min", "max"):
        raise ValueError(
            f"{caller}: whether a small or a large {monitor!r} is good cannot be known from its name; give "
            f"early_stopping=EarlyStopping({patience}, monitor={monitor!r}, mode='min') or mode='max'"
            if early.mode is None
            else f"{caller}: the mode of early stopping must be 'min' or 'max', got {mode!r}"
        )
    return EarlyStopping(patience, float(early.min_delta), monitor, mode)


def direction(name: str, function: Any) -> Literal["min", "max"] | None:
    """``"min"`` or ``"max"``: by the function where this library defines it, else by the name; or None."""
    while isinstance(function, functools.partial):
        function = function.func
    named = getattr(function, "__name__", "")
    if named and function in (getattr(losses, named, None), getattr(metrics, named, None)):
        name = named
    ends = [name[name.index("_", i) + 1 :] for i in range(len(name)) if "_" in name[i:]]  # of an output
    if name in _HIGHER or any(end in _HIGHER for end in ends):
        return "max"
    return (
        "min"
        if name in _LOWER or any(end in _LOWER for end in ends) or name.endswith(("_loss", "_error"))
        else None
    )
