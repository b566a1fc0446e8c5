"""Compare SGD, momentum, RMSprop and Adam on the same network, data and batches.

    python scripts/examples/optimizers.py --picture scripts/docs/optimizers.png

Each optimizer is run with the same learning rates, from 0.0001 to 1, and reported at the one with the lowest
final training loss, the median over the seeds. The accuracy is that on unseen digits. The last column is the
number of learning rates with a final training loss below 0.1.
"""

from typing import Any

import common
import jax
import jax.numpy as jnp
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
    """Train with each optimizer and seed; return its loss curves, learning rate and accuracies."""
    args = common.parser(__doc__).parse_args(arguments)
    epochs = 5 if args.quick else 20
    train, test = data.split(data.digits(), test=0.25, seed=args.seed, stratify=True)
    net = jaxnet.mlp("64-32-10")
    results, rows = {}, []
    seeds = [jax.random.key(seed) for seed in common.seeds(args)]
    for name in OPTIMIZERS:
        runs = jaxnet.fit_many(
            net,
            train,
            keys=jnp.repeat(jnp.stack(seeds), len(RATES)),
            learning_rate=np.tile(RATES, len(seeds)),
            loss=losses.cross_entropy,
            optimizer=name,
            epochs=epochs,
            batch_size=32,
        )
        curves = runs.history["loss"].reshape(len(seeds), len(RATES), epochs)
        middle = np.median(curves, axis=0)
        best = int(np.nanargmin(middle[:, -1]))
        accuracy = [
            jaxnet.evaluate(net, runs.member(i).params, test, metrics={"accuracy": metrics.accuracy})[
                "accuracy"
            ]
            for i in range(best, runs.members, len(RATES))
        ]
        good = int((middle[:, -1] < 0.1).sum())
        results[name] = {"rate": RATES[best], "curve": middle[best], "accuracy": accuracy, "good": good}
        early, last = (common.spread(curves[:, best, epoch - 1], 4) for epoch in (epochs // 4, epochs))
        figures = early, last, common.spread(accuracy, 4)
        rows.append([name, f"{RATES[best]:g}", *figures, f"{good} of {len(RATES)}"])
    columns = [f"loss after {epochs // 4}", f"after {epochs} epochs", "test accuracy", "good rates"]
    common.table(["optimizer", "rate", *columns], rows)
    if args.picture:
        curves = {f"{name}, η = {result['rate']:g}": result["curve"] for name, result in results.items()}
        plot_curves(curves, args.picture)
    return results


if __name__ == "__main__":
    main()
