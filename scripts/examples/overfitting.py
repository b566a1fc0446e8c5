"""Overfitting, and its cure by dropout and by L2.

    python scripts/examples/overfitting.py --picture scripts/docs/overfitting.png

A network 64-256-10 learns 200 handwritten digits, 40 of which were given a wrong label; it learns these by
heart too, and reads other digits the worse for it. The same network with dropout and with L2 on the
weights, in several strengths: each strength is chosen by the accuracy on one half of the other digits, the
figures are taken on the other half. All networks are trained side by side by `fit_many`; figures and curves
are means over the seeds.
"""

from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics

CASES = {  # name -> (dropout, L2)
    "nothing": (0.0, 0.0),
    "dropout 0.2": (0.2, 0.0),
    "dropout 0.5": (0.5, 0.0),
    "dropout 0.8": (0.8, 0.0),
    "L2 0.003": (0.0, 0.003),
    "L2 0.01": (0.0, 0.01),
    "L2 0.03": (0.0, 0.03),
}


def draw(curves: dict[str, tuple[np.ndarray, np.ndarray]], path: str) -> None:
    """Loss over the epochs: of the digits trained on, and of the others."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.3 * len(curves), 3.2), layout="constrained")
    for ax, (name, (train, others)) in zip(
        figure.subplots(1, len(curves), sharey=True), curves.items(), strict=True
    ):
        epochs = np.arange(1, len(train) + 1)
        ax.semilogy(epochs, train, "-", color="#1f6fb4", label="digits trained on")
        ax.semilogy(epochs, others, "--", color="#d95f02", label="other digits")
        ax.set(title=name, xlabel="epoch")
    figure.axes[0].set_ylabel("cross-entropy")
    figure.axes[0].legend(fontsize="small")
    common.save(figure, path)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train them all; give the figures of the plain network and of the best of each cure."""
    chosen = common.options(__doc__).parse_args(arguments)
    seeds, epochs = (1, 200) if chosen.quick else (5, 300)
    x, y = data.digits()
    others, train = data.split((x, y), test=200 / len(x), seed=chosen.seed, stratify=True)
    train[1][:40] = (train[1][:40] + np.random.default_rng(chosen.seed).integers(1, 10, 40)) % 10
    choose, test = data.split(others, test=0.5, seed=chosen.seed, stratify=True)
    net = jaxnet.serial(jaxnet.dense(256), jaxnet.relu, jaxnet.dropout(0.5), jaxnet.dense(10))
    each = np.repeat(np.arange(len(CASES)), seeds)
    keys = jax.random.split(jax.random.key(chosen.seed), seeds)
    rates, strengths = np.array([*CASES.values()]).T
    runs = jaxnet.fit_many(
        net,
        train,
        keys=keys[np.tile(np.arange(seeds), len(CASES))],  # the same seeds for each
        dropout=rates[each],
        l2=strengths[each],
        loss=losses.cross_entropy,
        epochs=epochs,
        batch_size=50,
        validation=choose,
        metrics={"accuracy": metrics.accuracy},
    )
    curves = {
        name: values.reshape(len(CASES), seeds, epochs).mean(1) for name, values in runs.history.items()
    }
    measure = {"cross-entropy": losses.cross_entropy, "accuracy": metrics.accuracy}

    def score(case: int, pair: data.Pair) -> dict[str, float]:
        found = [
            jaxnet.evaluate(net, jax.tree.map(lambda leaf, i=i: leaf[i], runs.params), pair, metrics=measure)
            for i in np.flatnonzero(each == case)
        ]
        return {name: float(np.mean([one[name] for one in found])) for name in measure}

    found, rows, pictures = {}, [], {}
    for kind in ("nothing", "dropout", "L2"):
        mine = [i for i, name in enumerate(CASES) if name.startswith(kind)]
        best = max(mine, key=lambda i: curves["val_accuracy"][i, -1])
        name = [*CASES][best]
        own, new = score(best, train), score(best, test)
        found[kind] = {"train": own, "test": new, "curve": curves["val_loss"][best]}
        rows.append([name, own["accuracy"], own["cross-entropy"], new["accuracy"], new["cross-entropy"]])
        pictures[name] = curves["loss"][best], curves["val_loss"][best]
    common.table(["against it", "accuracy, trained on", "loss", "accuracy, others", "loss"], rows)
    if chosen.picture:
        draw(pictures, chosen.picture)
    return found


if __name__ == "__main__":
    main()
