"""A layer is a pair of pure functions, ``init`` and ``apply``; so is a whole network.

Every layer takes any number of leading batch axes, and computes in the dtype of its parameters (a layer
without parameters in that of its input): for bf16 cast the parameters. Batch normalisation is left out,
because statistics that change from batch to batch do not fit a pure pair; use ``layer_norm`` in
its place, which needs no batch, or ``activation("selu")``, which keeps signals normalised by itself.
"""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, ParamSpec

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import activations, initializers
from jaxnet._checks import is_traced
from jaxnet._expect import add_bias, as_dtype, as_float, check_count, check_ending, check_key

Params = Any
Shape = tuple[int, ...]
_P = ParamSpec("_P")


class Spec(NamedTuple):
    """What a layer is, as data: its name, its options and the layers inside it.

    Attributes:
        name: the public function that makes it, e.g. ``"dense"``; ``"custom"`` for a layer of your own.
        options: that function's arguments, JSON-like values only.
        layers: the sub-layers, in order, for combinators such as ``serial``.
    """

    name: str
    options: Mapping[str, Any] = {}
    layers: "tuple[Layer, ...]" = ()


class _Pair(NamedTuple):
    init: Callable[..., Params]
    apply: Callable[..., jax.Array]


class Layer(_Pair):
    """A network or a part of one: ``init`` makes parameters, ``apply`` uses them.

    ``init(key, in_shape) -> params`` (``in_shape`` without the batch axes) and
    ``apply(params, x, *, key=None) -> y`` with x of shape ``(..., *in_shape)``. A key means training.
    Layers made by a function that is told the input size (``mlp``) take ``init(key)`` too.
    ``out_shape(in_shape)`` is the shape of y without the batch axes.
    """

    spec: Spec
    out_shape: Callable[[Shape], Shape]

    def __new__(
        cls,
        init: Callable[..., Params],
        apply: Callable[..., jax.Array],
        spec: Spec | None = None,
        out_shape: Callable[[Shape], Shape] | None = None,
    ):
        """Pair ``init`` with ``apply``.

        Args:
            init: (key, in_shape) -> params.
            apply: (params, x, *, key=None) -> y; a layer that draws nothing may do without ``key``.
            spec: what they are, for summaries and saved models; None: a custom layer.
            out_shape: in_shape -> shape of the output; None: found by tracing both functions.
        """
        self = super().__new__(cls, init, apply)
        self.spec = Spec("custom") if spec is None else spec
        self.out_shape = functools.partial(_traced_shape, self) if out_shape is None else out_shape
        return self

    def __repr__(self) -> str:
        """The call that makes this layer."""
        inside = ", ".join(repr(layer) for layer in self.spec.layers)
        options = ", ".join(f"{name}={value!r}" for name, value in self.spec.options.items())
        return f"{self.spec.name}({', '.join(part for part in (inside, options) if part)})"


def shared(make: Callable[_P, Layer]) -> Callable[_P, Layer]:
    """Let equal calls give the same layer: compiled code is found by identity, so it is shared with it."""
    cached = functools.lru_cache(maxsize=512, typed=True)(make)

    @functools.wraps(make)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> Layer:
        known = all(isinstance(value, _PLAIN) for value in (*args, *kwargs.values()))
        return cached(*args, **kwargs) if known else make(*args, **kwargs)

    return call


# what may be remembered: not arrays, since they cannot be compared, nor tracers, since they must not outlive
_PLAIN = (int, float, str, tuple, type(None))


# --- layers ------------------------------------------------------------------------------------------


@shared
def dense(units: int, *, use_bias: bool = True, initializer: Any = None) -> Layer:
    """A fully connected layer: y = x w + b.

    Args:
        units: number of outputs.
        use_bias: whether there is a b.
        initializer: of w, a name or function (``jaxnet.initializers``); None: the right one for the
            activation that follows in ``serial``, else glorot_uniform. b starts at 0.

    Returns:
        A layer (..., n) -> (..., units) with parameters {"w": (n, units), "b": (units,)}.

    Raises:
        ValueError: units below 1, or an unknown initialiser.

    Example:
        >>> import jax
        >>> layer = dense(3)
        >>> params = layer.init(jax.random.key(0), (5,))
        >>> params["w"].shape, layer.apply(params, jax.numpy.ones((2, 5))).shape
        ((5, 3), (2, 3))
    """
    units = check_count("dense", "units", units)
    draw = initializers.get("glorot_uniform" if initializer is None else initializer)

    def out_shape(in_shape: Shape) -> Shape:
        if not in_shape:
            raise ValueError(
                "dense: expected in_shape (..., n), got (); give each example at least one feature"
            )
        return (*in_shape[:-1], units)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        out_shape(in_shape)
        w = draw(check_key("dense", key), (in_shape[-1], units), jnp.result_type(float))
        return {"w": w, "b": jnp.zeros(units, w.dtype)} if use_bias else {"w": w}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        return affine("dense", params, x)

    return Layer(
        init,
        apply,
        Spec("dense", _options(units=units, use_bias=use_bias, initializer=initializer)),
        out_shape,
    )


def affine(where: str, params: Params, x: Any) -> jax.Array:
    """x w + b, or x w when there is no b, in the dtype of w; ``where`` names the caller in errors."""
    w = params["w"]
    check_ending(where, x, (w.shape[0],), _FLATTEN if np.ndim(x) > 2 else "")
    y = as_dtype(x, w.dtype) @ w
    return add_bias(y, params["b"]) if "b" in params else y


_FLATTEN = "flatten it first, or put jaxnet.flatten() in front"


@shared
def activation(name: Any, **options: float) -> Layer:
    """An activation function as a layer; the usual ones have a name of their own, ``jaxnet.relu``.

    Args:
        name: a name from ``activations.TABLE``, or a function.
        **options: further arguments of that function, e.g. ``slope`` for ``leaky_relu``.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> import jax
        >>> activation("leaky_relu", slope=0.25).apply({}, jax.numpy.array([-2.0, 2.0])).tolist()
        [-0.5, 2.0]
    """
    fn = activations.get(name).fn
    name = activations.name_of(name) or name

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        return fn(as_float(x), **options)

    return Layer(_nothing, apply, Spec("activation", {"name": name, **options}), _same)


@shared
def flatten(ndim: int | None = None) -> Layer:
    """Lay an example's axes out as one: (..., a, b, c) -> (..., a*b*c).

    Args:
        ndim: how many axes at the end are laid out as one. None: inside ``serial`` behind a layer that knows
            (convolution, pooling, recurrence) the number is worked out, so that there may be any number of
            batch axes; otherwise it is all axes but the first.

    Example:
        >>> import jax
        >>> flatten().apply({}, jax.numpy.ones((32, 28, 28))).shape
        (32, 784)
    """
    ndim = None if ndim is None else check_count("flatten", "ndim", ndim)

    def out_shape(in_shape: Shape) -> Shape:
        if ndim is not None and len(in_shape) < ndim:
            raise ValueError(f"flatten: expected in_shape of at least {ndim} axes, got {in_shape}")
        cut = 0 if ndim is None else len(in_shape) - ndim
        return (*in_shape[:cut], math.prod(in_shape[cut:]))

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        count = x.ndim - 1 if ndim is None else ndim
        if x.ndim < count or x.ndim == 0:
            raise ValueError(f"flatten: expected x with at least {count} axes, got shape {x.shape}")
        cut = x.ndim - count
        return x.reshape(*x.shape[:cut], math.prod(x.shape[cut:]))

    return Layer(_nothing, apply, Spec("flatten", _options(ndim=ndim)), out_shape)


@shared
def dropout(rate: Any = 0.5) -> Layer:
    """Set each input to 0 with probability ``rate`` during training, and scale the others by 1/(1 - rate).

    It works when ``apply`` gets a key; without one it passes x on unchanged.

    Args:
        rate: the fraction that is dropped, in [0, 1). It may be traced: ``layers.replace(net, "dropout",
            rate=r)`` inside a compiled function is the network with r in every dropout layer.

    Raises:
        ValueError: the rate lies outside [0, 1).

    Example:
        >>> import jax
        >>> y = dropout(0.25).apply({}, jax.numpy.ones(1000), key=jax.random.key(0))
        >>> sorted(set(y.round(4).tolist())), abs(float(y.mean()) - 1) < 0.05
        ([0.0, 1.333299994468689], True)

    Reference: N. Srivastava and others, "Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting", 2014.
    """
    if not is_traced(rate):
        rate = float(rate)
        if not 0 <= rate < 1:
            raise ValueError(f"dropout: expected rate in [0, 1), got {rate}; it is the fraction dropped")

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        x = as_float(x)
        if key is None or (isinstance(rate, float) and rate == 0):
            return x
        keep = jax.random.bernoulli(check_key("dropout", key), 1.0 - rate, x.shape)
        return jnp.where(keep, x / as_dtype(1.0 - rate, x.dtype), jnp.zeros_like(x))

    return Layer(_nothing, apply, Spec("dropout", {"rate": rate}), _same)


# --- combination -------------------------------------------------------------------------------------


@shared
def serial(*layers: Layer) -> Layer:
    """Layers one after another; their shapes follow from the shape of the input.

    A dense or convolution layer whose initialiser was not chosen takes the right one for the activation
    after it, and ``flatten()`` learns how many axes to flatten (``net.spec.layers`` shows both).

    Args:
        *layers: at least one layer or network.

    Returns:
        A layer whose parameters are a list, one entry for each layer in order ({} where there are none).

    Raises:
        TypeError: something that is no layer.

    Example:
        >>> import jax, jaxnet
        >>> net = serial(dense(16), jaxnet.tanh, dropout(0.1), dense(3))
        >>> params = net.init(jax.random.key(0), (4,))
        >>> net.apply(params, jax.numpy.ones((2, 4))).shape
        (2, 3)
    """
    check_layers("serial", layers)
    layers = _complete(layers)
    drawing = [uses_key(layer) for layer in layers]

    def out_shape(in_shape: Shape) -> Shape:
        for layer in layers:
            in_shape = layer.out_shape(in_shape)
        return in_shape

    @functools.partial(jax.jit, static_argnums=1)  # one program; by itself each draw would compile its own
    def compiled(key: jax.Array, in_shape: Shape) -> Params:
        params = []
        for layer, own in zip(layers, jax.random.split(key, len(layers)), strict=True):
            params.append(layer.init(own, in_shape))
            in_shape = layer.out_shape(in_shape)
        return params

    def init(key: jax.Array, in_shape: Shape | None = None) -> Params:
        check_key("serial", key)
        in_shape = known_size(layers[0]) if in_shape is None else as_shape("serial", in_shape)
        if in_shape is None:
            raise TypeError("serial: init needs the shape of one example, e.g. init(key, (28, 28, 1))")
        out_shape(in_shape)
        return compiled(key, in_shape)

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        check_params("serial", params, len(layers))
        keys = split_for(key, drawing)
        for layer, own, use in zip(layers, params, keys, strict=True):
            x = layer.apply(own, x) if use is None else layer.apply(own, x, key=use)
        return x

    return Layer(init, apply, Spec("serial", {}, layers), out_shape)


def replace(net: Layer, name: str, **options: Any) -> Layer:
    """The network with other options in every layer of that name, however deep inside.

    Use it to change one thing of a network that exists, or to make a hyperparameter traced:
    ``replace(net, "dropout", rate=rate)`` is pure and may be called inside a compiled function.

    Raises:
        ValueError: there is no such layer in the network.

    Example:
        >>> replace(serial(dense(2), dropout(0.5)), "dropout", rate=0.1).spec.layers[1]
        dropout(rate=0.1)
    """
    if not any(layer.spec.name == name for layer in walk(net)):
        raise ValueError(f"replace: there is no layer {name!r} in {net!r}")

    def changed(layer: Layer) -> Layer:
        inside = [changed(part) for part in layer.spec.layers]
        own = options if layer.spec.name == name else {}
        if not own and all(new is old for new, old in zip(inside, layer.spec.layers, strict=True)):
            return layer
        make: Any = constructor(layer.spec.name)
        make = getattr(make, "__wrapped__", make)  # the result is not remembered: it may hold a tracer
        return make(*inside, **{**layer.spec.options, **own})

    return changed(net)


def walk(net: Layer):
    """The network itself and every layer inside it, outermost first."""
    yield net
    for layer in net.spec.layers:
        yield from walk(layer)


# --- what other modules of layers use ----------------------------------------------------------------


def check_layers(where: str, layers: tuple[Any, ...]) -> None:
    """Refuse an empty list, and anything that is not a layer."""
    if not layers:
        raise TypeError(f"{where}: expected at least one layer")
    for layer in layers:
        if not isinstance(layer, Layer):
            name = getattr(layer, "__name__", repr(layer))
            raise TypeError(
                f"{where}: expected layers, got {name}; "
                + (
                    f"call it, or use jaxnet.{name}"
                    if callable(layer)
                    else "make one with Layer(init, apply)"
                )
            )


def check_params(where: str, params: Params, count: int) -> None:
    """Refuse parameters that are not one entry for each layer."""
    if not isinstance(params, (list, tuple)) or len(params) != count:
        got = f"{len(params)} entries" if isinstance(params, (list, tuple)) else type(params).__name__
        raise ValueError(f"{where}: expected parameters as a list of {count} entries, one a layer, got {got}")


def as_shape(where: str, in_shape: Any) -> Shape:
    """``in_shape`` as a tuple of ints; one number stands for a shape with one axis."""
    sizes = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
    return tuple(check_count(where, "every size of in_shape", size) for size in sizes)


def known_size(layer: Layer) -> Shape | None:
    """The shape of one example where the layer itself says it (``mlp``)."""
    if layer.spec.name == "mlp":
        return (layer.spec.options["sizes"][0],)
    return known_size(layer.spec.layers[0]) if layer.spec.name == "serial" else None


def uses_key(layer: Layer) -> bool:
    """Whether the layer may draw random numbers in training."""
    if layer.spec.name == "custom":
        return takes_key(layer)
    return layer.spec.name == "dropout" or any(uses_key(part) for part in layer.spec.layers)


def takes_key(layer: Layer) -> bool:
    """Whether the layer's apply has an argument ``key``."""
    code = getattr(layer.apply, "__code__", None)
    return code is None or "key" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def split_for(key: jax.Array | None, drawing: list[bool]) -> list[jax.Array | None]:
    """A key for each layer that draws, and None for the others; one key alone is handed on as it is."""
    count = sum(drawing)
    if key is None or count == 0:
        return [None] * len(drawing)
    keys = iter([key] if count == 1 else jax.random.split(key, count))
    return [next(keys) if draws else None for draws in drawing]


def _complete(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Fill in what follows from the neighbours: initialisers, and the number of axes to flatten."""
    done: list[Layer] = []
    axes: int | None = None
    for index, layer in enumerate(layers):
        name, options = layer.spec.name, layer.spec.options
        if name == "flatten" and options.get("ndim") is None and axes is not None:
            layer = flatten(axes)
        if name in ("dense", "conv", "conv_transpose") and options.get("initializer") is None:
            wanted = _initializer_before(layers[index + 1 :])
            if wanted is not None:
                layer = constructor(name)(**{**options, "initializer": wanted})
        axes = axes_after(layer, axes)
        done.append(layer)
    return tuple(done)


def _initializer_before(following: tuple[Layer, ...]) -> str | None:
    for layer in following:
        if layer.spec.name == "activation":
            return activations.get(layer.spec.options["name"]).initializer
        if layer.spec.name not in ("dropout", "layer_norm", "flatten", "max_pool", "avg_pool"):
            return None
    return None


def axes_after(layer: Layer, before: int | None) -> int | None:
    """How many axes one example has behind the layer, where that can be known without its input."""
    name, options, inside = layer.spec
    if name in ("conv", "conv_transpose"):
        return len(options["kernel"]) + 1
    if name in ("max_pool", "avg_pool"):
        return len(options["window"]) + 1
    if name in ("simple_rnn", "lstm", "gru"):
        return 2 if options.get("return_sequences") else 1
    if name in ("global_max_pool", "global_avg_pool", "mlp"):
        return 1
    if name in ("dense", "activation", "dropout", "layer_norm"):
        return before
    if name == "flatten":
        ndim = options.get("ndim")
        return 1 if ndim is None else None if before is None else before - ndim + 1
    if name == "embedding":
        return None if before is None else before + 1
    if name == "time_distributed":
        after = axes_after(inside[0], None if before is None else before - 1)
        return None if after is None else after + 1
    if name in ("serial", "residual"):
        return functools.reduce(lambda axes, part: axes_after(part, axes), inside, before)
    if name in ("bidirectional", "parallel"):
        return axes_after(inside[0], before)
    return None


def _traced_shape(layer: Layer, in_shape: Shape) -> Shape:
    """Shape of a custom layer's output, by tracing it with one batch axis, of floats or else of integers."""

    def one(dtype: Any) -> Shape:
        params = jax.eval_shape(lambda: layer.init(jax.random.key(0), in_shape))
        x = jax.ShapeDtypeStruct((1, *in_shape), dtype)
        return jax.eval_shape(lambda params, x: layer.apply(params, x), params, x).shape[1:]

    try:
        return one(jnp.result_type(float))
    except TypeError:
        return one(jnp.result_type(int))


def _options(**options: Any) -> dict[str, Any]:
    """Options as data: functions of the initialiser table by their names."""
    chosen = options.get("initializer")
    if callable(chosen):
        named = (name for name, known in initializers.TABLE.items() if known is chosen)
        options["initializer"] = next(named, chosen)
    return options


def _nothing(key: jax.Array, in_shape: Shape) -> Params:
    return {}


def _same(in_shape: Shape) -> Shape:
    return in_shape


def constructor(name: str) -> Callable[..., Layer]:
    """The public function that makes layers of that name."""
    from jaxnet import specs  # it knows all modules of layers, and they know this one

    return specs.constructor(name)


# --- activations as layers ---------------------------------------------------------------------------

elu = activation("elu")
gelu = activation("gelu")
hard_sigmoid = activation("hard_sigmoid")
hard_silu = activation("hard_silu")
hard_tanh = activation("hard_tanh")
leaky_relu = activation("leaky_relu")
linear = activation("linear")
log_sigmoid = activation("log_sigmoid")
log_softmax = activation("log_softmax")
mish = activation("mish")
relu = activation("relu")
relu6 = activation("relu6")
selu = activation("selu")
sigmoid = activation("sigmoid")
silu = activation("silu")
softmax = activation("softmax")
softplus = activation("softplus")
softsign = activation("softsign")
step = activation("step")
tanh = activation("tanh")
