"""Compare SGD, momentum, RMSprop and Adam on the same network, data and batches.

    python scripts/examples/optimizers.py --picture scripts/docs/optimizers.png

Each optimizer is run with the same learning rates, from 0.0001 to 1, and reported at the one with the lowest
final training loss. The accuracy is that on unseen digits. The last column is the number of learning rates
with a final training loss below 0.1.
"""

from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")


def plot_curves(curves: dict[str, np.ndarray], path: str) -> None:
    """Plot the training losses over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, curve), style in zip(curves.items(), ("-", "--", "-.", ":"), strict=True):
        axes.semilogy(np.arange(1, len(curve) + 1), curve, style, label=name)
    ticks = range(0, max(map(len, curves.values())) + 1, 5)
    axes.set(xlabel="epoch", ylabel="training loss (cross-entropy)", xticks=ticks)
    axes.legend()
    common.save(figure, path)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train with each optimizer; return its loss curve, learning rate and accuracy."""
    args = common.parser(__doc__).parse_args(arguments)
    epochs = 5 if args.quick else 20
    train, test = data.split(data.digits(), test=0.25, seed=args.seed, stratify=True)
    net = jaxnet.mlp("64-32-10")
    results, rows = {}, []
    for name in OPTIMIZERS:
        runs = jaxnet.fit_many(
            net,
            train,
            keys=jax.random.key(args.seed),
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
        results[name] = {"rate": RATES[best], "curve": curves[best], "accuracy": accuracy, "good": good}
        early, last = (float(curves[best, epoch - 1]) for epoch in (epochs // 4, epochs))
        rows.append([name, f"{RATES[best]:g}", early, last, accuracy, f"{good} of {len(RATES)}"])
    columns = [f"loss after {epochs // 4}", f"after {epochs} epochs", "test accuracy", "good rates"]
    common.table(["optimizer", "rate", *columns], rows)
    if args.picture:
        curves = {f"{name}, η = {result['rate']:g}": result["curve"] for name, result in results.items()}
        plot_curves(curves, args.picture)
    return results


if __name__ == "__main__":
    main()
