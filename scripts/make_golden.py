"""Write reference values from PyTorch: outputs and gradients of layers and losses, steps of optimizers.

This script needs torch. It writes ``tests/golden/{layers,packed,losses,optimizers}.npz``, in double precision
and in jaxnet's layout (channels last, weights (in, out)), and ``bridge.npz``, state dicts in that of PyTorch.
The tests of PyTorch parity and of the PyTorch bridge compare with these values.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden"
nn, F = torch.nn, torch.nn.functional


def tensor(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    """Random numbers with ``requires_grad``."""
    return torch.tensor(rng.normal(size=shape), requires_grad=True)


def record(out: torch.Tensor, rng: np.random.Generator, **leaves: torch.Tensor) -> dict[str, np.ndarray]:
    """Inputs, output, a random cotangent and the gradients for it; all inputs except ``x`` are parameters."""
    cotangent = torch.tensor(rng.normal(size=out.shape))
    trained = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    grads = torch.autograd.grad(out, list(trained.values()), cotangent)
    values = {"out": out, "cotangent": cotangent, **leaves}
    values |= {f"d {name}": grad for name, grad in zip(trained, grads, strict=True)}
    return {name: value.detach().numpy() for name, value in values.items()}


def channels_first(x: torch.Tensor) -> torch.Tensor:
    """Move the channels from the last axis to axis 1."""
    return x.movedim(-1, 1)


def channels_last(x: torch.Tensor) -> torch.Tensor:
    """Move the channels from axis 1 to the last axis."""
    return x.movedim(1, -1)


def kernel(w: torch.Tensor) -> torch.Tensor:
    """Convert a kernel (*sizes, in, out) to PyTorch's layout, (out, in, *sizes)."""
    return w.movedim((-1, -2), (0, 1))


def run_recurrent(
    kind: str,
    x: torch.Tensor,
    leaves: dict[str, torch.Tensor],
    units: int,
    lengths: Sequence[int] | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run a PyTorch module with jaxnet's parameters; if bidirectional, their names start with 0/ and 1/.

    Args:
        kind: name of the layer.
        x: (batch, time, features).
        leaves: name -> parameter.
        units: size of the state.
        lengths: of packed sequences; None for all steps.

    Returns:
        The states of all steps, zero after the end of a sequence; and the last one of each direction.
    """
    both = any(name.startswith("1/") for name in leaves)
    module = {"simple_rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](
        x.shape[-1], units, batch_first=True, bidirectional=both, dtype=torch.float64
    )
    names = {}
    for prefix, suffix in (("0/", ""), ("1/", "_reverse")) if both else (("", ""),):
        names[f"weight_ih_l0{suffix}"] = leaves[f"{prefix}w"].T
        names[f"weight_hh_l0{suffix}"] = leaves[f"{prefix}u"].T
        names[f"bias_ih_l0{suffix}"] = leaves[f"{prefix}b"]
        inner = torch.zeros_like(leaves[f"{prefix}b"])
        if kind == "gru":  # only the bias inside the reset gate is not redundant
            inner = torch.cat([inner[: 2 * units], leaves[f"{prefix}c"]])
        names[f"bias_hh_l0{suffix}"] = inner
    if lengths is None:
        states, last = torch.func.functional_call(module, names, (x,))
    else:
        packed = nn.utils.rnn.pack_padded_sequence(x, list(lengths), batch_first=True, enforce_sorted=False)
        states, last = torch.func.functional_call(module, names, (packed,))
        states = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0]
    last = last[0] if kind == "lstm" else last
    return states, torch.cat(list(last), -1)


def gates(rng: np.random.Generator, kind: str, features: int, units: int) -> dict[str, torch.Tensor]:
    """Random parameters of a recurrent layer."""
    count = {"simple_rnn": 1, "lstm": 4, "gru": 3}[kind] * units
    leaves = {"w": tensor(rng, features, count), "u": tensor(rng, units, count), "b": tensor(rng, count)}
    return leaves | ({"c": tensor(rng, units)} if kind == "gru" else {})


def layers() -> dict[str, dict[str, np.ndarray]]:
    """Name of a test case -> its arrays."""
    rng = np.random.default_rng(2025)
    cases = {}
    x, w, b = tensor(rng, 5, 4), tensor(rng, 4, 3), tensor(rng, 3)
    cases["dense"] = record(x @ w + b, rng, x=x, w=w, b=b)
    x, w, b = tensor(rng, 2, 7, 6, 3), tensor(rng, 3, 2, 3, 4), tensor(rng, 4)
    out = F.conv2d(channels_first(x), kernel(w), b, stride=2, padding=1)
    cases["conv strides"] = record(channels_last(out), rng, x=x, w=w, b=b)
    out = F.conv2d(channels_first(x), kernel(w), b, dilation=(2, 1))
    cases["conv dilation"] = record(channels_last(out), rng, x=x, w=w, b=b)
    # "same" with an even kernel pads one more zero at the end
    out = F.conv2d(F.pad(channels_first(x), (0, 1, 1, 1)), kernel(w), b)
    cases["conv same"] = record(channels_last(out), rng, x=x, w=w, b=b)
    weight = w.transpose(-1, -2)  # conv_transpose takes (in, out, *sizes)
    out = F.conv_transpose2d(channels_first(x), kernel(weight), b, stride=2, padding=1)
    cases["conv_transpose"] = record(channels_last(out), rng, x=x, w=w, b=b)
    x, w, b = tensor(rng, 2, 8, 3), tensor(rng, 3, 3, 2), tensor(rng, 2)
    cases["conv 1-D"] = record(
        channels_last(F.conv1d(channels_first(x), kernel(w), b, stride=2)), rng, x=x, w=w, b=b
    )
    out = F.conv_transpose1d(channels_first(x), kernel(w.transpose(-1, -2)), b, stride=3, dilation=2)
    cases["conv_transpose 1-D"] = record(channels_last(out), rng, x=x, w=w, b=b)
    x = tensor(rng, 2, 5, 6, 2)
    cases["max_pool"] = record(channels_last(F.max_pool2d(channels_first(x), 2)), rng, x=x)
    cases["max_pool overlapping"] = record(channels_last(F.max_pool2d(channels_first(x), 3, 2)), rng, x=x)
    cases["avg_pool"] = record(channels_last(F.avg_pool2d(channels_first(x), 2)), rng, x=x)
    cases["avg_pool overlapping"] = record(channels_last(F.avg_pool2d(channels_first(x), 3, 1)), rng, x=x)
    cases["global_avg_pool"] = record(
        channels_last(F.adaptive_avg_pool2d(channels_first(x), 1))[:, 0, 0], rng, x=x
    )
    cases["global_max_pool"] = record(
        channels_last(F.adaptive_max_pool2d(channels_first(x), 1))[:, 0, 0], rng, x=x
    )
    x, scale, b = tensor(rng, 2, 3, 5), tensor(rng, 5), tensor(rng, 5)
    cases["layer_norm"] = record(F.layer_norm(x, (5,), scale, b), rng, x=x, scale=scale, b=b)
    x, w = torch.tensor(rng.integers(0, 6, (2, 4))), tensor(rng, 6, 3)
    cases["embedding"] = record(F.embedding(x, w), rng, x=x, w=w)
    for kind in ("simple_rnn", "lstm", "gru"):
        x, leaves = tensor(rng, 3, 5, 2), gates(rng, kind, 2, 4)
        cases[kind] = record(run_recurrent(kind, x, leaves, 4)[0], rng, x=x, **leaves)
    x = tensor(rng, 3, 5, 2)
    leaves = {f"{way}/{name}": leaf for way in (0, 1) for name, leaf in gates(rng, "lstm", 2, 3).items()}
    cases["bidirectional"] = record(run_recurrent("lstm", x, leaves, 3)[0], rng, x=x, **leaves)
    for name, function in ACTIVATIONS.items():
        x = tensor(rng, 3, 8)
        x.data *= 3
        cases[f"activation {name}"] = record(function(x), rng, x=x)
    return cases


LENGTHS = (3, 7, 1, 5)


def packed() -> dict[str, dict[str, np.ndarray]]:
    """Name of a recurrent layer over packed sequences of different lengths -> its arrays."""
    rng, cases = np.random.default_rng(2029), {}
    for kind in ("simple_rnn", "lstm", "gru"):
        for both in (False, True):
            x, units = tensor(rng, len(LENGTHS), max(LENGTHS), 2), 3
            leaves = gates(rng, kind, 2, units)
            if both:
                leaves = {f"0/{name}": leaf for name, leaf in leaves.items()}
                leaves |= {f"1/{name}": leaf for name, leaf in gates(rng, kind, 2, units).items()}
            name = f"bidirectional {kind}" if both else kind
            for which, end in enumerate(("", ", last")):
                out = run_recurrent(kind, x, leaves, units, LENGTHS)[which]
                cases[f"{name}{end}"] = record(out, rng, x=x, **leaves)
    return cases


ACTIVATIONS = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "relu6": F.relu6,
    "leaky_relu": F.leaky_relu, "elu": F.elu, "selu": F.selu, "gelu": F.gelu, "silu": F.silu, "mish": F.mish,
    # F.softplus is linear above 20, and F.hardsigmoid computes 1/6 in single precision
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "hard_sigmoid": lambda z: F.relu6(z + 3) / 6,
    "softsign": F.softsign, "log_sigmoid": F.logsigmoid, "hard_tanh": F.hardtanh, "hard_silu": F.hardswish,
    "softmax": lambda z: F.softmax(z, -1), "log_softmax": lambda z: F.log_softmax(z, -1),
}  # fmt: skip


def losses() -> dict[str, dict[str, np.ndarray]]:
    """Loss -> outputs, targets, one value per example, gradient of their sum."""
    rng = np.random.default_rng(2026)
    real, signs = torch.tensor(rng.normal(size=(4, 3))), torch.tensor(rng.choice([-1.0, 1.0], (4, 3)))
    binary, classes = (
        torch.tensor(rng.integers(0, 2, (4, 3)).astype(float)),
        torch.tensor(rng.integers(0, 3, 4)),
    )
    shares = torch.tensor(rng.dirichlet(np.ones(3), 4))
    each = {"reduction": "none"}
    cases = {
        "mse": (real, lambda y: F.mse_loss(y, real, **each)),
        "mae": (real, lambda y: F.l1_loss(y, real, **each)),
        "huber": (real, lambda y: F.huber_loss(y, real, **each)),
        "log_cosh": (real, lambda y: torch.log(torch.cosh(y - real))),
        "binary_cross_entropy": (binary, lambda y: F.binary_cross_entropy_with_logits(y, binary, **each)),
        "cross_entropy": (classes, lambda y: F.cross_entropy(y, classes, **each)),
        "cross_entropy smoothed": (
            classes,
            lambda y: F.cross_entropy(y, classes, label_smoothing=0.1, **each),
        ),
        "cross_entropy shares": (shares, lambda y: F.cross_entropy(y, shares, **each)),
        "kl_divergence": (shares, lambda y: F.kl_div(F.log_softmax(y, -1), shares, **each).sum(-1)),
        "hinge": (signs, lambda y: F.relu(1 - signs * y)),
        "squared_hinge": (signs, lambda y: F.relu(1 - signs * y) ** 2),
    }
    found = {}
    for name, (targets, loss) in cases.items():
        outputs = tensor(rng, 4, 3)
        values = loss(outputs)
        values = values.mean(-1) if values.ndim > 1 else values
        (gradient,) = torch.autograd.grad(values.sum(), outputs)
        arrays = {"outputs": outputs, "targets": targets, "values": values, "d outputs": gradient}
        found[name] = {key: value.detach().numpy() for key, value in arrays.items()}
    return found


def optimizers() -> dict[str, dict[str, np.ndarray]]:
    """Optimizer -> initial weights, five gradients, the weights after each step."""
    rng = np.random.default_rng(2027)
    factories = {
        "sgd": lambda w: torch.optim.SGD(w, 0.1),
        "momentum": lambda w: torch.optim.SGD(w, 0.1, momentum=0.9),
        "adam": lambda w: torch.optim.Adam(w, 0.1, eps=1e-8),
        "adamw": lambda w: torch.optim.AdamW(w, 0.1, eps=1e-8, weight_decay=1e-4),
        # PyTorch adds epsilon outside the square root, Optax inside: 0 here, negligible in the test
        "rmsprop": lambda w: torch.optim.RMSprop(w, 0.1, alpha=0.9, eps=0.0),
    }
    found = {}
    for name, factory in factories.items():
        start, grads = rng.normal(size=6), rng.normal(size=(5, 6))
        w = torch.tensor(start.copy(), requires_grad=True)
        optimizer, steps = factory([w]), []
        for grad in grads:
            w.grad = torch.tensor(grad)
            optimizer.step()
            steps.append(w.detach().numpy().copy())
        found[name] = {"start": start, "grads": grads, "steps": np.array(steps)}
    return found


class Recurrent(nn.Module):
    """A recurrent module that returns all states, or the last one of each direction."""

    def __init__(self, kind: type[torch.nn.RNNBase], *sizes: Any, every: bool = False, **options: Any):
        super().__init__()
        self.inner, self.every = kind(*sizes, batch_first=True, **options), every

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The states, (batch, time, units) or (batch, units)."""
        states, units = self.inner(x)[0], self.inner.hidden_size
        if self.every:
            return states
        return torch.cat([states[:, -1, :units], states[:, 0, units:]], -1)


def models() -> dict[str, tuple[torch.nn.Module, tuple[int, ...]]]:
    """Name of a test case -> a model and the shape of an example in PyTorch's layout."""
    flat, relu, pool, both = nn.Flatten(), nn.ReLU(), nn.MaxPool2d(2), {"bidirectional": True}
    return {
        "dense": (nn.Linear(4, 3), (4,)),
        "mlp": (nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)), (4,)),
        "no bias": (nn.Sequential(nn.Linear(4, 3, bias=False), nn.LayerNorm(3)), (4,)),
        "image flattened": (nn.Sequential(flat, nn.Linear(24, 3)), (2, 3, 4)),
        "cnn": (
            nn.Sequential(
                nn.Conv2d(2, 3, 3, padding=1), relu, pool, nn.Conv2d(3, 4, 3), flat, nn.Linear(24, 5), relu,
                nn.Linear(5, 2),
            ),
            (2, 8, 10),
        ),
        "conv 1-D": (
            nn.Sequential(nn.Conv1d(2, 3, 3, stride=2), flat, nn.LayerNorm(9), nn.Linear(9, 2)),
            (2, 8),
        ),
        "conv_transpose": (nn.ConvTranspose2d(2, 3, (3, 2), stride=2), (2, 3, 4)),
        "conv_transpose 1-D": (nn.ConvTranspose1d(2, 3, 3, stride=2), (2, 5)),
        "embedding": (nn.Sequential(nn.Embedding(7, 3), Recurrent(nn.LSTM, 3, 4), nn.Linear(4, 2)), (5,)),
        "simple_rnn": (Recurrent(nn.RNN, 3, 4), (5, 3)),
        "lstm": (Recurrent(nn.LSTM, 3, 4, every=True), (5, 3)),
        "gru": (Recurrent(nn.GRU, 3, 4), (5, 3)),
        "lstm of two layers": (Recurrent(nn.LSTM, 3, 4, num_layers=2), (5, 3)),
        "bidirectional gru": (nn.Sequential(Recurrent(nn.GRU, 3, 2, **both), nn.Linear(4, 2)), (5, 3)),
        "bidirectional lstm": (Recurrent(nn.LSTM, 3, 2, every=True, num_layers=2, **both), (5, 3)),
    }  # fmt: skip


def bridge() -> dict[str, dict[str, np.ndarray]]:
    """Name of a model -> its state dict, inputs and outputs in PyTorch's layout."""
    torch.manual_seed(2028)
    rng, cases = np.random.default_rng(2028), {}
    for name, (model, shape) in models().items():
        ints = any(isinstance(part, nn.Embedding) for part in model.modules())
        x = rng.integers(0, 7, (3, *shape)) if ints else rng.normal(size=(3, *shape))
        model = model.double()
        for leaf in model.parameters():  # LayerNorm starts with ones and zeros
            leaf.data = torch.tensor(rng.normal(size=leaf.shape))
        arrays = {"x": x, "out": model(torch.tensor(x)).detach().numpy()}
        cases[name] = arrays | {f"sd {key}": leaf.numpy() for key, leaf in model.state_dict().items()}
    return cases


def main() -> None:
    """Write all files."""
    for group in (layers, packed, losses, optimizers, bridge):
        arrays = {f"{case}|{name}": value for case, found in group().items() for name, value in found.items()}
        path = GOLDEN / f"{group.__name__}.npz"
        np.savez_compressed(path, **arrays)  # pyright: ignore[reportArgumentType]
        print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
