"""Classify MNIST with a multi-layer perceptron and a convolutional network.

    python scripts/examples/mnist.py --data mnist.npz

Use your own copy of the data: the .npz file or the folder with the four IDX files. The learning rate decays
to zero along a cosine. The test images are used only once, at the end.
"""

from pathlib import Path
from typing import Any

import common
import jax
import numpy as np
import optax

import jaxnet
from jaxnet import data, losses, metrics

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist.npz"  # next to the checkout
DATA = {"data": {"metavar": "PATH", "help": "MNIST as an .npz file or a folder of IDX files"}}


def images(path: str | None, quick: bool, seed: int) -> tuple[data.Pair, data.Pair]:
    """Images (n, height, width, 1) and digits, for training and for testing."""
    if quick:  # scikit-learn's small digits need no file
        x, y = data.digits()
        train, test = data.split((x.reshape(-1, 8, 8), y), test=0.25, seed=seed, stratify=True)
    elif path or DEFAULT.exists():
        train, test = data.mnist(path or DEFAULT)
    else:
        common.stop("--data is required: the .npz file of MNIST or the folder of its IDX files")
    return (train[0][..., None], train[1]), (test[0][..., None], test[1])


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train both networks with each seed; return their test accuracies."""
    args = common.parser(__doc__, **DATA).parse_args(arguments)
    train, test = images(args.data, args.quick, args.seed)
    height, width = train[0].shape[1:3]
    nets = {
        "MLP": jaxnet.serial(jaxnet.flatten(), jaxnet.mlp([height * width, 256, 128, 10])),
        "CNN": jaxnet.cnn((16, 32, 64), 10),
    }
    epochs, batch_size = (5, 64) if args.quick else (8, 128)
    steps = -(-len(train[0]) // batch_size) * epochs
    accuracy: dict[str, list[float]] = {name: [] for name in nets}
    rows, schedule = [], optax.cosine_decay_schedule(2e-3, steps)
    run: Any = None
    for name, net in nets.items():
        final = []
        for seed in common.seeds(args):
            run = jaxnet.fit(
                net,
                train,
                loss=losses.cross_entropy,
                optimizer="adam",
                learning_rate=schedule,
                epochs=epochs,
                batch_size=batch_size,
                key=jax.random.key(seed),
                progress=True,
            )
            score = jaxnet.evaluate(net, run.params, test, metrics={"accuracy": metrics.accuracy})
            accuracy[name].append(score["accuracy"])
            final.append(run.history["loss"][-1])
        figures = common.spread(final, 4), common.spread(accuracy[name], 4)
        rows.append([name, common.weights(run.params), *figures])
    common.table(["network", "weights", "training loss", "test accuracy"], rows)
    if args.picture:
        from jaxnet import plot

        predicted = np.asarray(jaxnet.predict(nets["CNN"], run, test[0])).argmax(-1)
        wrong = np.flatnonzero(predicted != test[1])[:24]
        common.save(plot.images(test[0][wrong], test[1][wrong], predicted[wrong]), args.picture)
    return accuracy


if __name__ == "__main__":
    main()
