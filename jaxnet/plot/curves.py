"""Pictures of training: its history, its gradients layer by layer, the activation functions.

Users find these functions in :mod:`jaxnet.plot`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxnet import activations as activations_module
from jaxnet.plot.style import DASHES, INK, MARKERS, names_or_numbers, new_figure, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def history(run: Any, *, lang: str = "en") -> "Figure":
    """Loss and metrics over the epochs, one panel each: training solid, validation dashed.

    Args:
        run: what ``jaxnet.fit`` or ``perceptron.fit`` returned, or a mapping from names to one number per
            epoch; ``val_x`` is drawn into the panel of ``x``. Of many runs, which ``fit_many`` returns as
            arrays ``(runs, epochs)``, each is a line.
        lang: kk, ru or en.

    Returns:
        A matplotlib ``Figure``.

    Raises:
        TypeError: if there is no history in ``run``.
        ValueError: if the history is empty or of another shape, or the language is not known.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> figure = plot.history({"loss": [1.0, 0.5, 0.3], "val_loss": [1.1, 0.7, 0.6]}, lang="kk")
        >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
        ('эпоха', 'шығын')
    """
    say = words("history", lang)
    rows = getattr(run, "history", run)
    if not isinstance(rows, Mapping) and hasattr(run, "mistakes"):
        rows = {"mistakes": run.mistakes}
    if not isinstance(rows, Mapping):
        raise TypeError(f"plot.history: expected a run or a history by name, got {type(run).__name__}")
    panels = list(dict.fromkeys(name.removeprefix("val_") for name in rows))
    curves = {name: np.asarray(values, float) for name, values in rows.items()}
    for name, values in curves.items():
        if values.ndim not in (1, 2):
            raise ValueError(
                f"plot.history: expected one number per epoch in {name!r}, (epochs,) or (runs, epochs), "
                f"got an array of shape {values.shape}"
            )
    if not panels or not all(values.size for values in curves.values()):
        raise ValueError("plot.history: expected at least one epoch, got an empty history")
    figure = new_figure("history", 4.4 * len(panels), 3.4)
    for ax, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for name, label, ink, dash in ((panel, "training", 0, "-"), (f"val_{panel}", "validation", 1, "--")):
            for line, values in enumerate(np.atleast_2d(curves[name])) if name in curves else ():
                mark = "o" if len(values) <= 20 else ""  # few epochs are dots, joined
                text = say[label] if line == 0 else None
                ax.plot(np.arange(1, len(values) + 1), values, dash, marker=mark, color=INK[ink], label=text)
        ax.set(xlabel=say["epoch"], ylabel=say[panel])
        ax.xaxis.get_major_locator().set_params(integer=True)
        if panel == "mistakes":
            ax.yaxis.get_major_locator().set_params(integer=True)
        if f"val_{panel}" in curves:
            ax.legend()
    return figure


def gradient_flow(run: Any, *, layers: Sequence[str] | None = None, lang: str = "en") -> "Figure":
    """Gradients, updates and dead units of each layer, over the epochs or at one moment.

    Args:
        run: what ``jaxnet.fit(..., statistics=True)`` or ``backprop.layer_statistics`` returned: a mapping
            with ``gradient_norm``, ``update_ratio`` and ``dead``, each ``(layers,)`` or ``(epochs, layers)``.
        layers: their names; None: those of the run, else 1, 2, ...
        lang: kk, ru or en.

    Returns:
        A matplotlib ``Figure`` with a panel per statistic: lines over the epochs, or bars for one moment.
        Gradients and ratios have logarithmic axes: a vanishing gradient is a line far below the others.

    Raises:
        ValueError: if there are no statistics (train with ``statistics=True``), or those of many runs.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> figure = plot.gradient_flow({"gradient_norm": [1e-6, 0.1], "dead": [0.5, 0.0]})
        >>> figure.axes[0].get_yscale(), figure.axes[0].get_ylabel()
        ('log', 'norm of the gradient')
    """
    say = words("gradient_flow", lang)
    found = getattr(run, "statistics", run)
    panels = [
        name
        for name in ("gradient_norm", "update_ratio", "dead")
        if isinstance(found, Mapping) and name in found
    ]
    if not panels:
        raise ValueError(
            "plot.gradient_flow: found no statistics of layers; train with fit(..., statistics=True)"
        )
    values = {name: np.atleast_2d(np.asarray(found[name], float)) for name in panels}
    for name, value in values.items():
        if value.ndim > 2:
            raise ValueError(
                f"plot.gradient_flow: expected {name} of shape (layers,) or (epochs, layers), got "
                f"{value.shape}; of many runs choose one"
            )
    count = values[panels[0]].shape[1]
    given = (
        layers if layers is not None else getattr(run, "layers", None) or [str(i + 1) for i in range(count)]
    )
    names = names_or_numbers("gradient_flow", given, count)
    figure = new_figure("gradient_flow", 4.0 * len(panels), 3.4)
    for ax, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        if panel != "dead":
            ax.set_yscale("log")
        if len(values[panel]) == 1:
            ax.bar(names, values[panel][0], color="0.6", edgecolor="black")
            ax.set_xlabel(say["layer"])
        else:
            epochs = np.arange(1, len(values[panel]) + 1)
            for k, name in enumerate(names):
                style = {
                    "color": INK[k % len(INK)],
                    "linestyle": DASHES[k % len(DASHES)],
                    "marker": MARKERS[k % len(MARKERS)],
                }
                ax.plot(epochs, values[panel][:, k], label=name, markevery=max(len(epochs) // 8, 1), **style)
            ax.set_xlabel(say["epoch"])
            ax.legend(fontsize="small")
        ax.set_ylabel(say[panel])
        if panel == "dead":
            ax.set_ylim(-0.03, 1.03)
    return figure


def activations(
    names: Sequence[str] = ("step", "sigmoid", "tanh", "relu"),
    *,
    low: float = -4.0,
    high: float = 4.0,
    lang: str = "en",
) -> "Figure":
    """Activation functions (solid) with their derivatives (dashed), one panel each.

    Args:
        names: from ``activations.TABLE``, elementwise ones.
        low: start of the z axis.
        high: its end.
        lang: kk, ru or en.

    Returns:
        A matplotlib ``Figure``.

    Raises:
        ValueError: if a name is unknown or not elementwise (softmax), or the range is empty.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> from jaxnet import plot
        >>> figure = plot.activations(["relu"])
        >>> [line.get_label() for line in figure.axes[0].lines[:2]]
        ['relu', 'derivative']
    """
    say = words("activations", lang)
    if not low < high or not names:
        raise ValueError(
            f"plot.activations: expected names and a range low < high, got {names!r}, {low} to {high}"
        )
    entries = [activations_module.get(name) for name in names]
    for name, entry in zip(names, entries, strict=True):
        if not entry.elementwise:
            raise ValueError(f"plot.activations: {name} is not elementwise and has no curve; leave it out")
    columns = min(len(names), 4)
    rows = -(-len(names) // columns)
    figure = new_figure("activations", 3.0 * columns, 2.7 * rows)
    z = np.linspace(low, high, 801, dtype=np.float32)
    for i, (name, entry) in enumerate(zip(names, entries, strict=True)):
        ax = figure.add_subplot(rows, columns, i + 1)
        ax.plot(z, _broken(z, np.asarray(entry.fn(z))), DASHES[0], color=INK[0], label=name)
        ax.plot(
            z, _broken(z, np.asarray(entry.derivative(z))), DASHES[1], color=INK[2], label=say["derivative"]
        )
        for line in (ax.axhline, ax.axvline):
            line(0, color="0.8", linewidth=0.8, zorder=0)
        ax.set(xlabel="z", title=name)
        ax.legend(fontsize="small")
    return figure


def _broken(z: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values with a gap at each jump, so that no vertical line is drawn there."""
    jumps = np.abs(np.diff(values)) > 100 * (z[1] - z[0]) * np.median(
        np.abs(np.diff(values)) / (z[1] - z[0]) + 0.1
    )
    values = values.copy()
    values[1:][jumps] = np.nan
    return values
