"""A simple RNN, an LSTM and a GRU read real handwritten digits pixel by pixel.

    python scripts/examples/sequences.py --data mnist.npz

MNIST's images, halved to 14 x 14 pixels, are sequences of 196 numbers; after the last of them the network
says which digit it was, so that it has to keep for a long time what it saw in the first rows. The three
networks have about as many weights and are trained alike: 4,000 images, Adam, gradients clipped to length
1, the better of two learning rates by the loss on 1,000 further images. The accuracy is on 2,000 test
images.

The biases of the gates begin so that states last between 1 and 196 steps (C. Tallec and Y. Ollivier, "Can
Recurrent Neural Networks Warp Time?", 2018). The simple RNN has no gates; its recurrent weights begin
orthogonal, as the others' do.
"""

from typing import Any

import common
import jax
import jax.numpy as jnp
import mnist
import numpy as np
import optax

import jaxnet
from jaxnet import data, losses, metrics

UNITS = {"simple_rnn": 62, "gru": 35, "lstm": 30}
RATES = (0.001, 0.01)


def pixels(pair: data.Pair, first: int, last: int) -> data.Pair:
    """Some of the images as sequences (n, time, 1), each 2 x 2 pixels as their mean."""
    x, y = pair[0][first:last, ..., 0], pair[1][first:last]
    n, height, width = x.shape
    x = x.reshape(n, height // 2, 2, width // 2, 2).mean((2, 4))
    return x.reshape(n, -1, 1), y


def begin(net: jaxnet.Layer, cell: str, steps: int, key: jax.Array) -> Any:
    """Parameters to begin with, the gates open for as long as the sequences last."""
    first, last = net.init(key, (steps, 1))
    units = UNITS[cell]
    spans = jnp.log(jax.random.uniform(jax.random.fold_in(key, 1), (units,), minval=1.0, maxval=steps - 1.0))
    if cell == "lstm":  # its gates are i, f, g, o
        b = jnp.zeros(4 * units).at[:units].set(-spans).at[units : 2 * units].set(spans)
        return [{**first, "b": b}, last]
    if cell == "gru":  # r, z, n
        return [{**first, "b": jnp.zeros(3 * units).at[units : 2 * units].set(spans)}, last]
    return [first, last]


def adam(rate: Any) -> optax.GradientTransformation:
    """Adam on gradients clipped to length 1."""
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train the three; give the accuracy of each."""
    chosen = common.options(__doc__, **mnist.DATA).parse_args(arguments)
    train, test = mnist.images(chosen.data, chosen.quick, chosen.seed)
    learn, more, held = (400, 500, 200) if chosen.quick else (4000, 5000, 2000)
    epochs = 2 if chosen.quick else 20
    learned, choose, unseen = pixels(train, 0, learn), pixels(train, learn, more), pixels(test, 0, held)
    key = jax.random.key(chosen.seed)
    found, rows = {}, []
    for cell in UNITS:
        net = jaxnet.rnn(UNITS[cell], 10, cell=cell)
        runs = jaxnet.fit_many(
            net,
            learned,
            keys=key,
            params=begin(net, cell, learned[0].shape[1], key),
            learning_rate=RATES,
            loss=losses.cross_entropy,
            optimizer=adam,
            epochs=epochs,
            batch_size=50,
            validation=choose,
        )
        best = int(np.nanargmin(runs.history["val_loss"][:, -1]))
        params = jax.tree.map(lambda leaf, best=best: leaf[best], runs.params)
        accuracy = jaxnet.evaluate(net, params, unseen, metrics={"accuracy": metrics.accuracy})["accuracy"]
        loss = runs.history["loss"][best]
        found[cell] = {"accuracy": accuracy, "loss": loss, "steps": learned[0].shape[1]}
        rows.append([cell, common.weights(params), f"{RATES[best]:g}", float(loss[-1]), accuracy])
    common.table(["cell", "weights", "rate", "training loss", "test accuracy"], rows)
    if chosen.picture:
        from jaxnet import plot

        common.save(plot.images(unseen[0][:8].reshape(-1, 14, 14), unseen[1][:8]), chosen.picture)
    return found


if __name__ == "__main__":
    main()
