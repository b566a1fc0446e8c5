"""Learn digits from few examples, with and without augmentation.

    python scripts/examples/few_examples.py --data mnist.npz

A convolutional network is trained on 100 images of MNIST, ten of each digit, and tested on 2,000 of the test
set. Augmentation moves each image by up to two pixels, turns it by up to 12 degrees and sets a square of six
pixels to 0, anew in each step. Five seeds, which also choose the images.
"""

import common
import jax
import mnist
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train both ways with each seed; return the accuracies on unseen images."""
    args = common.parser(__doc__, **mnist.DATA).parse_args(arguments)
    (x, y), (new_x, new_y) = mnist.images(args.data, args.quick, args.seed)
    unseen = (new_x[:2000], new_y[:2000])
    net = jaxnet.cnn((8, 16), 10)
    ways = {"as they are": None, "augmented": data.augment(shift=2, rotate=12.0, cutout=6)}
    results: dict[str, list[float]] = {name: [] for name in ways}
    for seed in common.seeds(args):
        order = np.random.default_rng(seed).permutation(len(x))
        few = np.concatenate([order[y[order] == digit][:10] for digit in range(10)])
        for name, transform in ways.items():
            run = jaxnet.fit(
                net,
                (x[few], y[few]),
                loss=losses.cross_entropy,
                learning_rate=0.003,
                epochs=20 if args.quick else 100,
                batch_size=50,
                transform=transform,
                key=jax.random.key(seed),
                progress=False,
            )
            measured = jaxnet.evaluate(net, run.params, unseen, metrics={"accuracy": metrics.accuracy})
            results[name].append(measured["accuracy"])
    common.table(["images", "accuracy"], [[name, common.spread(v)] for name, v in results.items()])
    return results


if __name__ == "__main__":
    main()
