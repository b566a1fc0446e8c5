"""Pictures of the predictions of a classifier: decision boundary, images, confusion matrix, animation.

Users find these functions in :mod:`jaxnet.plot`.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxnet._validation import check_count, params_of
from jaxnet._validation import pair as pair_of
from jaxnet.plot.style import (
    MARKERS,
    axes_or_new,
    greys,
    names_or_numbers,
    new_figure,
    numbers,
    shades,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def decision_boundary(
    net: Any,
    params: Any,
    data: tuple[Any, Any],
    *,
    threshold: float | None = None,
    resolution: int = 200,
    names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """The class that a classifier with two inputs predicts at each point, the boundary, and the examples.

    Args:
        net: a network with two inputs; the module ``jaxnet.perceptron``; or any ``f(params, x)`` from
            ``(N, 2)`` to one score ``(N,)``, ``(N, 1)`` or K scores ``(N, K)``.
        params: its parameters.
        data: ``(x, y)``: inputs ``(N, 2)`` and class numbers ``(N,)`` or ``(N, 1)``.
        threshold: above which a single score means class 1; None: 1/2 for an output layer with a sigmoid,
            else 0.
        resolution: scores are computed on a grid with this many points per axis.
        names: of the classes.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``. The areas are pale for class 0 and darker for higher classes, the points
        white to black with a marker per class, the boundary is a black line.

    Raises:
        ValueError: if the shapes do not fit, or anything is NaN or infinite.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import data, perceptron, plot
        >>> run = perceptron.fit(perceptron.init(2), *data.AND)
        >>> ax = plot.decision_boundary(perceptron, run.params, data.AND, lang="ru")
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['класс 0', 'класс 1']
    """
    say = words("decision_boundary", lang)
    params = params_of("plot.decision_boundary", params)
    pair = zip("xy", pair_of("plot.decision_boundary", data), strict=True)
    x, y = (numbers("decision_boundary", what, part) for what, part in pair)
    y = y.reshape(-1) if y.shape == (len(x), 1) else y
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != x.shape[:1] or not len(x):
        raise ValueError(
            "plot.decision_boundary: expected x of shape (N, 2) and class numbers of shape (N,), "
            f"got {x.shape} and {y.shape}"
        )
    if (y < 0).any() or (y != np.floor(y)).any():
        raise ValueError("plot.decision_boundary: expected class numbers 0, 1, ... as y, got other values")
    check_count("plot.decision_boundary", "resolution", resolution)
    low, high = x.min(0), x.max(0)
    margin = 0.25 * np.where(high > low, high - low, 2.0)
    ticks = np.linspace(low - margin, high + margin, resolution)
    grid = np.stack(np.meshgrid(ticks[:, 0], ticks[:, 1]), axis=-1).reshape(-1, 2)
    scores = _scores(net, params, grid, threshold)
    count = max(scores.shape[1], int(y.max()) + 1)
    names = names_or_numbers("decision_boundary", names, count)

    ax = axes_or_new("decision_boundary", ax, 5.0, 4.4)
    shape = (resolution, resolution)
    answers = scores.argmax(1).reshape(shape)
    across, up = ticks[:, 0], ticks[:, 1]
    ax.pcolormesh(
        across, up, answers, cmap=_listed(shades(count)), vmin=-0.5, vmax=count - 0.5, shading="nearest"
    )
    for k in range(1 if scores.shape[1] == 2 else 0, scores.shape[1]):
        lead = (scores[:, k] - np.delete(scores, k, 1).max(1)).reshape(shape)
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0.0], colors="black", linewidths=1.5)
    for k, colour in enumerate(greys(count)):
        mine = x[y == k]
        marker = MARKERS[k % len(MARKERS)]
        ax.scatter(
            mine[:, 0],
            mine[:, 1],
            c=colour,
            marker=marker,
            s=60,
            edgecolors="black",
            label=f"{say['class']} {names[k]}",
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
    ax.legend(loc="upper center", ncols=count)  # "best" compares all points and may be slow
    return ax


def _scores(net: Any, params: Any, points: np.ndarray, threshold: float | None) -> np.ndarray:
    """One score per class for each point; a single score s becomes (0, s - threshold)."""
    score: Callable[[Any, Any], Any] = getattr(net, "apply", None) or getattr(net, "net_input", None) or net
    scores = np.asarray(score(params, points.astype(np.float32)), float)
    if scores.ndim not in (1, 2) or len(scores) != len(points):
        raise ValueError(
            f"plot.decision_boundary: expected scores of shape (N,), (N, 1) or (N, K) for N = {len(points)} "
            f"points, got {scores.shape}"
        )
    scores = scores.reshape(len(points), -1)
    if scores.shape[1] > 1:
        return scores
    level = _threshold(net) if threshold is None else threshold
    return np.concatenate([np.zeros_like(scores), scores - level], axis=1)


def _threshold(net: Any) -> float:
    """The score above which a single output means class 1."""
    while hasattr(net, "facts") and net.facts.inside.order == "sequence":
        net = net.facts.inside.layers[-1]
    return 0.5 if hasattr(net, "spec") and net.spec.options.get("name") == "sigmoid" else 0.0


def _listed(colours: Sequence[Any]) -> Any:
    from matplotlib.colors import ListedColormap

    return ListedColormap(list(colours))


def animate(
    path: str | os.PathLike[str],
    net: Any,
    frames: Iterable[Any],
    data: tuple[Any, Any],
    *,
    fps: int = 4,
    titles: Sequence[str] | None = None,
    lang: str = "en",
    **options: Any,
) -> int:
    """The decision boundary of a classifier with two inputs while it learns, as an animated GIF.

    Args:
        path: the file to write, ``something.gif``.
        net: as for :func:`decision_boundary`: a network, or the module ``jaxnet.perceptron``.
        frames: the parameters of each frame, in order; from ``jaxnet.fit`` they can be collected with
            ``on_epoch=lambda epoch: frames.append(jax.device_get(epoch.params))``.
        data: ``(x, y)``, inputs ``(N, 2)`` and class numbers ``(N,)``.
        fps: frames per second.
        titles: a line above each frame; None: the number of the frame.
        lang: kk, ru or en.
        **options: further options of :func:`decision_boundary`, such as ``resolution``.

    Returns:
        How many frames were written.

    Raises:
        ValueError: if there are no frames, the titles do not fit them, or the file is no ``.gif``.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> import tempfile, pathlib
        >>> from jaxnet import data, perceptron, plot
        >>> X, t = data.AND
        >>> params = [perceptron.init(2)]
        >>> for x, target in zip(X, t):
        ...     params.append(perceptron.update(params[-1], x, target, 1.0))
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "and.gif"
        >>> plot.animate(path, perceptron, params, data.AND, resolution=20)
        5
    """
    if os.path.splitext(path)[1].lower() != ".gif":
        raise ValueError(f"plot.animate: expected a file name that ends in .gif, got {os.fspath(path)!r}")
    steps = list(frames)
    if not steps:
        raise ValueError("plot.animate: expected the parameters of at least one frame, got none")
    titles = [f"{i} / {len(steps) - 1}" for i in range(len(steps))] if titles is None else titles
    if len(titles) != len(steps):
        raise ValueError(f"plot.animate: expected {len(steps)} titles, one per frame, got {len(titles)}")
    figure = new_figure("animate", 5.0, 4.4)
    from matplotlib.animation import PillowWriter

    writer = PillowWriter(fps=fps)
    with writer.saving(figure, os.fspath(path), dpi=80):
        for params, title in zip(steps, titles, strict=True):
            figure.clear()
            decision_boundary(net, params, data, ax=figure.add_subplot(), lang=lang, **options).set_title(
                title
            )
            writer.grab_frame()
    return len(steps)


def images(
    x: Any,
    targets: Any = None,
    outputs: Any = None,
    *,
    columns: int = 8,
    names: Sequence[str] | None = None,
    lang: str = "en",
) -> "Figure":
    """Images in a grid, with the targets and the predictions of the network.

    Args:
        x: images ``(N, height, width)``, ``(N, height, width, 1 or 3)``, or flattened square ones ``(N, n)``.
        targets: class numbers ``(N,)``.
        outputs: the network's scores ``(N, K)``, or its class numbers ``(N,)``.
        columns: images per row.
        names: of the classes.
        lang: kk, ru or en, for the line above wrong predictions.

    Returns:
        A matplotlib ``Figure``. Wrong predictions are framed and read "3 ≠ 5": predicted 3, the target is 5.

    Raises:
        ValueError: if the shapes do not fit.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import data, plot
        >>> x, y = data.digits()
        >>> figure = plot.images(x[:3], y[:3], [0, 1, 3])
        >>> [ax.get_title() for ax in figure.axes]
        ['0', '1', '3 ≠ 2']
    """
    say = words("images", lang)
    x = numbers("images", "x", x)
    side = round(np.sqrt(x.shape[-1])) if x.ndim == 2 else 0
    if x.ndim == 2 and side * side == x.shape[1]:
        x = x.reshape(len(x), side, side)
    if x.ndim == 4 and x.shape[3] == 1:
        x = x[..., 0]
    if not (x.ndim == 3 or (x.ndim == 4 and x.shape[3] == 3)) or not x.size:
        raise ValueError(
            f"plot.images: expected images (N, height, width), or flattened square ones, got {x.shape}"
        )
    right, answered = (
        _classes(what, part, len(x)) for what, part in (("targets", targets), ("outputs", outputs))
    )
    named = max([0, *(int(part.max()) + 1 for part in (right, answered) if part is not None)])
    names = names_or_numbers(
        "images", names, len(names) if names is not None and len(names) > named else named
    )

    columns = min(columns, len(x))
    rows = -(-len(x) // columns)
    figure = new_figure("images", 1.15 * columns, 1.4 * rows + 0.3)
    low, high = float(x.min()), float(x.max())
    for i in range(len(x)):
        ax = figure.add_subplot(rows, columns, i + 1)
        ax.imshow(
            x[i] if x.ndim == 3 else np.clip(x[i] / max(high, 1.0), 0, 1), cmap="gray_r", vmin=low, vmax=high
        )
        ax.set(xticks=[], yticks=[])
        wrong = right is not None and answered is not None and right[i] != answered[i]
        shown = [names[part[i]] for part in (answered, right) if part is not None]
        ax.set_title(
            " ≠ ".join(shown) if wrong else "".join(shown[:1]), fontweight="bold" if wrong else "normal"
        )
        for spine in ax.spines.values():
            spine.set(linewidth=3 if wrong else 0.5)
    if right is not None and answered is not None and (right != answered).any():
        figure.suptitle(f"{say['prediction']} ≠ {say['target']}", fontsize="medium")
    return figure


def _classes(what: str, value: Any, count: int) -> np.ndarray | None:
    """Class numbers, given as such or as scores."""
    if value is None:
        return None
    array = numbers("images", what, value)
    if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "biu":
        array = array[:, 0]
    elif array.ndim == 2 and array.shape[1] > 1:
        array = array.argmax(1)
    if array.shape != (count,):
        raise ValueError(
            f"plot.images: expected {what} as {count} class numbers or rows of at least two scores, one per "
            f"image, got an array of shape {array.shape}"
        )
    return array.astype(int)


def confusion(
    matrix: Any,
    *,
    names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """A confusion matrix: how often each class (row) was predicted as each class (column).

    Args:
        matrix: counts ``(K, K)``, as ``metrics.confusion_matrix`` returns them.
        names: of the classes.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``; the darker a cell, the larger its share of its row.

    Raises:
        ValueError: if the matrix is not square or a count is negative.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> ax = plot.confusion([[8, 2], [1, 9]], names=["cat", "dog"])
        >>> [text.get_text() for text in ax.texts]
        ['8', '2', '1', '9']
    """
    say = words("confusion", lang)
    counts = numbers("confusion", "matrix", matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size or counts.min() < 0:
        raise ValueError(
            f"plot.confusion: expected counts of shape (K, K), got an array of shape {counts.shape}"
        )
    size = len(counts)
    names = names_or_numbers("confusion", names, size)
    ax = axes_or_new("confusion", ax, 1.6 + 0.5 * size, 1.4 + 0.5 * size)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    ax.imshow(shares, cmap="Greys", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.5 else "black"
        ax.text(column, row, f"{count:g}", ha="center", va="center", color=colour)
    ax.set(xlabel=say["prediction"], ylabel=say["target"])
    ax.set_xticks(range(size), names, rotation=90 if max(map(len, names)) > 3 else 0)
    ax.set_yticks(range(size), names)
    return ax
