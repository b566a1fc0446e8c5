"""Classify handwritten digits pixel by pixel with a simple RNN, an LSTM and a GRU.

    python scripts/examples/sequences.py --data mnist.npz

The MNIST images, scaled down to 14 x 14 pixels, are sequences of 196 numbers. The network classifies the
digit after the last one, so it has to remember the first rows for a long time. The three networks have about
the same number of weights and are trained in the same way: 4,000 images, Adam, gradients clipped to norm 1,
and the better of two learning rates by the loss on 1,000 validation images. The accuracy is that on 2,000
test images.

The initial biases of the gates let states last between 1 and 196 steps (C. Tallec and Y. Ollivier, "Can
Recurrent Neural Networks Warp Time?", 2018). The simple RNN has no gates; like the others, it starts with
orthogonal recurrent weights.
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
    """Images ``first`` to ``last`` as sequences (n, time, 1); blocks of 2 x 2 pixels are averaged."""
    x, y = pair[0][first:last, ..., 0], pair[1][first:last]
    n, height, width = x.shape
    x = x.reshape(n, height // 2, 2, width // 2, 2).mean((2, 4))
    return x.reshape(n, -1, 1), y


def initial_params(net: jaxnet.Layer, cell: str, steps: int, key: jax.Array) -> Any:
    """Initial parameters, with gates that remember up to the length of the sequences."""
    first, last = net.init(key, (steps, 1))
    units = UNITS[cell]
    spans = jnp.log(jax.random.uniform(jax.random.fold_in(key, 1), (units,), minval=1.0, maxval=steps - 1.0))
    if cell == "lstm":  # gates i, f, g, o
        b = jnp.zeros(4 * units).at[:units].set(-spans).at[units : 2 * units].set(spans)
        return [{**first, "b": b}, last]
    if cell == "gru":  # gates r, z, n
        return [{**first, "b": jnp.zeros(3 * units).at[units : 2 * units].set(spans)}, last]
    return [first, last]


def adam(rate: Any) -> optax.GradientTransformation:
    """Adam with gradients clipped to norm 1."""
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train the three networks with each seed; return the accuracies of each."""
    args = common.parser(__doc__, **mnist.DATA).parse_args(arguments)
    train, test = mnist.images(args.data, args.quick, args.seed)
    learn, stop, count = (400, 500, 200) if args.quick else (4000, 5000, 2000)
    epochs = 2 if args.quick else 20
    train, validation, test = pixels(train, 0, learn), pixels(train, learn, stop), pixels(test, 0, count)
    steps = train[0].shape[1]
    results, rows = {}, []
    for cell in UNITS:
        net = jaxnet.rnn(UNITS[cell], 10, cell=cell)
        chosen, final, accuracy = [], [], []
        run: Any = None
        for seed in common.seeds(args):
            key = jax.random.key(seed)
            run = jaxnet.fit_many(
                net,
                train,
                keys=key,
                params=initial_params(net, cell, steps, key),
                learning_rate=RATES,
                loss=losses.cross_entropy,
                optimizer=adam,
                epochs=epochs,
                batch_size=50,
                validation=validation,
            )
            best = int(np.nanargmin(run.history["val_loss"][:, -1]))
            chosen.append(RATES[best])
            run = run.member(best)
            score = jaxnet.evaluate(net, run.params, test, metrics={"accuracy": metrics.accuracy})
            accuracy.append(score["accuracy"])
            final.append(run.history["loss"][-1])
        results[cell] = {"accuracy": accuracy, "loss": run.history["loss"], "steps": steps}
        rates = ", ".join(f"{rate:g}" for rate in sorted(set(chosen)))
        figures = common.spread(final), common.spread(accuracy)
        rows.append([cell, common.weights(run.params), rates, *figures])
        common.table(["cell", "weights", "rates", "training loss", "test accuracy"], rows[-1:])
    if args.picture:
        from jaxnet import plot

        common.save(plot.images(test[0][:8].reshape(-1, 14, 14), test[1][:8]), args.picture)
    return results


if __name__ == "__main__":
    main()
