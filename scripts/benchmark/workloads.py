"""The work of the benchmark: networks, data, sizes; the same for everybody who takes part."""

import math
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

FRAMEWORKS = ("jaxnet", "torch", "keras", "flax", "equinox")
ON_GPU = ("jaxnet", "jaxnet-buffers", "torch", "torch-compile", "torch-graphs")


class Work(NamedTuple):
    """One job that several libraries do.

    Attributes:
        name: what ``--only`` takes.
        title: for people.
        data: folder of the data, from :func:`write_data`.
        kind: ``"mlp"``, ``"cnn"``, ``"lstm"`` or ``"gru"``.
        sizes: of an MLP: inputs, hidden layers, classes; of a recurrent network: features, units, classes.
        batch: examples a step.
        epochs: of one training.
        rate: learning rate of Adam.
        contestants: who takes part on the CPU.
        gpu: who takes part on a GPU.
        activation: of the hidden layers.
        dtype: of the arithmetic: None, or ``"bfloat16"`` on a GPU.
        copies: how many networks; more than one is the work of ``fit_many``.
    """

    name: str
    title: str
    data: str
    kind: str
    sizes: tuple[int, ...]
    batch: int
    epochs: int
    rate: float = 1e-3
    contestants: tuple[str, ...] = FRAMEWORKS
    gpu: tuple[str, ...] = ()
    activation: str = "relu"
    dtype: str | None = None
    copies: int = 1


_MLP = (784, 256, 128, 10)
_EVERYBODY = ("jaxnet", "jax", "torch", "sklearn", "keras", "flax", "equinox")
_WIDE = (784, 2048, 2048, 2048, 10)
WORKS = (
    Work("xor", "XOR, 2-4-2, 1,000 epochs", "xor", "mlp", (2, 4, 2), 4, 1000, 0.05,
         ("jaxnet", "torch", "sklearn", "keras", "flax", "equinox"), activation="tanh"),
    Work("digits", "digits, 64-32-10, batch 32, 50 epochs", "digits", "mlp", (64, 32, 10), 32, 50, 1e-3,
         ("jaxnet", "torch", "sklearn", "keras", "flax", "equinox"), ON_GPU),
    Work("mnist-32", "MNIST, 784-256-128-10, batch 32", "mnist", "mlp", _MLP, 32, 1, 1e-3, _EVERYBODY),
    Work("mnist-128", "MNIST, 784-256-128-10, batch 128", "mnist", "mlp", _MLP, 128, 1, 1e-3,
         _EVERYBODY, ON_GPU),
    Work("mnist-1024", "MNIST, 784-256-128-10, batch 1024", "mnist", "mlp", _MLP, 1024, 2, 1e-3,
         _EVERYBODY, ON_GPU),
    Work("cnn", "CNN, 6,400 images, batch 64", "images", "cnn", (32, 64, 10), 64, 1, 1e-3,
         FRAMEWORKS, ON_GPU),
    Work("lstm", "LSTM(64) on the rows of 6,400 images, batch 64", "rows", "lstm", (28, 64, 10), 64, 2, 1e-3,
         FRAMEWORKS, (*ON_GPU, "jaxnet-cudnn")),
    Work("gru", "GRU(64) on the rows of 6,400 images, batch 64", "rows", "gru", (28, 64, 10), 64, 2, 1e-3,
         FRAMEWORKS, ON_GPU),
    Work("many", "64 digits networks, 50 epochs", "digits", "mlp", (64, 32, 10), 32, 50, 1e-3,
         ("jaxnet-many", "jaxnet-turn", "sklearn", "sklearn-jobs"), copies=64),
    Work("wide", "784-2048-2048-2048-10, batch 1024, 10 steps", "some", "mlp", _WIDE, 1024, 1, 1e-3,
         ("jaxnet", "jax", "torch", "product")),
    Work("wide-bf16", "784-4096-4096-4096-10, batch 4096, bfloat16", "all", "mlp",
         (784, 4096, 4096, 4096, 10), 4096, 4, 1e-3, (), ("jaxnet", "torch", "torch-compile", "product"),
         dtype="bfloat16"),
)  # fmt: skip


def work(name: str) -> Work:
    """The work of that name.

    Example:
        >>> work("digits").sizes
        (64, 32, 10)
    """
    return next(work for work in WORKS if work.name == name)


def made_up(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 28 x 28 and labels, where MNIST is not at hand: noisy copies of ten drawings.

    Example:
        >>> x, y = made_up(5, 0)
        >>> x.shape, x.dtype, y.tolist()
        ((5, 28, 28), dtype('float32'), [0, 1, 2, 3, 4])
    """
    drawings = np.random.default_rng(0).random((10, 7, 7)) > 0.5
    y = np.arange(count) % 10
    x = np.kron(drawings, np.ones((1, 4, 4))).astype(np.float32)[y]
    noise = np.random.default_rng(seed).random(x.shape, np.float32)
    return np.float32(0.4) * x + np.float32(0.6) * noise, y


def write_data(folder: Path, mnist: Path | None, quick: bool) -> dict[str, str]:
    """Write x.npy, y.npy (training) and xt.npy, yt.npy (test) for each data set.

    Args:
        folder: where.
        mnist: an .npz file, or None to make images up.
        quick: a twentieth of the images.

    Returns:
        What the images are, for the report.
    """
    from sklearn.datasets import load_digits

    if mnist is None:
        (x, y), (xt, yt) = made_up(3000 if quick else 60000, 1), made_up(1000 if quick else 10000, 2)
        told = "made-up images of MNIST's size (give --data for the real ones)"
    else:
        names = ("x_train", "y_train", "x_test", "y_test")
        try:
            with np.load(mnist, allow_pickle=False) as held:
                x, y, xt, yt = (held[name] for name in names)
        except (KeyError, ValueError, TypeError, OSError, EOFError):
            sys.exit(f"bench.py: {mnist} is no .npz file with {', '.join(names)}")
        x, xt = (part.astype(np.float32) / np.float32(255) for part in (x, xt))
        told = "MNIST"
    if quick:
        x, y, xt, yt = x[:3000], y[:3000], xt[:1000], yt[:1000]
    few = 640 if quick else 6400
    pixels, dy = load_digits(return_X_y=True)
    dx = (np.asarray(pixels) / 16).astype(np.float32)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    xor = (corners, np.array([0, 1, 1, 0]))
    sets = {
        "xor": (*xor, *xor),
        "digits": (dx[:1437], np.asarray(dy)[:1437], dx[1437:], np.asarray(dy)[1437:]),
        "mnist": (x.reshape(-1, 784), y, xt.reshape(-1, 784), yt),
        "images": (x[:few, ..., None], y[:few], xt[:2000, ..., None], yt[:2000]),
        "rows": (x[:few], y[:few], xt[:2000], yt[:2000]),
        "some": (x[:10240].reshape(-1, 784), y[:10240], xt.reshape(-1, 784), yt),
        "all": (x[:57344].reshape(-1, 784), y[:57344], xt.reshape(-1, 784), yt),
    }
    for name, parts in sets.items():
        (folder / name).mkdir()
        for part, array in zip(("x", "y", "xt", "yt"), parts, strict=True):
            wanted = array.astype(np.int32) if part.startswith("y") else array
            np.save(folder / name / f"{part}.npy", np.ascontiguousarray(wanted))
    return {"images": told}


def read_data(folder: Path, work: Work) -> tuple[np.ndarray, ...]:
    """x, y, xt, yt of a work; each begins at a multiple of 64 bytes: JAX takes it over without a copy."""
    return tuple(_read(folder / work.data / f"{part}.npy") for part in ("x", "y", "xt", "yt"))


def _read(path: Path) -> np.ndarray:
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        room = np.empty(math.prod(shape) * dtype.itemsize + 64, np.uint8)
        begin = -room.ctypes.data % 64
        bytes_ = room[begin : begin + math.prod(shape) * dtype.itemsize]
        file.readinto(memoryview(bytes_))  # pyright: ignore[reportArgumentType]
    return bytes_.view(dtype).reshape(shape)


def steps(work: Work, examples: int) -> int:
    """Steps of one training.

    Example:
        >>> steps(work("digits"), 1437)
        2250
    """
    return work.epochs * math.ceil(examples / work.batch)


def initial(work: Work) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (..., in, out) and biases with which everybody begins, for an MLP or a CNN.

    Example:
        >>> [w.shape for w, b in initial(work("digits"))]
        [(64, 32), (32, 10)]
    """
    if work.kind == "cnn":
        shapes = [(3, 3, 1, 32), (3, 3, 32, 64), (7 * 7 * 64, 10)]
    else:
        shapes = list(zip(work.sizes, work.sizes[1:], strict=False))
    rng = np.random.default_rng(0)
    drawn: list[tuple[np.ndarray, np.ndarray]] = []
    for shape in shapes:
        scale = math.sqrt(2 / math.prod(shape[:-1]))
        drawn.append(
            ((rng.standard_normal(shape) * scale).astype(np.float32), np.zeros(shape[-1], np.float32))
        )
    return drawn


def initial_recurrent(work: Work) -> dict[str, np.ndarray]:
    """The same for an LSTM (gates i, f, g, o) or a GRU (r, z, n) and the dense layer behind it.

    Example:
        >>> {name: part.shape for name, part in initial_recurrent(work("lstm")).items()}
        {'w': (28, 256), 'u': (64, 256), 'b': (256,), 'out_w': (64, 10), 'out_b': (10,)}
    """
    features, units, classes = work.sizes
    gates, rng = 4 if work.kind == "lstm" else 3, np.random.default_rng(0)

    def uniform(rows: int, columns: int) -> np.ndarray:
        bound = math.sqrt(6 / (rows + columns))
        return rng.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    w = np.concatenate([uniform(features, units) for _ in range(gates)], axis=1)
    u = [np.linalg.qr(rng.standard_normal((units, units)))[0] for _ in range(gates)]
    b = np.zeros(gates * units, np.float32)
    if work.kind == "lstm":
        b[units : 2 * units] = 1  # the gate that forgets begins open
    out = uniform(units, classes)
    return {"w": w, "u": np.concatenate(u, axis=1).astype(np.float32), "b": b,
            "out_w": out, "out_b": np.zeros(classes, np.float32)}  # fmt: skip


def flops(work: Work, examples: int) -> float:
    """Multiplications and additions in the products of one training: forward, and backward twice as much."""
    weights = sum(a * b for a, b in zip(work.sizes, work.sizes[1:], strict=False))
    return (
        6.0 * weights * examples * work.epochs - 2.0 * work.sizes[0] * work.sizes[1] * examples * work.epochs
    )
