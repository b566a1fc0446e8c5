"""A PyTorch state dict as the modules it is made of; see :mod:`jaxnet.interop.torch`."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxnet.interop.torch_modules import Arrays


class Group(NamedTuple):
    """A module, or one of the layers of a recurrent module."""

    name: str
    arrays: Arrays


def groups(state_dict: Mapping[str, Any], modules: Iterable[str] | None) -> list[Group]:
    """The modules in order, each with its arrays; parameters that no layer here has raise ValueError."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"from_torch: expected a state dict, name -> array, got {type(state_dict).__name__}; "
            "call model.state_dict()"
        )
    found: dict[str, dict[int, Arrays]] = {}
    for key, value in state_dict.items():
        name, _, leaf = key.rpartition(".")
        if leaf in ("running_mean", "running_var", "num_batches_tracked"):
            raise ValueError(
                f"from_torch: module {name!r} is a batch normalisation, which this library does not have; "
                "fold it into the layer before it"
            )
        layer = re.fullmatch(r"((?:weight|bias)_(?:ih|hh|hr)_l)(\d+)(_reverse)?", leaf)
        place = int(layer[2]) if layer else 0
        leaf = f"{layer[1]}0{layer[3] or ''}" if layer else leaf
        found.setdefault(name, {}).setdefault(place, {})[leaf] = _array(key, value)
    if modules is not None:
        wanted = list(dict.fromkeys(modules))
        if set(wanted) != set(found):
            raise ValueError(
                f"from_torch: the state dict has the modules {', '.join(found)}, and modules names "
                f"{', '.join(wanted)}"
            )
    else:
        wanted = in_order(found)
    return [Group(name, found[name][place]) for name in wanted for place in sorted(found[name])]


def in_order(names: Collection[str]) -> list[str]:
    """Names in their order, but numbers under one parent as numbers: a file may have "10" before "2"."""
    children: dict[str, dict[str, int]] = {}
    for name in names:
        parent = ""
        for part in name.split("."):
            siblings = children.setdefault(parent, {})
            siblings.setdefault(part, len(siblings))
            parent += f".{part}"

    def place(name: str) -> list[int]:
        found, parent = [], ""
        for part in name.split("."):
            siblings = children[parent]
            found.append(int(part) if all(map(str.isdecimal, siblings)) else siblings[part])
            parent += f".{part}"
        return found

    return sorted(names, key=place)


def _array(key: str, value: Any) -> np.ndarray:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy has it through JAX only
            return value.float().numpy().astype(jnp.bfloat16)
    array = np.asarray(value)
    if array.dtype.kind != "f" and array.dtype != jnp.bfloat16:
        raise ValueError(f"from_torch: expected numbers in {key!r}, got {array.dtype}")
    return array
