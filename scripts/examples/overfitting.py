"""Overfitting, and how dropout and L2 regularisation reduce it.

    python scripts/examples/overfitting.py --picture scripts/docs/overfitting.png

A 64-256-10 network is trained on 200 handwritten digits, 40 of which have a wrong label. It memorises these
too, and its accuracy on other digits falls. The same network is trained with dropout and with L2
regularisation in several strengths. The strength is chosen by the accuracy on validation data; the results
are computed on test data. `fit_many` trains all networks in parallel. Results and curves are means over the
seeds.
"""

from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics

CASES = {  # name -> (dropout, L2)
    "none": (0.0, 0.0),
    "dropout 0.2": (0.2, 0.0),
    "dropout 0.5": (0.5, 0.0),
    "dropout 0.8": (0.8, 0.0),
    "L2 0.003": (0.0, 0.003),
    "L2 0.01": (0.0, 0.01),
    "L2 0.03": (0.0, 0.03),
}


def plot_curves(curves: dict[str, tuple[np.ndarray, np.ndarray]], path: str) -> None:
    """Plot the training and validation losses over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.3 * len(curves), 3.2), layout="constrained")
    panels = figure.subplots(1, len(curves), sharey=True)
    for axes, (name, (train, validation)) in zip(panels, curves.items(), strict=True):
        epochs = np.arange(1, len(train) + 1)
        axes.semilogy(epochs, train, "-", color="#1f6fb4", label="training data")
        axes.semilogy(epochs, validation, "--", color="#d95f02", label="validation data")
        axes.set(title=name, xlabel="epoch")
    figure.axes[0].set_ylabel("cross-entropy")
    figure.axes[0].legend(fontsize="small")
    common.save(figure, path)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train all networks; return the results without regularisation and with the best of each method."""
    args = common.parser(__doc__).parse_args(arguments)
    seeds, epochs = len(common.seeds(args)), 200 if args.quick else 300
    x, y = data.digits()
    unseen, train = data.split((x, y), test=200 / len(x), seed=args.seed, stratify=True)
    train[1][:40] = (train[1][:40] + np.random.default_rng(args.seed).integers(1, 10, 40)) % 10
    validation, test = data.split(unseen, test=0.5, seed=args.seed, stratify=True)
    net = jaxnet.serial(jaxnet.dense(256), jaxnet.relu, jaxnet.dropout(0.5), jaxnet.dense(10))
    case = np.repeat(np.arange(len(CASES)), seeds)
    keys = jax.random.split(jax.random.key(args.seed), seeds)
    dropout, l2 = np.array([*CASES.values()]).T
    runs = jaxnet.fit_many(
        net,
        train,
        keys=keys[np.tile(np.arange(seeds), len(CASES))],  # the same seeds in each case
        dropout=dropout[case],
        l2=l2[case],
        loss=losses.cross_entropy,
        epochs=epochs,
        batch_size=50,
        validation=validation,
        metrics={"accuracy": metrics.accuracy},
    )
    curves = {
        name: values.reshape(len(CASES), seeds, epochs).mean(1) for name, values in runs.history.items()
    }
    measures = {"cross-entropy": losses.cross_entropy, "accuracy": metrics.accuracy}

    def score(index: int, pair: data.Pair) -> dict[str, list[float]]:
        scores = [
            jaxnet.evaluate(net, jax.tree.map(lambda leaf, i=i: leaf[i], runs.params), pair, metrics=measures)
            for i in np.flatnonzero(case == index)
        ]
        return {name: [score[name] for score in scores] for name in measures}

    results, rows, shown = {}, [], {}
    order = ("accuracy", "cross-entropy")
    for kind in ("none", "dropout", "L2"):
        strengths = [i for i, name in enumerate(CASES) if name.startswith(kind)]
        best = max(strengths, key=lambda i: curves["val_accuracy"][i, -1])
        name = [*CASES][best]
        scores = {"train": score(best, train), "test": score(best, test)}
        results[kind] = scores | {"curve": curves["val_loss"][best]}
        rows.append([name, *(common.spread(pair[measure]) for pair in scores.values() for measure in order)])
        shown[name] = curves["loss"][best], curves["val_loss"][best]
    common.table(["regularisation", "training accuracy", "loss", "test accuracy", "loss"], rows)
    if args.picture:
        plot_curves(shown, args.picture)
    return results


if __name__ == "__main__":
    main()
