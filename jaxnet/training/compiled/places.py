"""Which parameters a place or the name of a layer means: to freeze them, or for rates of their own."""

from collections.abc import Callable, Mapping
from typing import Any

import jax

from jaxnet.layers import Layer

Place = int | str | slice | Callable[[str], bool]


def leaf_factors(
    who: str, net: Any, params: Any, freeze: Any = None, layer_rates: Mapping[Any, float] | None = None
) -> tuple[float, ...] | None:
    """For each array of the parameters by what its updates are multiplied; 0 means frozen.

    Args:
        who: the function that the user called.
        net: the network.
        params: its parameters.
        freeze: places or names; see :func:`jaxnet.fit`.
        layer_rates: place or name -> factor.

    Returns:
        One factor per leaf, or None where all are 1.

    Raises:
        ValueError: a place or name that the network does not have, a factor below 0, nothing left to train.
    """
    wanted: dict[Any, float] = {}
    for place, factor in (layer_rates or {}).items():
        if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0 <= factor < float("inf"):
            raise ValueError(f"{who}: expected layer_rates of at least 0, got {place!r}: {factor!r}")
        wanted[place] = float(factor)
    chosen = [] if freeze is None else list(freeze) if isinstance(freeze, tuple | list | set) else [freeze]
    if not chosen and not wanted:
        return None
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(params)]
    names = [set(own) for own in _names(net, params)] if isinstance(net, Layer) else [set() for _ in paths]
    count = len(params) if isinstance(params, list | tuple) else 0
    factors = [1.0] * len(paths)
    for place, factor in [*wanted.items(), *((place, 0.0) for place in chosen)]:
        found = [i for i, path in enumerate(paths) if _means(place, path, names[i], count)]
        if not found:
            known = sorted({name for own in names for name in own})
            raise ValueError(
                f"{who}: there is no layer with parameters at {place!r}; the network has the places 0 to "
                f"{max(count - 1, 0)} and the names {', '.join(known)}"
            )
        for i in found:
            factors[i] = factor
    if not any(factors):
        raise ValueError(f"{who}: all parameters are frozen; leave at least one layer to train")
    return tuple(factors)


def free_of(params: Any, factors: tuple[float, ...] | None) -> Any:
    """The parameters that are trained; frozen ones are None, which is no leaf."""
    if factors is None:
        return params
    leaves, tree = jax.tree.flatten(params)
    return jax.tree.unflatten(tree, [leaf if f else None for leaf, f in zip(leaves, factors, strict=True)])


def whole_of(free: Any, params: Any, factors: tuple[float, ...] | None) -> Any:
    """All parameters: those that are trained from ``free``, the others from ``params``."""
    if factors is None:
        return free
    trained = iter(jax.tree.leaves(free))
    leaves, tree = jax.tree.flatten(params)
    every = [next(trained) if f else leaf for leaf, f in zip(leaves, factors, strict=True)]
    return jax.tree.unflatten(tree, every)


def scaled(updates: Any, factors: tuple[float, ...] | None) -> Any:
    """The updates of the trained parameters, each times its factor."""
    if factors is None or all(f in (0.0, 1.0) for f in factors):
        return updates
    leaves, tree = jax.tree.flatten(updates)
    own = [f for f in factors if f]
    return jax.tree.unflatten(tree, [leaf * f for leaf, f in zip(leaves, own, strict=True)])


def _means(place: Any, path: tuple[Any, ...], names: set[str], count: int) -> bool:
    if callable(place):
        return bool(place(jax.tree_util.keystr(path)))
    first = getattr(path[0], "idx", getattr(path[0], "key", None)) if path else None
    if isinstance(place, slice):
        return isinstance(first, int) and first in range(count)[place]
    if isinstance(place, int):
        return isinstance(first, int) and first == (place if place >= 0 else place + count)
    return place in names or place == first


def _names(net: Layer, params: Any) -> list[tuple[str, ...]]:
    """For each leaf the names of the layers that it lies in, from the outside in."""
    number = 0

    def visit(layer: Layer, own: Any, above: tuple[str, ...]) -> list[tuple[str, ...]]:
        nonlocal number
        kind = layer.spec.options.get("name") if layer.spec.name == "custom" else layer.spec.name
        above = (*above, kind) if kind else above
        inside = layer.facts.inside
        leaves = len(jax.tree.leaves(own))
        if not inside.layers or not leaves:
            number += bool(leaves)
            return [(*above, f"{kind or 'custom'} {number}")] * leaves
        parts = inside.params(own)
        layers = inside.layers * (len(parts) // len(inside.layers))
        found: list[tuple[str, ...]] = []
        for index, (part, its) in enumerate(zip(layers, parts, strict=True)):
            branch = inside.names[index : index + 1]
            found += visit(part, its, (*above, *branch))
        return found

    return visit(net, params, ())
