"""A network from a file, as something to call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_own
from jaxnet._padded import Padded, check_padded
from jaxnet._validation import check_count, check_ending
from jaxnet.interop.inputs import is_shape, named_inputs, read_input
from jaxnet.interop.signatures import ARRAY, NAMED, PADDED, STEPS


@dataclass(frozen=True, eq=False)  # by identity, so that jax.jit takes it
class Exported:
    """A network from a file; call it with inputs, or run it step by step.

    It may stand inside ``jax.jit``, but not inside ``jax.grad`` or ``jax.vmap``: the file holds no
    derivative, and the batch axes are x's own.

    Attributes:
        program: what ``jax.export.deserialize`` gives.
        run: the same, compiled, for arrays with exactly one batch axis.
        in_shape: shape of one example, or of one step; None for a size that may vary.
        out_shape: shape of one output.
        dtype: of the inputs.
        platforms: what it can run on.
        about: the words that were given to ``export``, and the versions it was made with.
        kind: "array"; "padded" where it takes a ``Padded``; "steps" where it runs step by step;
            "named" where inputs or outputs have names, as then have shapes and dtypes.
    """

    program: Any
    run: Callable[..., Any]
    in_shape: Any
    out_shape: Any
    dtype: Any
    platforms: tuple[str, ...]
    about: dict[str, str]
    kind: str = ARRAY

    def __call__(self, x: Any) -> Any:
        """The network's output for x of shape (..., *in_shape), any number of batch axes.

        Args:
            x: inputs; a ``Padded`` where the network was exported with ``lengths=True``.

        Raises:
            ValueError: x of another shape or kind, a device that the file was not made for, or 64-bit inputs
                while JAX works in 32 bits.
            TypeError: fractions where the network takes whole numbers.
        """
        if self.kind == STEPS:
            raise ValueError(
                "load_exported: the file holds a network that runs step by step; call start(batch), then "
                "step(state, x_t)"
            )
        if self.kind == NAMED:
            return self._named(x)
        if isinstance(x, Padded) != (self.kind == PADDED):
            wanted, got = ("a Padded", "an array") if self.kind == PADDED else ("an array", "a Padded")
            raise ValueError(
                f"load_exported: the file was made for {wanted}, got {got}; export the network with "
                f"lengths={self.kind != PADDED}"
            )
        if not isinstance(x, Padded):
            x, batch = self._flat(x)
            return self._back(self.run(x), batch)
        x = check_padded("load_exported", Padded(as_own("load_exported", "x", x.values), x.lengths))
        values, batch = self._flat(x.values)
        if len(batch) != x.lengths.ndim:
            raise ValueError(
                f"load_exported: expected a Padded with values (batch, {', '.join(self._ending())}), got "
                f"{x.values.shape} and lengths {x.lengths.shape}"
            )
        found = self.run(values, jnp.asarray(x.lengths).reshape(-1))
        return Padded(*(self._back(part, batch) for part in found)) if isinstance(found, list) else (
            self._back(found, batch)
        )  # fmt: skip

    def start(self, batch: int) -> tuple[jax.Array, ...]:
        """The state before the first step, of so many sequences.

        Args:
            batch: how many.

        Raises:
            ValueError: the network was not exported with ``stepwise=True``; a batch below 1.
        """
        self._check_steps()
        count = check_count("load_exported: start", "batch", batch)
        return tuple(jnp.zeros((count, *part.shape[1:]), part.dtype) for part in self.program.in_avals[1:])

    def step(self, state: Sequence[jax.Array], x_t: Any) -> tuple[tuple[jax.Array, ...], jax.Array]:
        """One step, (state, x_t) -> (state, y_t), as ``stepwise(net).step`` with the parameters inside.

        Args:
            state: of ``start``, or of the step before.
            x_t: inputs of one step, (batch, *in_shape).

        Raises:
            ValueError: the network was not exported with ``stepwise=True``; shapes that do not fit.
        """
        self._check_steps()
        x, batch = self._flat(x_t)
        wanted = [(x.shape[0], *part.shape[1:]) for part in self.program.in_avals[1:]]
        given = [np.shape(part) for part in state]
        if len(batch) != 1 or given != wanted:
            raise ValueError(
                f"load_exported: expected x_t (batch, {', '.join(self._ending())}) and the state of start or "
                f"of the step before, of shapes {wanted}, got {batch + x.shape[1:]} and {given}"
            )
        y, *after = self.run(x, *state)
        return tuple(after), y

    def _named(self, x: Any) -> Any:
        """The outputs for several inputs by name, or several outputs by name, or both."""
        self._check_device()
        leaves, batches = [], []
        for name, (part, shape, dtype) in named_inputs(x, self.in_shape, self.dtype):
            check_width(dtype)
            found, batch = read_input(name, part, shape, dtype)
            leaves.append(found)
            batches.append(batch)
        if len(set(batches)) > 1:
            raise ValueError(f"load_exported: expected the same batch axes in all inputs, got {batches}")
        _, structure = jax.tree.flatten(self.in_shape, is_leaf=is_shape)
        y = self.run(jax.tree.unflatten(structure, leaves))
        return jax.tree.map(lambda part: self._back(part, batches[0]), y)

    def _ending(self) -> tuple[str, ...]:
        return tuple("any" if size is None else str(size) for size in self.in_shape)

    def _check_steps(self) -> None:
        if self.kind != STEPS:
            raise ValueError(
                "load_exported: the file holds a network over whole inputs; call it with them, or export the "
                "network with stepwise=True"
            )

    def _check_device(self) -> None:
        here = jax.default_backend()
        if not {here, *(("cuda", "rocm") if here == "gpu" else ())} & {*self.platforms}:
            raise ValueError(
                f"load_exported: the file was made for {', '.join(self.platforms)}, and this is {here}; "
                "export it with all platforms that it shall run on"
            )

    def _flat(self, x: Any) -> tuple[jax.Array, tuple[int, ...]]:
        """x with one batch axis, and the batch axes it had, checked."""
        self._check_device()
        check_width(self.dtype)
        ending = tuple("any" if size is None else size for size in self.in_shape)
        x = as_own("load_exported", "x", x)
        check_ending("load_exported", x, ending)
        if not jnp.issubdtype(self.dtype, jnp.inexact) and jnp.issubdtype(x.dtype, jnp.inexact):
            raise TypeError(
                f"load_exported: expected x of {self.dtype.name}, got {x.dtype}; give whole numbers"
            )
        cut = x.ndim - len(self.in_shape)
        batch, rest = x.shape[:cut], x.shape[cut:]
        count = int(np.prod(batch))
        if count == 0:
            raise ValueError(f"load_exported: expected at least one example, got x of shape {x.shape}")
        return x.astype(self.dtype).reshape(count, *rest), batch

    def _back(self, y: jax.Array, batch: tuple[int, ...]) -> jax.Array:
        return y.reshape(*batch, *y.shape[1:])


def check_width(dtype: Any) -> None:
    """Refuse a program for 64-bit inputs where JAX would cut them."""
    if jax.dtypes.canonicalize_dtype(dtype) != dtype:
        raise ValueError(
            f"load_exported: the file was made for inputs of {jnp.dtype(dtype).name}, and JAX works in 32 "
            'bits; call jax.config.update("jax_enable_x64", True) first, or export it with a dtype of 32 bits'
        )
