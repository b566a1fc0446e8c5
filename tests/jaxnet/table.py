"""The one table of everything public that the property suites run over.

A new layer, network, loss, activation or optimizer goes in here; ``test_table.py`` fails until it does.
"""

from typing import Any, NamedTuple

import jax
import numpy as np

import jaxnet
from jaxnet import activations, losses, optimizers


class Case(NamedTuple):
    """A layer with the shape of one example.

    Attributes:
        names: the public names it stands for, separated by blanks.
        make: the layer, made anew.
        in_shape: shape of one example.
        classes: for inputs of integers below that number.
            draws: whether it draws random numbers in training.
    """

    names: str
    make: Any
    in_shape: tuple[int, ...]
    classes: int = 0
    draws: bool = False

    def inputs(self, *batch: int, seed: int = 0) -> np.ndarray:
        """A batch of inputs, away from the corners of the activations."""
        rng = np.random.default_rng(seed)
        if self.classes:
            return rng.integers(0, self.classes, (*batch, *self.in_shape))
        size = rng.uniform(0.1, 0.9, (*batch, *self.in_shape))
        return (size * rng.choice([-1.0, 1.0], size.shape)).astype(np.float32)


j = jaxnet
LAYERS = {
    "dense": Case("dense", lambda: j.dense(3), (4,)),
    "dense, no bias": Case("dense", lambda: j.dense(2, use_bias=False, initializer="lecun_uniform"), (3, 4)),
    "flatten": Case("flatten", lambda: j.flatten(2), (2, 3)),
    "split": Case(
        "split",
        lambda: j.serial(
            j.split({"a": 1, "b": 3}), j.parallel({"a": j.dense(2), "b": j.tanh}, merge="concat")
        ),
        (4,),
    ),
    "upsample": Case("upsample", lambda: j.upsample((2, 3)), (2, 1, 2)),
    "dropout": Case("dropout", lambda: j.dropout(0.4), (5,), draws=True),
    "layer_norm": Case("layer_norm", lambda: j.layer_norm(), (2, 4)),
    "group_norm": Case("group_norm", lambda: j.group_norm(2), (2, 3, 4)),
    "rms_norm": Case("rms_norm", lambda: j.rms_norm(), (2, 4)),
    "embedding": Case("embedding", lambda: j.embedding(5, 3), (4,), classes=5),
    "activation": Case("activation", lambda: j.activation("leaky_relu", slope=0.3), (4,)),
    "conv 1-D": Case("conv", lambda: j.conv(3, (3,), strides=2), (6, 2)),
    "conv 2-D": Case("conv", lambda: j.conv(2, (2, 3), padding="valid", dilation=(2, 1)), (4, 5, 2)),
    "conv by products": Case("conv", lambda: j.conv(2, (3, 2), strides=(1, 2), method="matmul"), (4, 5, 2)),
    "conv 3-D": Case("conv", lambda: j.conv(2, (2, 1, 2), strides=(1, 2, 1)), (2, 3, 3, 2)),
    "conv, groups": Case("conv", lambda: j.conv(4, (2, 2), groups=2), (3, 3, 4)),
    "conv_transpose 1-D": Case("conv_transpose", lambda: j.conv_transpose(2, (3,), strides=2), (4, 3)),
    "conv_transpose 2-D": Case("conv_transpose", lambda: j.conv_transpose(2, (2, 3), padding=1), (4, 3, 2)),
    "max_pool": Case("max_pool", lambda: j.max_pool((2, 2)), (5, 4, 2)),
    "max_pool, same": Case("max_pool", lambda: j.max_pool((3,), strides=2, padding="same"), (6, 2)),
    "max_pool 3-D": Case("max_pool", lambda: j.max_pool((1, 2, 2)), (2, 2, 3, 1)),
    "avg_pool": Case("avg_pool", lambda: j.avg_pool((2,)), (5, 2)),
    "avg_pool, same": Case("avg_pool", lambda: j.avg_pool((3, 2), strides=2, padding="same"), (4, 5, 1)),
    "global_max_pool": Case("global_max_pool", lambda: j.global_max_pool(), (3, 2, 2)),
    "global_avg_pool": Case("global_avg_pool", lambda: j.global_avg_pool(1), (3, 2)),
    "simple_rnn": Case("simple_rnn", lambda: j.simple_rnn(3, return_sequences=True), (4, 2)),
    "lstm": Case("lstm", lambda: j.lstm(3, return_sequences=True), (4, 2)),
    "lstm by scan": Case("lstm", lambda: j.lstm(3, method="scan"), (4, 2)),
    "gru": Case("gru", lambda: j.gru(3, return_sequences=True), (4, 2)),
    "gru by scan": Case("gru", lambda: j.gru(3, method="scan"), (4, 2)),
    "bidirectional": Case("bidirectional", lambda: j.bidirectional(j.gru(2, return_sequences=True)), (4, 2)),
    "bidirectional sum": Case("bidirectional", lambda: j.bidirectional(j.simple_rnn(2), merge="sum"), (3, 2)),
    "time_distributed": Case("time_distributed", lambda: j.time_distributed(j.conv(2, (2,))), (2, 3, 2)),
    "residual": Case("residual", lambda: j.residual(j.dense(3), j.tanh), (3,)),
    "parallel": Case("parallel", lambda: j.parallel(j.dense(3), j.dense(2)), (4,)),
    "parallel, product": Case("parallel", lambda: j.parallel(j.tanh, j.softplus, merge="product"), (4,)),
    "serial": Case(
        "serial",
        lambda: j.serial(j.dense(6), j.gelu, j.dropout(0.2), j.serial(j.dropout(0.5), j.dense(2))),
        (3,), draws=True,
    ),
    "mlp": Case("mlp", lambda: j.mlp("3-4-2", activation="silu", output="sigmoid"), (3,)),
    "cnn": Case("cnn", lambda: j.cnn((2,), 2, activation="elu", dropout=0.3), (4, 4, 1), draws=True),
    "rnn": Case("rnn", lambda: j.rnn((3, 2), 2, cell="gru", vocabulary=5, features=2), (3,), classes=5),
    # all of them in one program: each by itself would compile several
    "activations": Case(
        " ".join(activations.TABLE),
        lambda: j.parallel(*(getattr(j, name) for name in activations.TABLE)), (4,),
    ),
}  # fmt: skip

#: loss -> targets for outputs (4, 3)
LOSSES = {
    "mse": lambda rng: rng.normal(size=(4, 3)),
    "mae": lambda rng: rng.normal(size=(4, 3)),
    "huber": lambda rng: rng.normal(size=(4, 3)),
    "log_cosh": lambda rng: rng.normal(size=(4, 3)),
    "binary_cross_entropy": lambda rng: rng.integers(0, 2, (4, 3)),
    "cross_entropy": lambda rng: rng.integers(0, 3, 4),
    "kl_divergence": lambda rng: rng.dirichlet(np.ones(3), 4),
    "hinge": lambda rng: rng.choice([-1, 1], (4, 3)),
    "squared_hinge": lambda rng: rng.choice([-1, 1], (4, 3)),
}

ACTIVATIONS = activations.TABLE

#: optimizer -> the name of the same rule in PyTorch
OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def case_of_loss(name: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets of a random batch."""
    rng = np.random.default_rng(seed)
    return 2 * rng.normal(size=(4, 3)), LOSSES[name](rng)


def layers_in_public() -> set[str]:
    """Public names at the top of jaxnet that are a layer or make one."""
    public = {name: getattr(jaxnet, name) for name in jaxnet.__all__}
    return {name for name, value in public.items() if isinstance(value, jaxnet.Layer) or _makes_layers(value)}


def _makes_layers(value: Any) -> bool:
    return callable(value) and getattr(value, "__annotations__", {}).get("return") is jaxnet.Layer


def public_functions(module: Any, first: str) -> set[str]:
    """Public functions of the library that a module gives out and whose first argument has that name."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "").startswith("jaxnet.")
        and getattr(value, "__code__", None) is not None
        and value.__code__.co_varnames[:1] == (first,)
    }


def losses_in_public() -> set[str]:
    """Public losses."""
    return public_functions(losses, "outputs")


def activations_in_public() -> set[str]:
    """Public activation functions."""
    return public_functions(activations, "z")


def optimizers_in_public() -> set[str]:
    """Public optimizers."""
    return public_functions(optimizers, "learning_rate")


def cast(tree: Any, dtype: Any) -> Any:
    """Floating leaves in that dtype; integers stay as they are."""
    return jax.tree.map(
        lambda leaf: leaf.astype(dtype) if jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating) else leaf,
        jax.tree.map(jax.numpy.asarray, tree),
    )
