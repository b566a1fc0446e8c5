"""MNIST by a multi-layer perceptron and by a convolutional network.

    python scripts/examples/mnist.py --data mnist.npz

The data are your own copy: the .npz file or the folder of the four IDX files. The learning rate falls from
its start to zero along a cosine. The test images are looked at once, at the end.
"""

from pathlib import Path

import common
import jax
import numpy as np
import optax

import jaxnet
from jaxnet import data, losses, metrics

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist.npz"  # beside the checkout
DATA = {"data": {"metavar": "PATH", "help": "MNIST as .npz or as a folder of IDX files"}}


def images(path: str | None, quick: bool, seed: int) -> tuple[data.Pair, data.Pair]:
    """Images (n, height, width, 1) and digits, to train on and to test on."""
    if quick:  # scikit-learn's small digits, which need no file
        x, y = data.digits()
        train, test = data.split((x.reshape(-1, 8, 8), y), test=0.25, seed=seed, stratify=True)
    elif path or BESIDE.exists():
        train, test = data.mnist(path or BESIDE)
    else:
        common.stop("give your copy of MNIST, the .npz file or the folder of the IDX files, by --data PATH")
    return (train[0][..., None], train[1]), (test[0][..., None], test[1])


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Train both; give the accuracy of each on the test images."""
    chosen = common.options(__doc__, **DATA).parse_args(arguments)
    train, test = images(chosen.data, chosen.quick, chosen.seed)
    height, width = train[0].shape[1:3]
    nets = {
        "MLP": jaxnet.serial(jaxnet.flatten(), jaxnet.mlp([height * width, 256, 128, 10])),
        "CNN": jaxnet.cnn((16, 32, 64), 10),
    }
    epochs, batch = (5, 64) if chosen.quick else (8, 128)
    steps = -(-len(train[0]) // batch) * epochs
    found, rows, mistakes = {}, [], {}
    for name, net in nets.items():
        run = jaxnet.fit(
            net,
            train,
            loss=losses.cross_entropy,
            optimizer="adam",
            learning_rate=optax.cosine_decay_schedule(2e-3, steps),
            epochs=epochs,
            batch_size=batch,
            key=jax.random.key(chosen.seed),
            progress=True,
        )
        score = jaxnet.evaluate(net, run.params, test, metrics={"accuracy": metrics.accuracy})
        found[name] = score["accuracy"]
        rows.append([name, common.weights(run.params), run.history["loss"][-1].item(), found[name]])
        answers = np.asarray(jaxnet.predict(net, run.params, test[0])).argmax(-1)
        mistakes[name] = np.flatnonzero(answers != test[1]), answers
    common.table(["network", "weights", "training loss", "test accuracy"], rows)
    if chosen.picture:
        from jaxnet import plot

        wrong, answers = mistakes["CNN"]
        wrong = wrong[:24]
        common.save(plot.images(test[0][wrong], test[1][wrong], answers[wrong]), chosen.picture)
    return found


if __name__ == "__main__":
    main()
