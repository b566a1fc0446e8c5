"""SGD, momentum, RMSprop and Adam side by side: the same network, the same data, the same batches.

    python scripts/examples/optimizers.py --picture scripts/docs/optimizers.png

Each optimizer tries the same learning rates, from 0.0001 to 1, and is shown at the one with which its
training loss was lowest at the end; the accuracy is that on digits never seen. The last column says how many
of the rates bring the training loss below 0.1.
"""

from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")


def draw(curves: dict[str, np.ndarray], path: str) -> None:
    """The training losses over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    ax = figure.subplots()
    for (name, curve), dash in zip(curves.items(), ("-", "--", "-.", ":"), strict=True):
        ax.semilogy(np.arange(1, len(curve) + 1), curve, dash, label=name)
    ticks = range(0, max(map(len, curves.values())) + 1, 5)
    ax.set(xlabel="epoch", ylabel="training loss (cross-entropy)", xticks=ticks)
    ax.legend()
    common.save(figure, path)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train with each; give curve, rate and accuracy of each."""
    chosen = common.options(__doc__).parse_args(arguments)
    epochs = 5 if chosen.quick else 20
    train, test = data.split(data.digits(), test=0.25, seed=chosen.seed, stratify=True)
    net = jaxnet.mlp("64-32-10")
    found, rows = {}, []
    for name in OPTIMIZERS:
        runs = jaxnet.fit_many(
            net,
            train,
            keys=jax.random.key(chosen.seed),
            learning_rate=RATES,
            loss=losses.cross_entropy,
            optimizer=name,
            epochs=epochs,
            batch_size=32,
        )
        curves = runs.history["loss"]
        best = int(np.nanargmin(curves[:, -1]))
        params = jax.tree.map(lambda leaf, best=best: leaf[best], runs.params)
        accuracy = jaxnet.evaluate(net, params, test, metrics={"accuracy": metrics.accuracy})["accuracy"]
        good = int((curves[:, -1] < 0.1).sum())
        found[name] = {"rate": RATES[best], "curve": curves[best], "accuracy": accuracy, "good": good}
        early = float(curves[best, epochs // 4 - 1])
        last = float(curves[best, -1])
        rows.append([name, f"{RATES[best]:g}", early, last, accuracy, f"{good} of {len(RATES)}"])
    after = f"loss after {epochs // 4}"
    common.table(["optimizer", "rate", after, f"after {epochs} epochs", "test accuracy", "good rates"], rows)
    if chosen.picture:
        draw({f"{name}, η = {found[name]['rate']:g}": found[name]["curve"] for name in found}, chosen.picture)
    return found


if __name__ == "__main__":
    main()
