"""Networks as data: the layers of a network as JSON, and the network made from it again."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jaxnet import layers, networks
from jaxnet._validation import check_name
from jaxnet.layers import Layer
from jaxnet.layers.base import options_chosen

#: name -> the function that makes such layers: those that ``interned`` wraps
CONSTRUCTORS: dict[str, Callable[..., Layer]] = {
    name: getattr(module, name)
    for module in (layers, networks)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name)) and hasattr(getattr(module, name), "__wrapped__")
}


def constructor(name: str) -> Callable[..., Layer]:
    """The public function that makes layers of that name.

    Raises:
        ValueError: there is none, or the layer is a custom one, which only code can make.
    """
    if name == "custom":
        raise ValueError(
            "specs: a custom layer cannot be made from data without a name; make it by "
            "Layer(init, apply, name=...), and give it to load_network(path, custom={name: layer})"
        )
    check_name("specs", "layer", name, CONSTRUCTORS)
    return CONSTRUCTORS[name]


def chosen(name: str, options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The options of a layer that differ from their default, in order."""
    return options_chosen(CONSTRUCTORS.get(name), options)


def to_spec(net: Layer) -> dict[str, Any]:
    """The layers of a network as data that JSON can hold.

    Returns:
        {"name": ..., "options": {...}, "layers": [...]}, the last for combinators only.

    Raises:
        ValueError: a layer is custom and has no name, or an option is a function of your own.

    Example:
        >>> from jaxnet.networks import mlp
        >>> to_spec(mlp("2-2-1"))["options"]["sizes"]
        [2, 2, 1]
        >>> from_spec(to_spec(mlp("2-2-1"))) is mlp("2-2-1")
        True
    """
    name, options, layers = net.spec
    if name != "custom" or not options.get("name"):
        constructor(name)
    data: dict[str, Any] = {"name": name}
    if options:
        data["options"] = {key: _plain(f"{name}, {key}", value) for key, value in options.items()}
    if layers:
        data["layers"] = [to_spec(layer) for layer in layers]
    return data


def from_spec(data: Mapping[str, Any], *, custom: Mapping[str, Layer] | None = None) -> Layer:
    """The network that ``to_spec`` described.

    Args:
        data: what ``to_spec`` returned.
        custom: layers of your own, by the names under which they were described.

    Raises:
        ValueError: the data have another form, or a layer or an option is unknown.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        raise ValueError(
            f"from_spec: expected {{'name': ..., 'options': ..., 'layers': ...}}, got {data!r:.60}"
        )
    unknown = set(data) - {"name", "options", "layers"}
    if unknown:
        raise ValueError(f"from_spec: unknown entries {sorted(unknown)} in the layer {data['name']!r}")
    options = data.get("options", {})
    if data["name"] == "custom" and isinstance(options, Mapping) and options.get("name"):
        name = options["name"]
        if name not in (custom or {}):
            raise ValueError(
                f"from_spec: the network has a layer of your own, {name!r}; give it as "
                f"custom={{{name!r}: layer}}"
            )
        return (custom or {})[name]
    make = constructor(data["name"])
    inside = data.get("layers", [])
    if not isinstance(options, Mapping) or not isinstance(inside, (list, tuple)):
        raise ValueError(
            f"from_spec: options must be a table and layers a list, in the layer {data['name']!r}"
        )
    layers = [from_spec(part, custom=custom) for part in inside]
    try:
        return make(*layers, **{str(key): _tuples(value) for key, value in options.items()})
    except TypeError as error:
        raise ValueError(f"from_spec: the layer {data['name']!r} cannot be made: {error}") from None


def replace(net: Layer, name: str, **options: Any) -> Layer:
    """The network with other options in every layer of that name, however deep inside.

    Use it to change one option of an existing network, or to make a hyperparameter traced:
    ``replace(net, "dropout", rate=rate)`` is pure and may be called inside a compiled function.

    Raises:
        ValueError: there is no such layer in the network.

    Example:
        >>> import jaxnet
        >>> replace(jaxnet.serial(jaxnet.dense(2), jaxnet.dropout(0.5)), "dropout", rate=0.1).spec.layers[1]
        dropout(rate=0.1)
    """
    if not any(layer.spec.name == name for layer in walk(net)):
        raise ValueError(f"replace: there is no layer {name!r} in {net!r}")

    def changed(layer: Layer) -> Layer:
        inside = [changed(part) for part in layer.spec.layers]
        own = options if layer.spec.name == name else {}
        if not own and all(new is old for new, old in zip(inside, layer.spec.layers, strict=True)):
            return layer
        return constructor(layer.spec.name)(*inside, **{**layer.spec.options, **own})

    return changed(net)


def walk(net: Layer) -> Iterator[Layer]:
    """The network itself and every layer inside it, outermost first."""
    yield net
    for layer in net.spec.layers:
        yield from walk(layer)


def _plain(where: str, value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(where, part) for part in value]
    raise ValueError(f"to_spec: {where}: {value!r:.60} cannot be written as data; use a name instead")


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, (list, tuple)) else value
