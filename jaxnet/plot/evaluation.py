"""Pictures of how good a classifier's scores are, and of the search for a learning rate.

Users find these functions in :mod:`jaxnet.plot`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxnet import metrics
from jaxnet._validation import check_count
from jaxnet.metrics.ranking import confidences, curve
from jaxnet.metrics.reading import binary_columns
from jaxnet.plot.style import DASHES, INK, axes_or_new, names_or_numbers, words, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def roc(
    outputs: Any,
    targets: Any,
    *,
    names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """The ROC curve: the true positive rate over the false positive rate, for every threshold.

    Args:
        outputs: scores as for :func:`jaxnet.metrics.roc_auc`: of one output, of labels, or of classes against
            the rest.
        targets: as for :func:`jaxnet.metrics.roc_auc`.
        names: of the labels or classes.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``; the legend gives the area under each curve.

    Raises:
        ValueError: shapes that do not fit, or examples of one kind only.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> ax = plot.roc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        >>> ax.get_legend().get_texts()[0].get_text()
        'AUC = 0.75'
    """
    say = words("roc", lang)
    scores, labels = binary_columns("roc", outputs, targets)
    ax = axes_or_new("roc", ax)
    for k, name in enumerate(_prefixes("roc", names, scores.shape[1])):
        hits, misses = (
            np.append(0.0, part) for part in curve(scores[:, k], labels[:, k], np.ones(len(scores)))
        )
        area = float(metrics.roc_auc(scores[:, k], labels[:, k]))
        label = f"{name}AUC = {_number(area, lang)}"
        ax.plot(misses / misses[-1], hits / hits[-1], DASHES[k % 4], color=INK[k % len(INK)], label=label)
    ax.plot([0, 1], [0, 1], ":", color="0.7", linewidth=1)
    ax.set(xlabel=say["false positive rate"], ylabel=say["true positive rate"])
    ax.legend(loc="lower right")
    return ax


def precision_recall(
    outputs: Any,
    targets: Any,
    *,
    names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """Precision over recall, for every threshold.

    Args:
        outputs: as for :func:`roc`.
        targets: as for :func:`roc`.
        names: of the labels or classes.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``; the legend gives the average precision of each curve.

    Raises:
        ValueError: shapes that do not fit.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> ax = plot.precision_recall([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        >>> ax.get_legend().get_texts()[0].get_text()
        'AP = 0.833'
    """
    say = words("precision_recall", lang)
    scores, labels = binary_columns("precision_recall", outputs, targets)
    ax = axes_or_new("precision_recall", ax)
    for k, name in enumerate(_prefixes("precision_recall", names, scores.shape[1])):
        hits, misses = curve(scores[:, k], labels[:, k], np.ones(len(scores)))
        found = float(metrics.average_precision(scores[:, k], labels[:, k]))
        recall = np.append(0.0, hits / max(hits[-1], 1e-300))
        precision = hits / (hits + misses)
        label = f"{name}AP = {_number(found, lang)}"
        style: dict[str, Any] = {
            "color": INK[k % len(INK)],
            "linestyle": DASHES[k % 4],
            "drawstyle": "steps-pre",
        }
        ax.plot(recall, np.append(precision[0], precision), label=label, **style)
    ax.set(xlabel=say["recall"], ylabel=say["precision"], ylim=(0, 1.05))
    ax.legend(loc="lower left")
    return ax


def reliability(
    outputs: Any,
    targets: Any,
    *,
    bins: int = 10,
    probabilities: bool = False,
    ax: "Axes | None" = None,
    lang: str = "en",
) -> "Axes":
    """The share of right answers over the probability that they claim; on the diagonal it is calibrated.

    Args:
        outputs: as for :func:`jaxnet.metrics.calibration_error`.
        targets: as for :func:`jaxnet.metrics.calibration_error`.
        bins: number of bins of equal width.
        probabilities: whether the outputs are probabilities already, and not logits.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``; the title gives the expected calibration error.

    Raises:
        ValueError: shapes that do not fit, or probabilities outside [0, 1].
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> ax = plot.reliability([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], probabilities=True)
        >>> ax.get_title(), len(ax.lines[1].get_xdata())
        ('ECE = 0.25', 2)
    """
    say = words("reliability", lang)
    bins = check_count("plot.reliability", "bins", bins)
    claimed, right = confidences("plot.reliability", outputs, targets, probabilities)
    error = float(metrics.calibration_error(outputs, targets, bins=bins, probabilities=probabilities))
    place = np.clip(np.ceil(claimed * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    used = count > 0
    means = [np.bincount(place, part, minlength=bins)[used] / count[used] for part in (claimed, right)]
    ax = axes_or_new("reliability", ax)
    ax.plot([0, 1], [0, 1], ":", color="0.7", linewidth=1)
    ax.plot(*means, "-o", color=INK[1])
    ax.set(xlabel=say["claimed probability"], ylabel=say["share of right answers"], xlim=(0, 1), ylim=(0, 1))
    ax.set_title(f"ECE = {_number(error, lang)}")
    return ax


def learning_rate(search: Any, *, ax: "Axes | None" = None, lang: str = "en") -> "Axes":
    """The loss over a rising learning rate, with the rate that :func:`jaxnet.find_learning_rate` suggests.

    Args:
        search: what ``find_learning_rate`` returned.
        ax: axes to draw into.
        lang: kk, ru or en.

    Returns:
        The matplotlib ``Axes``, the rates on a logarithmic axis.

    Raises:
        TypeError: for anything else.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> import jax, jaxnet
        >>> from jaxnet import data, plot
        >>> net, key = jaxnet.mlp("2-4-1"), jax.random.key(0)
        >>> found = jaxnet.find_learning_rate(net, data.XOR, loss="mse", optimizer="sgd", key=key, steps=20)
        >>> plot.learning_rate(found).get_xscale()
        'log'
    """
    say = words("learning_rate", lang)
    if not all(hasattr(search, name) for name in ("rates", "losses", "smoothed", "suggestion")):
        raise TypeError(
            "plot.learning_rate: expected what jaxnet.find_learning_rate returned, got "
            f"{type(search).__name__}"
        )
    ax = axes_or_new("learning_rate", ax)
    ax.plot(search.rates, search.losses, color="0.75", linewidth=1)
    ax.plot(search.rates, search.smoothed, color=INK[1])
    ax.axvline(search.suggestion, color=INK[2], linestyle="--", label=written(search.suggestion))
    ax.set(xscale="log", xlabel=say["learning rate"], ylabel=say["loss"])
    ax.legend()
    return ax


def _prefixes(who: str, names: Sequence[str] | None, count: int) -> list[str]:
    if count == 1 and names is None:
        return [""]
    return [f"{name}: " for name in names_or_numbers(who, names, count)]


def _number(value: float, lang: str) -> str:
    text = written(value)
    return text if lang == "en" else text.replace(".", ",")
