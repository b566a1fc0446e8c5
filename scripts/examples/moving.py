"""Tell in which direction a handwritten digit moves: convolution over time and space against single frames.

    python scripts/examples/moving.py --data mnist.npz

Each example is a video of six frames of 20 x 20 pixels in which a digit of MNIST (scaled down to 14 x 14)
moves one pixel per frame to the left, to the right, up or down. A convolution over three axes sees several
frames at once. The other network looks at each frame by itself and averages over time, so it cannot know in
which order the frames came. 600 videos to train on, 1,000 of other digits to test on, five seeds.
"""

import common
import jax
import mnist
import numpy as np

import jaxnet
from jaxnet import losses, metrics

FRAMES, SIZE, DIGIT = 6, 20, 14
STEPS = ((0, -1), (0, 1), (-1, 0), (1, 0))


def videos(images: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Videos (n, time, height, width, 1) and the number of their direction."""
    rng = np.random.default_rng(seed)
    small = images[..., 0]
    if small.shape[1] == 2 * DIGIT:
        small = small.reshape(-1, DIGIT, 2, DIGIT, 2).mean((2, 4))
    else:  # the small digits of a quick run
        around = (DIGIT - small.shape[1]) // 2
        small = np.pad(small, ((0, 0), (around, around), (around, around)))
    directions = rng.integers(0, len(STEPS), len(small))
    x = np.zeros((len(small), FRAMES, SIZE, SIZE, 1), np.float32)
    for video, image, direction in zip(x, small, directions, strict=True):
        step = np.array(STEPS[direction])
        room = SIZE - DIGIT + 1
        first = np.where(step > 0, rng.integers(0, room - FRAMES + 1, 2), rng.integers(0, room, 2))
        first = np.where(step < 0, rng.integers(FRAMES - 1, room, 2), first)
        for time, frame in enumerate(video):
            top, left = first + time * step
            frame[top : top + DIGIT, left : left + DIGIT, 0] = image
    return x, directions.astype(np.int32)


def networks() -> dict[str, jaxnet.Layer]:
    """A network over time and space, and one over single frames, of about the same size."""
    deep = jaxnet.serial(
        jaxnet.conv(8, (3, 3, 3), strides=(1, 2, 2)),
        jaxnet.relu,
        jaxnet.conv(16, (3, 3, 3), strides=(1, 2, 2)),
        jaxnet.relu,
        jaxnet.global_avg_pool(3),
        jaxnet.dense(4),
    )
    flat = jaxnet.serial(
        jaxnet.time_distributed(
            jaxnet.serial(
                jaxnet.conv(16, (3, 3), strides=2),
                jaxnet.relu,
                jaxnet.conv(24, (3, 3), strides=2),
                jaxnet.relu,
                jaxnet.global_avg_pool(2),
            )
        ),
        jaxnet.global_avg_pool(1),
        jaxnet.dense(4),
    )
    return {"convolution over time": deep, "single frames": flat}


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train both networks with each seed; return their accuracies on videos of unseen digits."""
    args = common.parser(__doc__, **mnist.DATA).parse_args(arguments)
    (train, _), (test, _) = mnist.images(args.data, args.quick, args.seed)
    counts = (60, 60) if args.quick else (600, 1000)
    nets = networks()
    results: dict[str, list[float]] = {name: [] for name in nets}
    sizes = {}
    for seed in common.seeds(args):
        learn, unseen = videos(train[: counts[0]], seed), videos(test[: counts[1]], seed + 100)
        for name, net in nets.items():
            run = jaxnet.fit(
                net,
                learn,
                loss=losses.cross_entropy,
                learning_rate=0.01,
                epochs=1 if args.quick else 8,
                batch_size=50,
                key=jax.random.key(seed),
                progress=False,
            )
            measured = jaxnet.evaluate(net, run.params, unseen, metrics={"accuracy": metrics.accuracy})
            results[name].append(measured["accuracy"])
            sizes[name] = common.weights(run.params)
    rows = [[name, sizes[name], common.spread(values)] for name, values in results.items()]
    common.table(["network", "weights", "accuracy on unseen digits"], rows)
    return results


if __name__ == "__main__":
    main()
