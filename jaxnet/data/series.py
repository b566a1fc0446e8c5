"""Time series as inputs and targets: windows that never look into the future."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxnet import _validation
from jaxnet.data.datasets import Pair


def windows(
    series: Any,
    width: int,
    *,
    horizon: int = 1,
    stride: int = 1,
    targets: int | Sequence[int] | None = None,
    gaps: str | float = "refuse",
) -> Pair:
    """Cut a series into windows: the last ``width`` values are the input, the next ``horizon`` the targets.

    Window i is x_i = series[i s : i s + width] and y_i = series[i s + width : i s + width + horizon], s the
    stride; the last one ends with the series.

    Args:
        series: (time,), or (time, columns), in the order of time.
        width: steps of an input.
        horizon: steps of a target.
        stride: steps from window to window.
        targets: the column or columns to predict; None: all.
        gaps: what NaN means: "refuse" raises, "previous" puts the last known value there (never a later one),
            a number puts that number.

    Returns:
        x (n, width, columns) and y (n, horizon), with several target columns (n, horizon, columns); float32.

    Raises:
        ValueError: a series shorter than one window, NaN that is refused or comes first, an infinite value,
            or a column that is not there.

    Example:
        >>> from jaxnet import data
        >>> x, y = data.windows([1, 2, 3, 4, 5], 2)
        >>> x[:, :, 0].tolist(), y[:, 0].tolist()
        ([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]], [3.0, 4.0, 5.0])
    """
    table = _table("data.windows", series)
    width = _validation.check_count("data.windows", "width", width)
    horizon = _validation.check_count("data.windows", "horizon", horizon)
    stride = _validation.check_count("data.windows", "stride", stride)
    table = _without_gaps(table, gaps)
    chosen = [*range(table.shape[1])] if targets is None else np.atleast_1d(targets).tolist()
    wrong = [column for column in chosen if not 0 <= column < table.shape[1]]
    if wrong or not chosen:
        raise ValueError(
            f"data.windows: expected targets among the columns 0 to {table.shape[1] - 1}, got {targets!r}"
        )
    count = (len(table) - width - horizon) // stride + 1
    if count < 1:
        raise ValueError(
            f"data.windows: expected at least {width + horizon} steps for one window of width {width} and "
            f"horizon {horizon}, got {len(table)}"
        )
    begin = np.arange(count)[:, None] * stride
    x = table[begin + np.arange(width)]
    y = table[begin + width + np.arange(horizon)][:, :, chosen]
    return x, y[:, :, 0] if len(chosen) == 1 else y


def split_in_time(series: Any, test: float = 0.2, *, overlap: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series in two: what comes first to train on, what comes last to test on; nothing is shuffled.

    Args:
        series: (time,), or (time, columns).
        test: the share of the last part, between 0 and 1.
        overlap: steps before the cut that the second part begins with. With the width of the windows, the
            first target of the second part is the first value after the cut.

    Returns:
        Both parts of the series; scale them with the mean of the first one.

    Raises:
        ValueError: a share outside (0, 1), or an empty part.

    Example:
        >>> from jaxnet import data
        >>> first, last = data.split_in_time([1, 2, 3, 4, 5, 6, 7, 8], 0.25, overlap=2)
        >>> first.tolist(), last.tolist()
        ([1, 2, 3, 4, 5, 6], [5, 6, 7, 8])
    """
    values = np.asarray(_validation.numbers("data.split_in_time", "series", series))
    if not 0 < test < 1:
        raise ValueError(f"data.split_in_time: expected a share between 0 and 1 for test, got {test}")
    overlap = _validation.check_count("data.split_in_time", "overlap", overlap, 0)
    cut = len(values) - round(test * len(values)) if values.ndim else 0
    if not 0 < cut < len(values) or overlap > cut:
        raise ValueError(
            f"data.split_in_time: a share of {test} of {len(values) if values.ndim else 0} steps with an "
            f"overlap of {overlap} leaves a part empty; give more steps"
        )
    return values[:cut], values[cut - overlap :]


def _table(who: str, series: Any) -> np.ndarray:
    values = np.asarray(_validation.numbers(who, "series", series))
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"{who}: expected a series of shape (time,) or (time, columns), got {values.shape}")
    return values.reshape(len(values), -1).astype(np.float32)


def _without_gaps(table: np.ndarray, gaps: str | float) -> np.ndarray:
    missing = np.isnan(table)
    if missing.any():
        row, column = (int(index) for index in np.argwhere(missing)[0])
        if gaps == "refuse":
            raise ValueError(
                f"data.windows: expected a series without gaps, got nan at step {row}, column {column}, one "
                f"of {int(missing.sum())}; use gaps='previous', or gaps=0.0"
            )
        if gaps == "previous":
            if missing[0].any():
                raise ValueError(
                    "data.windows: nothing comes before the nan at step 0; drop the first steps, or use "
                    "gaps=0.0"
                )
            last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(table))[:, None]), axis=0)
            table = np.take_along_axis(table, last, axis=0)
        elif isinstance(gaps, str):
            raise ValueError(f"data.windows: expected gaps as 'refuse', 'previous' or a number, got {gaps!r}")
        else:
            table = np.where(missing, np.float32(gaps), table)
    _validation.check_finite("data.windows", "series", table)
    return table
