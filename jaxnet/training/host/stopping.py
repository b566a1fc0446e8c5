"""Early stopping: when a run has stopped improving."""

from typing import NamedTuple

_FALL = ("loss", "error", "mae", "mse", "rmse")  # figures that are good when they are small


class EarlyStopping(NamedTuple):
    """When to stop because nothing gets better; the best parameters are given back.

    Attributes:
        patience: epochs without an improvement.
        min_delta: what counts as an improvement.
        monitor: a figure of the history; None for ``val_loss``, or ``loss`` without validation data.
        mode: ``"min"`` or ``"max"``; None for "min" where the figure's name ends in loss, error, mae, mse or
            rmse, and "max" elsewhere.
    """

    patience: int = 5
    min_delta: float = 0.0
    monitor: str | None = None
    mode: str | None = None


def early_stopping(given: EarlyStopping | int | None, figures: list[str]) -> EarlyStopping | None:
    """What the user gave, with the blanks filled in.

    Raises:
        ValueError: for a figure that the history will not have, or an unknown mode.

    Example:
        >>> early_stopping(3, ["loss", "val_loss"])
        EarlyStopping(patience=3, min_delta=0.0, monitor='val_loss', mode='min')
    """
    if given is None:
        return None
    early = given if isinstance(given, EarlyStopping) else EarlyStopping(given)
    if isinstance(early.patience, bool) or not isinstance(early.patience, int) or early.patience < 1:
        raise ValueError(f"fit: early_stopping needs a patience of at least 1 epoch, got {early.patience!r}")
    monitor = early.monitor or ("val_loss" if "val_loss" in figures else "loss")
    if monitor not in figures:
        raise ValueError(
            f"fit: early stopping watches {monitor!r}, but the history will hold {', '.join(figures)}"
        )
    mode = early.mode or ("min" if monitor.endswith(_FALL) else "max")
    if mode not in ("min", "max"):
        raise ValueError(f"fit: the mode of early stopping must be 'min' or 'max', got {mode!r}")
    return early._replace(monitor=monitor, mode=mode)
