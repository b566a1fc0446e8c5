"""The workloads of the benchmark: networks, data and sizes, the same for all contestants."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

FRAMEWORKS = ("jaxnet", "jaxnet-oldest", "torch", "torch-compile", "keras", "flax", "equinox")
ON_GPU = ("jaxnet", "jaxnet-buffers", "torch", "torch-compile", "torch-graphs")


class Workload(NamedTuple):
    """One training task for several libraries.

    Attributes:
        name: the name for ``--only``.
        title: the name in reports.
        data: folder of the data, see :func:`write_data`.
        kind: ``"mlp"``, ``"cnn"``, ``"lstm"`` or ``"gru"``.
        sizes: of an MLP: inputs, hidden layers, classes; of a CNN: filters, filters, classes; of a recurrent
            network: features, units, classes.
        batch_size: examples per step.
        epochs: epochs per training.
        learning_rate: learning rate of Adam.
        contestants: contestants on the CPU.
        gpu: contestants on a GPU.
        activation: activation function of the hidden layers.
        dtype: compute dtype: None, or ``"bfloat16"`` on a GPU.
        copies: number of networks; ``fit_many`` trains more than one.
        padded: whether the examples are sequences of different lengths, see :func:`lengths`.
    """

    name: str
    title: str
    data: str
    kind: str
    sizes: tuple[int, ...]
    batch_size: int
    epochs: int
    learning_rate: float = 1e-3
    contestants: tuple[str, ...] = FRAMEWORKS
    gpu: tuple[str, ...] = ()
    activation: str = "relu"
    dtype: str | None = None
    copies: int = 1
    padded: bool = False

    @property
    def layers(self) -> list[tuple[int, int]]:
        """Inputs and outputs of each layer of an MLP."""
        return list(zip(self.sizes, self.sizes[1:], strict=False))

    @property
    def recurrent(self) -> bool:
        """Whether the network is an LSTM or a GRU."""
        return self.kind in ("lstm", "gru")


_MLP = (784, 256, 128, 10)
_SMALL = ("jaxnet", "jaxnet-oldest", "torch", "torch-compile", "sklearn", "keras", "flax", "equinox")
_ALL = ("jaxnet", "jax", *_SMALL[1:])
_STREAMED = ("jaxnet-file", "jaxnet-loader")
_WIDE = (784, 2048, 2048, 2048, 10)
WORKLOADS = (
    Workload("xor", "XOR, 2-4-2, 1,000 epochs", "xor", "mlp", (2, 4, 2), 4, 1000, 0.05, _SMALL,
             activation="tanh"),
    Workload("digits", "digits, 64-32-10, batch size 32, 50 epochs", "digits", "mlp", (64, 32, 10), 32, 50,
             1e-3, _SMALL, ON_GPU),
    Workload("mnist-32", "MNIST, 784-256-128-10, batch size 32", "mnist", "mlp", _MLP, 32, 1, 1e-3, _ALL),
    Workload("mnist-128", "MNIST, 784-256-128-10, batch size 128", "mnist", "mlp", _MLP, 128, 1, 1e-3,
             (*_ALL, *_STREAMED), ON_GPU),
    Workload("mnist-1024", "MNIST, 784-256-128-10, batch size 1024", "mnist", "mlp", _MLP, 1024, 2, 1e-3,
             _ALL, ON_GPU),
    Workload("cnn", "CNN, 6,400 images, batch size 64", "images", "cnn", (32, 64, 10), 64, 1,
             contestants=(*FRAMEWORKS, "torch-channels-last"), gpu=ON_GPU),
    Workload("lstm", "LSTM(64) on the rows of 6,400 images, batch size 64", "rows", "lstm", (28, 64, 10),
             64, 2, gpu=(*ON_GPU, "jaxnet-cudnn")),
    Workload("gru", "GRU(64) on the rows of 6,400 images, batch size 64", "rows", "gru", (28, 64, 10), 64, 2,
             gpu=ON_GPU),
    Workload("lstm-lengths", "LSTM(64) on 3,200 sequences of 5 to 100 steps, batch size 64", "lengths",
             "lstm", (28, 64, 10), 64, 2, 1e-3, ("jaxnet", "torch", "torch-sorted"), padded=True),
    Workload("gru-lengths", "GRU(64) on 3,200 sequences of 5 to 100 steps, batch size 64", "lengths",
             "gru", (28, 64, 10), 64, 2, 1e-3, ("jaxnet", "torch", "torch-sorted"), padded=True),
    Workload("many", "64 digits networks, 50 epochs", "digits", "mlp", (64, 32, 10), 32, 50, 1e-3,
             ("jaxnet-many", "jaxnet-sequential", "sklearn", "sklearn-jobs"), copies=64),
    Workload("wide", "MLP 784-2048-2048-2048-10, batch size 1024, 10 steps", "mnist-10240", "mlp", _WIDE,
             1024, 1, 1e-3, ("jaxnet", "jaxnet-oldest", "jax", "torch", "torch-compile", "product")),
    Workload("wide-bf16", "MLP 784-4096-4096-4096-10, batch size 4096, bfloat16", "mnist-57344", "mlp",
             (784, 4096, 4096, 4096, 10), 4096, 4, 1e-3, (), ("jaxnet", "torch", "torch-compile", "product"),
             dtype="bfloat16"),
)  # fmt: skip


def get(name: str) -> Workload:
    """The workload with the given name.

    Example:
        >>> get("digits").sizes
        (64, 32, 10)
    """
    return next(workload for workload in WORKLOADS if workload.name == name)


def synthetic(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 28 x 28 pixels and labels in place of MNIST: noisy copies of ten patterns.

    Example:
        >>> x, y = synthetic(5, 0)
        >>> x.shape, x.dtype, y.tolist()
        ((5, 28, 28), dtype('float32'), [0, 1, 2, 3, 4])
    """
    patterns = np.random.default_rng(0).random((10, 7, 7)) > 0.5
    y = np.arange(count) % 10
    x = np.kron(patterns, np.ones((1, 4, 4))).astype(np.float32)[y]
    noise = np.random.default_rng(seed).random(x.shape, np.float32)
    return np.float32(0.4) * x + np.float32(0.6) * noise, y


def lengths(count: int) -> np.ndarray:
    """The lengths of the sequences of a padded workload, from 5 to 100 steps.

    Example:
        >>> lengths(4).tolist()
        [86, 66, 54, 30]
    """
    return np.random.default_rng(0).integers(5, 101, count).astype(np.int32)


def _lines(images: np.ndarray) -> np.ndarray:
    """Sequences of 100 steps: the rows of each image from its middle on, again and again."""
    return np.tile(np.roll(images, -10, axis=1), (1, 4, 1))[:, :100]


def write_data(folder: Path, mnist: Path | None, quick: bool) -> dict[str, str]:
    """Write x.npy, y.npy (training) and xt.npy, yt.npy (test) for each dataset.

    Args:
        folder: output folder.
        mnist: an .npz file, or None to use synthetic images.
        quick: use a twentieth of the images.

    Returns:
        A description of the images for the report.
    """
    from sklearn.datasets import load_digits

    if mnist is None:
        (x, y), (xt, yt) = synthetic(3000 if quick else 60000, 1), synthetic(1000 if quick else 10000, 2)
        images = "synthetic images of the size of MNIST (use --data for MNIST)"
    else:
        names = ("x_train", "y_train", "x_test", "y_test")
        try:
            with np.load(mnist, allow_pickle=False) as arrays:
                x, y, xt, yt = (arrays[name] for name in names)
        except (KeyError, ValueError, TypeError, OSError, EOFError):
            sys.exit(f"bench.py: {mnist} is not an .npz file with {', '.join(names)}")
        x, xt = (part.astype(np.float32) / np.float32(255) for part in (x, xt))
        images = "MNIST"
    if quick:
        x, y, xt, yt = x[:3000], y[:3000], xt[:1000], yt[:1000]
    few = 640 if quick else 6400
    pixels, labels = load_digits(return_X_y=True)
    dx, dy = (np.asarray(pixels) / 16).astype(np.float32), np.asarray(labels)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    xor = (corners, np.array([0, 1, 1, 0]))
    test = xt.reshape(-1, 784), yt
    datasets = {
        "xor": (*xor, *xor),
        "digits": (dx[:1437], dy[:1437], dx[1437:], dy[1437:]),
        "mnist": (x.reshape(-1, 784), y, *test),
        "images": (x[:few, ..., None], y[:few], xt[:2000, ..., None], yt[:2000]),
        "rows": (x[:few], y[:few], xt[:2000], yt[:2000]),
        "lengths": (_lines(x[: few // 2]), y[: few // 2], _lines(xt[:1000]), yt[:1000]),
        "mnist-10240": (x[:10240].reshape(-1, 784), y[:10240], *test),
        "mnist-57344": (x[:57344].reshape(-1, 784), y[:57344], *test),
    }
    for name, arrays in datasets.items():
        (folder / name).mkdir()
        for part, array in zip(("x", "y", "xt", "yt"), arrays, strict=True):
            array = array.astype(np.int32) if part.startswith("y") else array
            np.save(folder / name / f"{part}.npy", np.ascontiguousarray(array))
    return {"images": images}


def read_data(folder: Path, workload: Workload, mapped: bool = False) -> tuple[np.ndarray, ...]:
    """x, y, xt, yt of a workload, aligned to 64 bytes, so that JAX uses them without a copy.

    With ``mapped`` x stays in its file, to be streamed.
    """
    files = {part: folder / workload.data / f"{part}.npy" for part in ("x", "y", "xt", "yt")}
    arrays = {part: _read(file) for part, file in files.items() if not (mapped and part == "x")}
    if mapped:
        arrays["x"] = np.load(files["x"], mmap_mode="r")
    return tuple(arrays[part] for part in files)


def _read(path: Path) -> np.ndarray:
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        size = math.prod(shape) * dtype.itemsize
        buffer = np.empty(size + 64, np.uint8)
        start = -buffer.ctypes.data % 64
        content = buffer[start : start + size]
        file.readinto(memoryview(content))  # pyright: ignore[reportArgumentType]
    return content.view(dtype).reshape(shape)


def steps(workload: Workload, examples: int) -> int:
    """Steps of one training.

    Example:
        >>> steps(get("digits"), 1437)
        2250
    """
    return workload.epochs * math.ceil(examples / workload.batch_size)


def batches(workload: Workload, examples: int) -> Iterator[np.ndarray]:
    """The indices of each batch of one training; the examples are shuffled in each epoch.

    Example:
        >>> [len(indices) for indices in batches(get("digits")._replace(epochs=1), 70)]
        [32, 32, 6]
    """
    rng = np.random.default_rng(0)
    for _ in range(workload.epochs):
        order = rng.permutation(examples).astype(np.int32)
        for start in range(0, examples, workload.batch_size):
            yield order[start : start + workload.batch_size]


def initial(workload: Workload, channels_first: bool = False) -> list[tuple[np.ndarray, np.ndarray]]:
    """Initial weights and biases of an MLP or a CNN.

    Args:
        workload: the workload.
        channels_first: weights (out, in, ...) for images (channels, height, width), not (..., in, out).

    Example:
        >>> [w.shape for w, b in initial(get("digits"))]
        [(64, 32), (32, 10)]
        >>> [w.shape for w, b in initial(get("cnn"), channels_first=True)]
        [(32, 1, 3, 3), (64, 32, 3, 3), (10, 3136)]
    """
    cnn = workload.kind == "cnn"
    shapes = [(3, 3, 1, 32), (3, 3, 32, 64), (7 * 7 * 64, 10)] if cnn else workload.layers
    rng = np.random.default_rng(0)
    params = []
    for shape in shapes:
        scale = math.sqrt(2 / math.prod(shape[:-1]))
        w = (rng.standard_normal(shape) * scale).astype(np.float32)
        if channels_first and cnn and len(shape) == 2:  # the inputs are a flattened image of 7 x 7 pixels
            w = w.reshape(7, 7, -1, shape[-1]).transpose(2, 0, 1, 3).reshape(shape)
        if channels_first:
            w = np.ascontiguousarray(np.moveaxis(w, (-1, -2), (0, 1)))
        params.append((w, np.zeros(shape[-1], np.float32)))
    return params


def initial_recurrent(workload: Workload) -> dict[str, np.ndarray]:
    """Initial parameters of an LSTM (gates i, f, g, o) or a GRU (r, z, n) and of its dense output layer.

    Example:
        >>> {name: part.shape for name, part in initial_recurrent(get("lstm")).items()}
        {'w': (28, 256), 'u': (64, 256), 'b': (256,), 'out_w': (64, 10), 'out_b': (10,)}
    """
    features, units, classes = workload.sizes
    gates, rng = 4 if workload.kind == "lstm" else 3, np.random.default_rng(0)

    def uniform(rows: int, columns: int) -> np.ndarray:
        bound = math.sqrt(6 / (rows + columns))
        return rng.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    w = np.concatenate([uniform(features, units) for _ in range(gates)], axis=1)
    u = [np.linalg.qr(rng.standard_normal((units, units)))[0] for _ in range(gates)]
    b = np.zeros(gates * units, np.float32)
    if workload.kind == "lstm":
        b[units : 2 * units] = 1  # forget gate
    out = uniform(units, classes)
    return {"w": w, "u": np.concatenate(u, axis=1).astype(np.float32), "b": b,
            "out_w": out, "out_b": np.zeros(classes, np.float32)}  # fmt: skip


def flops(workload: Workload, examples: int) -> float:
    """Multiplications and additions in the matrix products of one training of an MLP.

    The backward pass takes twice as many as the forward pass, less those for the gradient of the inputs.
    """
    weights = sum(a * b for a, b in workload.layers)
    return (6.0 * weights - 2.0 * workload.sizes[0] * workload.sizes[1]) * examples * workload.epochs
