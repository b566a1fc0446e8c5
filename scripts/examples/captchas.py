"""CAPTCHAs by a multi-layer perceptron and by a convolutional network of as many weights.

    python scripts/examples/captchas.py

The images are made by the package `captcha` (extra [examples]): five digits, each turned, bent and set at
random, with dots and a curve as noise; made grey, a third as large (53 x 20 pixels) and stretched from the
darkest pixel to the lightest. A network has five times ten outputs, a softmax for each place. It learns from
6,000 images; the 1,000 test images are new ones. A third network shows what the perceptron makes of almost
four times as many weights.
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

PLACES, CLASSES, SIZE = 5, 10, (53, 20)


class Seeded(random.Random):
    """What `captcha` asks of the module `secrets`, but the same for the same seed."""

    randbelow = random.Random.randrange
    randbits = random.Random.getrandbits


def images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 20, 53, 1), paper 0 and ink 1, and their digits (count, 5)."""
    try:
        from captcha.image import ImageCaptcha
    except ModuleNotFoundError:
        common.stop('the package captcha is missing; python -m pip install ".[examples]"')
    maker = ImageCaptcha(width=160, height=60)
    digits = np.random.default_rng(seed).integers(CLASSES, size=(count, PLACES), dtype=np.int32)
    with mock.patch("captcha.image.secrets", Seeded(seed)):
        made = [maker.generate_image("".join(map(str, row))).convert("L").resize(SIZE) for row in digits]
    grey = np.stack([np.asarray(image, np.float32) for image in made])[..., None]
    dark, light = grey.min((1, 2), keepdims=True), grey.max((1, 2), keepdims=True)
    return (light - grey) / (light - dark), digits


def by_place(outputs: jax.Array) -> jax.Array:
    """Outputs (..., 50) as (..., 5, 10)."""
    return outputs.reshape(*outputs.shape[:-1], PLACES, CLASSES)


def loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """The mean cross-entropy of the five places."""
    return losses.cross_entropy(by_place(outputs), targets)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train the networks; give of each the share of characters and of whole images that it reads."""
    chosen = common.options(__doc__).parse_args(arguments)
    train = images(64 if chosen.quick else 6000, chosen.seed)
    test = images(32 if chosen.quick else 1000, chosen.seed + 1_000_000)
    flat, wide = jaxnet.flatten(), PLACES * CLASSES
    pixels = SIZE[0] * SIZE[1]
    nets = {
        "CNN": jaxnet.cnn((16, 32, 64), wide),
        "MLP": jaxnet.serial(flat, jaxnet.mlp([pixels, 56, wide])),
        "MLP, larger": jaxnet.serial(flat, jaxnet.mlp([pixels, 176, 176, wide])),
    }
    epochs = 3 if chosen.quick else 20
    batch = 32
    found, rows = {}, []
    for name, net in nets.items():
        run = jaxnet.fit(
            net,
            train,
            loss=loss,
            optimizer="adam",
            learning_rate=optax.cosine_decay_schedule(2e-3, -(-len(train[0]) // batch) * epochs),
            epochs=epochs,
            batch_size=batch,
            key=jax.random.key(chosen.seed),
            progress=True,
        )
        right = np.asarray(by_place(jaxnet.predict(net, run.params, test[0]))).argmax(-1) == test[1]
        last = float(run.history["loss"][-1])
        found[name] = {"history": run.history, "characters": right.mean(), "all five": right.all(-1).mean()}
        rows.append([name, common.weights(run.params), last, right.mean(), right.all(-1).mean()])
    common.table(["network", "weights", "training loss", "a character", "all five"], rows)
    if chosen.picture:
        from jaxnet import plot

        common.save(plot.images(test[0][:12], columns=4), chosen.picture)
    return found


if __name__ == "__main__":
    main()
