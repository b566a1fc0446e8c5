"""Where arrays lie: on one device, or their rows spread over the devices of a mesh."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec


class Placement:
    """Where the arrays of a run lie.

    Args:
        mesh: a ``jax.sharding.Mesh``, cut along its first axis; None for JAX's default device.
    """

    def __init__(self, mesh: Any = None):
        """Derive the shardings; with one device there are none."""
        self.rows: Any = None
        self.everywhere: Any = None
        self._cut: Any = None
        self.parts: int = 1
        if mesh is not None:
            # automatic axes: XLA derives the rest from how batch and parameters lie
            mesh = Mesh(mesh.devices, mesh.axis_names, axis_types=(AxisType.Auto,) * len(mesh.axis_names))
            axis = mesh.axis_names[0]
            self.parts = mesh.shape[axis]
            self.rows = NamedSharding(mesh, PartitionSpec(axis))
            self.everywhere = NamedSharding(mesh, PartitionSpec())
            self._cut = NamedSharding(mesh, PartitionSpec(None, None, axis))

    def whole(self, tree: Any) -> Any:
        """A tree of arrays, each of them whole on every device; typed keys too."""
        return jax.tree.map(lambda leaf: _place(leaf, self.everywhere), tree)

    def order(self, order: np.ndarray, examples: int) -> Any:
        """An order (epochs, steps, batch), cut along its batches; filled up where the cut needs it."""
        missing = -order.shape[2] % self.parts
        if missing:
            order = np.pad(order, ((0, 0), (0, 0), (0, missing)), constant_values=examples)
        return _place(order, self._cut)


def _place(leaf: Any, sharding: Any) -> Any:
    if sharding is None:
        return jax.device_put(leaf)
    if sharding.is_fully_addressable:
        return jax.device_put(leaf, sharding)
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        bits = _place(np.asarray(jax.random.key_data(leaf)), sharding)
        return jax.random.wrap_key_data(bits, impl=jax.random.key_impl(leaf))
    # several processes: each gives its own devices their rows of what all processes hold
    host = np.asarray(leaf)
    return jax.make_array_from_callback(host.shape, sharding, lambda index: host[index])
