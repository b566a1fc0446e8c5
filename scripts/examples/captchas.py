"""Read CAPTCHAs with a multi-layer perceptron and a convolutional network of the same size.

    python scripts/examples/captchas.py

The package `captcha` (extra [examples]) generates the images: five digits, randomly rotated, distorted and
placed, with dots and a curve as noise. The images are converted to greyscale, scaled down to 53 x 20 pixels
and normalised from the darkest to the lightest pixel. A network has 5 x 10 outputs, a softmax for each
position. It is trained on 6,000 images and tested on 1,000 unseen ones. A third network is a multi-layer
perceptron with almost four times as many weights.
"""

import random
from typing import Any
from unittest import mock

import common
import jax
import numpy as np
import optax

import jaxnet
from jaxnet import losses

POSITIONS, CLASSES, SIZE = 5, 10, (53, 20)


class Seeded(random.Random):
    """A seeded replacement for the functions of the module `secrets` that `captcha` uses."""

    randbelow = random.Random.randrange
    randbits = random.Random.getrandbits


def images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 20, 53, 1), with background 0 and ink 1, and their digits (count, 5)."""
    try:
        from captcha.image import ImageCaptcha
    except ModuleNotFoundError:
        common.stop('the package captcha is missing; python -m pip install ".[examples]"')
    generator = ImageCaptcha(width=160, height=60)
    digits = np.random.default_rng(seed).integers(CLASSES, size=(count, POSITIONS), dtype=np.int32)
    with mock.patch("captcha.image.secrets", Seeded(seed)):
        pictures = [generator.generate_image("".join(map(str, row))) for row in digits]
    grey = [np.asarray(picture.convert("L").resize(SIZE), np.float32) for picture in pictures]
    grey = np.stack(grey)[..., None]
    dark, light = grey.min((1, 2), keepdims=True), grey.max((1, 2), keepdims=True)
    return (light - grey) / (light - dark), digits


def by_position(outputs: jax.Array) -> jax.Array:
    """Outputs (..., 50) as (..., 5, 10)."""
    return outputs.reshape(*outputs.shape[:-1], POSITIONS, CLASSES)


def loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """The mean cross-entropy over the five positions."""
    return losses.cross_entropy(by_position(outputs), targets)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train the networks with each seed; return the accuracies per digit and per image of each."""
    args = common.parser(__doc__).parse_args(arguments)
    test = images(32 if args.quick else 1000, 1_000_000)
    flatten, outputs = jaxnet.flatten(), POSITIONS * CLASSES
    pixels = SIZE[0] * SIZE[1]
    nets = {
        "CNN": jaxnet.cnn((16, 32, 64), outputs),
        "MLP": jaxnet.serial(flatten, jaxnet.mlp([pixels, 56, outputs])),
        "MLP, larger": jaxnet.serial(flatten, jaxnet.mlp([pixels, 176, 176, outputs])),
    }
    epochs, batch_size = 3 if args.quick else 20, 32
    results: dict[str, Any] = {name: {"loss": [], "digits": [], "all five": []} for name in nets}
    weights = {}
    for seed in common.seeds(args):
        train = images(64 if args.quick else 6000, seed)
        for name, net in nets.items():
            run = jaxnet.fit(
                net,
                train,
                loss=loss,
                optimizer="adam",
                learning_rate=optax.cosine_decay_schedule(2e-3, -(-len(train[0]) // batch_size) * epochs),
                epochs=epochs,
                batch_size=batch_size,
                key=jax.random.key(seed),
                progress=True,
            )
            outputs = by_position(jaxnet.predict(net, run.params, test[0]))
            correct = np.asarray(outputs).argmax(-1) == test[1]
            weights[name] = common.weights(run.params)
            results[name]["history"] = run.history
            results[name]["loss"].append(run.history["loss"][-1])
            results[name]["digits"].append(correct.mean())
            results[name]["all five"].append(correct.all(-1).mean())
    figures = ("loss", "digits", "all five")
    rows = [[name, weights[name], *(common.spread(found[f]) for f in figures)]
            for name, found in results.items()]  # fmt: skip
    common.table(["network", "weights", "training loss", "per digit", "all five"], rows)
    if args.picture:
        from jaxnet import plot

        common.save(plot.images(test[0][:12], columns=4), args.picture)
    return results


if __name__ == "__main__":
    main()
