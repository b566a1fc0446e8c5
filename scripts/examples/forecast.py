"""Forecast the yearly number of sunspots for ten years ahead: GRU, MLP, a seasonal mean and the last value.

    python scripts/examples/forecast.py

The series is that of the package statsmodels, 1700 to 2008. The networks get the last 33 years and give the
next ten; they are trained on years up to 1947 and tested on all ten-year windows after it, which they have
never seen (the inputs of the first of these windows reach back before the cut, their targets do not). The
seasonal mean repeats the mean of the last three cycles of eleven years. Errors are root mean squares in
sunspots.
"""

from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses

WIDTH, HORIZON, CYCLE = 33, 10, 11


def sunspots() -> np.ndarray:
    """Sunspots of each year, (309,)."""
    try:
        from statsmodels.datasets import sunspots as source
    except ModuleNotFoundError:
        common.stop("the series is in the package statsmodels: pip install statsmodels")
    frame: Any = source.load_pandas().data
    return np.asarray(frame["SUNACTIVITY"], np.float32)


def error(forecast: Any, targets: np.ndarray) -> float:
    """The root mean square over all windows and years."""
    return float(np.sqrt(np.mean((np.asarray(forecast) - targets) ** 2)))


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train the networks with each seed; return the errors on unseen years."""
    args = common.parser(__doc__).parse_args(arguments)
    before, after = data.split_in_time(sunspots(), 0.2, overlap=WIDTH)
    mean, scale = before.mean(), before.std()
    x, y = data.windows((before - mean) / scale, WIDTH, horizon=HORIZON)
    raw_x, targets = data.windows(after, WIDTH, horizon=HORIZON)
    new_x = (raw_x - mean) / scale
    cycles = raw_x[..., 0].reshape(len(raw_x), 3, CYCLE).mean(axis=1)[:, :HORIZON]
    results = {
        "last value": [error(np.repeat(raw_x[:, -1], HORIZON, axis=1), targets)],
        "seasonal mean": [error(cycles, targets)],
    }
    nets = {
        "MLP": jaxnet.serial(jaxnet.flatten(), jaxnet.mlp([WIDTH, 32, HORIZON])),
        "GRU": jaxnet.rnn(24, HORIZON, cell="gru"),
    }
    for name, net in nets.items():
        results[name] = []
        for seed in common.seeds(args):
            run = jaxnet.fit(
                net,
                (x, y),
                loss=losses.mse,
                learning_rate=0.003,
                epochs=2 if args.quick else 60,
                batch_size=32,
                l2=1e-3,
                key=jax.random.key(seed),
                progress=False,
            )
            results[name].append(error(jaxnet.predict(net, run.params, new_x) * scale + mean, targets))
    rows = [[name, common.spread(values, 1)] for name, values in results.items()]
    common.table(["method", "error on unseen years"], rows)
    return results


if __name__ == "__main__":
    main()
