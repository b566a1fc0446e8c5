"""Many devices and many machines, by JAX's own means: data parallelism with ``jax.sharding``.

The parameters lie on every device, each batch is split along the first axis of the mesh, and XLA adds up the
gradients. The run is the same function of the key as on one device, within rounding. A batch that the number
of devices does not divide is filled up with rows of weight 0.

On several machines every process calls :func:`start_process` first and then the same ``fit`` with the same
data and a mesh over all devices.
"""

import jax
import numpy as np
from jax.sharding import AxisType, Mesh


def data_mesh(devices: int | None = None) -> jax.sharding.Mesh:
    """A mesh of one axis, ``"data"``, over the first devices.

    Args:
        devices: how many; None for all, of all processes.

    Raises:
        ValueError: more devices than there are.

    Example:
        >>> dict(data_mesh(1).shape)
        {'data': 1}
    """
    every = jax.devices()
    count = len(every) if devices is None else devices
    if not 1 <= count <= len(every):
        raise ValueError(f"data_mesh: asked for {devices} devices, there are {len(every)}")
    return Mesh(np.array(every[:count]), ("data",), axis_types=(AxisType.Auto,))


def start_process(coordinator: str, processes: int, process: int) -> None:
    """Join the other processes of the run; before any other use of JAX.

    On the CPU the processes talk by gloo. On clusters that JAX knows (SLURM, GKE, …) plain
    ``jax.distributed.initialize()`` finds all of this by itself.

    Args:
        coordinator: ``host:port`` of process 0.
        processes: how many there are.
        process: which one this is, from 0.
    """
    jax.distributed.initialize(coordinator, num_processes=processes, process_id=process)
