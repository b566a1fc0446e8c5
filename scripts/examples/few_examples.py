"""Learn digits from few examples, with and without augmentation.

    python scripts/examples/few_examples.py

A convolutional network is trained on 100 images of 8 x 8 pixels, ten of each digit, and tested on 1,000
others (the digits of scikit-learn). Augmentation moves each image by up to one pixel, turns it by up to 12
degrees and adds noise, anew in each step. Five seeds, which also choose the images.
"""

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train both ways with each seed; return the accuracies on unseen images."""
    args = common.parser(__doc__).parse_args(arguments)
    x, y = data.digits()
    x = x.reshape(-1, 8, 8, 1)
    net = jaxnet.cnn((16, 32), 10)
    ways = {"as they are": None, "augmented": data.augment(rotate=12.0, noise=0.1)}
    results: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(args.seed, args.seed + (1 if args.quick else 5)):
        order = np.random.default_rng(seed).permutation(len(x))
        few = np.concatenate([order[y[order] == digit][:10] for digit in range(10)])
        rest = np.setdiff1d(order, few)[:1000]
        for name, transform in ways.items():
            run = jaxnet.fit(
                net,
                (x[few], y[few]),
                loss=losses.cross_entropy,
                learning_rate=0.003,
                epochs=3 if args.quick else 150,
                batch_size=50,
                transform=transform,
                key=jax.random.key(seed),
                progress=False,
            )
            unseen = (x[rest], y[rest])
            measured = jaxnet.evaluate(net, run.params, unseen, metrics={"accuracy": metrics.accuracy})
            results[name].append(measured["accuracy"])
    common.table(["images", "accuracy"], [[name, common.spread(v)] for name, v in results.items()])
    return results


if __name__ == "__main__":
    main()
