"""Parameters in a file: safetensors, an open format without pickle, with the structure of the tree in it.

Any safetensors reader sees the arrays under readable names (``0.w``, ``0.b``, …); :func:`load` also rebuilds
dictionaries, lists, tuples and plain values, so that no template is needed. Checkpoints of runs have the same
format. orbax-checkpoint would add a dozen dependencies and a directory format; for trees that fit one machine
one file of an open format is enough.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import specs
from jaxnet._storage import read, write
from jaxnet._validation import params_of
from jaxnet.layers import Layer
from jaxnet.layers.calls import check_params

__all__ = [
    "load",
    "load_network",
    "save",
]


def save(
    path: str | os.PathLike[str], tree: Any, *, net: Any = None, about: Mapping[str, str] | None = None
) -> None:
    """Write parameters to a file, whole or not at all.

    Args:
        path: the file, by convention ``….safetensors``. A symbolic link stays, and its target is written.
        tree: dictionaries (keys are strings), lists and tuples of arrays, numbers, strings, None; or a run,
            whose parameters are written.
        net: the network they belong to; :func:`load_network` builds it again. The tree is then its
            parameters, or a dictionary with them as ``"params"`` and whatever else belongs to the model.
        about: further texts to store, name -> text.

    Raises:
        TypeError: for something in the tree that the file cannot hold.
        ValueError: parameters of another network than ``net``.

    Example:
        >>> import tempfile, os
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save(path, [{"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}])
        >>> load(path)[0]["w"].tolist()
        [[1.0], [1.0]]
    """
    tree = params_of("save", tree)
    words = {"about": json.dumps(dict(about or {}))}
    if net is not None:
        _check("save", net, tree)
        words["network"] = json.dumps(specs.to_spec(net))
    write(Path(path), tree, words)


def load(path: str | os.PathLike[str]) -> Any:
    """Read what :func:`save` wrote.

    Args:
        path: the file.

    Returns:
        The tree; arrays are JAX's, except those in a 64-bit dtype while JAX works in 32 bits: they stay
        NumPy's.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or was not written by :func:`save`.

    Example:
        >>> import tempfile, os
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save(path, {"w": jnp.ones(2), "note": "any tree"})
        >>> load(path)["note"]
        'any tree'
    """
    return jax.tree.map(_to_jax, read(Path(path))[0])


def load_network(
    path: str | os.PathLike[str], *, custom: Mapping[str, Layer] | None = None
) -> tuple[Layer, Any]:
    """Read a network and its parameters, written with ``save(path, params, net=net)``.

    Args:
        path: the file.
        custom: layers of your own by their names, ``{"glu": glu}``: a file holds no code.

    Returns:
        ``(net, params)``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, foreign, or holds no network, a layer of your own is missing, or the
            parameters are those of another network.

    Example:
        >>> import tempfile, os, jaxnet
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> net = jaxnet.mlp("2-2-1")
        >>> save(path, net.init(jax.random.key(0)), net=net)
        >>> load_network(path)[0] == net
        True
    """
    tree, words = read(Path(path), "load_network")
    if "network" not in words:
        raise ValueError(f"load_network: {path} holds parameters only; build the network and use load")
    try:
        net = specs.from_spec(json.loads(words["network"]), custom=custom)
    except ValueError as error:
        raise ValueError(f"load_network: {error}") from None
    _check("load_network", net, tree)
    return net, jax.tree.map(_to_jax, tree)


def _check(who: str, net: Any, params: Any) -> None:
    """Refuse parameters of another network; they may be one entry, ``"params"``, of what is saved."""
    if not isinstance(net, Layer):
        raise TypeError(f"{who}: expected a network such as jaxnet.mlp([2, 2, 1]), got {type(net).__name__}")
    if isinstance(params, Mapping) and "params" in params:
        params = params["params"]
    try:
        check_params(net, params)
    except ValueError as error:
        raise ValueError(f"{who}: {error}") from None


def _to_jax(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray) or jax.dtypes.canonicalize_dtype(leaf.dtype) != leaf.dtype:
        return leaf
    return jnp.asarray(leaf)
