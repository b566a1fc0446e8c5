"""Redraw the picture in the README: .venv/bin/python scripts/pictures.py

The picture shows the decision regions of a perceptron (left) and of a 2-2-1 multi-layer perceptron (right) on
XOR: blue for 1, orange for 0. The colours of the four points are their targets.
"""

from pathlib import Path

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

import jaxnet
from jaxnet import data, losses, perceptron

FOLDER = Path(__file__).resolve().parent / "docs"
ORANGE, BLUE = "#d95f02", "#1f6fb4"


def draw(
    axes: Axes, title: str, outputs: np.ndarray, ticks: np.ndarray, x: np.ndarray, t: np.ndarray
) -> None:
    """Plot a decision region and the four points of XOR."""
    axes.contourf(ticks, ticks, outputs, levels=[-1, 0.5, 2], colors=[ORANGE, BLUE], alpha=0.25)
    axes.contour(ticks, ticks, outputs, levels=[0.5], colors="black", linewidths=1)
    # different markers as well, for colour-blind readers
    for value, colour, marker in ((0, ORANGE, "o"), (1, BLUE, "s")):
        axes.scatter(
            *x[t == value].T, c=colour, marker=marker, s=90, edgecolors="black", label=f"XOR = {value}"
        )
    axes.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=[0, 1], yticks=[0, 1], aspect="equal")


def main() -> None:
    """Train both networks on XOR and plot them side by side."""
    x, t = data.XOR
    ticks = np.linspace(-0.5, 1.5, 301, dtype=np.float32)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)

    single = perceptron.fit(perceptron.init(2), x, t, max_epochs=100)
    net = jaxnet.mlp("2-2-1", activation="tanh", output="sigmoid")
    run = jaxnet.fit(
        net,
        (x, t[:, None]),
        loss=losses.mse,
        optimizer="sgd",
        learning_rate=0.5,
        epochs=2000,
        batch_size=4,
        key=jax.random.key(0),
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained", sharey=True)
    outputs = np.asarray(perceptron.predict(single.params, grid.reshape(-1, 2))).reshape(grid.shape[:2])
    draw(left, f"perceptron: {int(single.mistakes[-1])} mistakes per epoch", outputs, ticks, x, t)
    outputs = np.asarray(jaxnet.predict(net, run.params, grid))[..., 0]
    draw(right, "2-2-1 multi-layer perceptron", outputs, ticks, x, t)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / "xor.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
