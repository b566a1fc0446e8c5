"""The basic layers: dense, activations, flatten, dropout, embedding.

Every layer takes any number of leading batch axes, and computes in the dtype of its parameters (a layer
without parameters in that of its input): for bf16 cast the parameters.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec

from jaxnet import activations, initializers
from jaxnet._arrays import add_bias, as_dtype, as_float, as_jax, is_explicit, product
from jaxnet._padded import on_steps, refuse
from jaxnet._validation import check_count, check_ending, check_key, is_traced
from jaxnet.layers.base import (
    AS_AFTER,
    Facts,
    Layer,
    Operations,
    Params,
    Shape,
    Spec,
    float_params,
    interned,
    no_params,
    options_of,
    same_axes,
    same_shape,
)


@interned
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
        return on_steps("dense", functools.partial(affine, "dense", params), x, features=True)

    def operations(in_shape: Shape, out_shape: Shape) -> Operations:
        outputs = math.prod(out_shape)
        return Operations(input=2 * in_shape[-1] * outputs, bias=outputs * use_bias)

    spec = Spec("dense", options_of(units=units, use_bias=use_bias, initializer=initializer))
    filled = "initializer" if initializer is None else None
    shapes = {"w": (None, units), "b": (units,)} if use_bias else {"w": (None, units)}
    facts = Facts(axes=same_axes, open=filled, operations=operations, params=shapes)
    return Layer(init, apply, spec, out_shape, facts)


def affine(where: str, params: Params, x: Any) -> jax.Array:
    """x w + b, or x w when there is no b, in the dtype of w; ``where`` names the caller in errors."""
    params = float_params(params)
    w = params["w"]
    check_ending(where, x, (w.shape[0],), FLATTEN_FIRST if np.ndim(x) > 2 else "")
    y = product(as_dtype(x, w.dtype), w)
    return add_bias(y, params["b"]) if "b" in params else y


def _activated(fn: Callable[..., jax.Array], options: dict[str, float], x: Any) -> jax.Array:
    return fn(as_float(x), **options)


FLATTEN_FIRST = "flatten it first, or put jaxnet.flatten() in front"


@interned
def activation(name: Any, **options: float) -> Layer:
    """An activation function as a layer; the usual ones have a name of their own, ``jaxnet.relu``.

    Args:
        name: a name from ``activations.TABLE``, or a function.
        **options: further arguments of that function, e.g. ``slope`` for ``leaky_relu``.

    Returns:
        A layer without parameters; the output has the shape of the input.

    Raises:
        ValueError: the name is not known.

    Example:
        >>> import jax
        >>> activation("leaky_relu", slope=0.25).apply({}, jax.numpy.array([-2.0, 2.0])).tolist()
        [-0.5, 2.0]
    """
    entry = activations.get(name)
    name = activations.name_of(name) or name

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        run = functools.partial(_activated, entry.fn, options)
        return on_steps(getattr(entry.fn, "__name__", "activation"), run, x, features=not entry.elementwise)

    label = name if isinstance(name, str) else getattr(name, "__name__", None)
    facts = Facts(axes=same_axes, initializer=entry.initializer, label=label)
    return Layer(no_params, apply, Spec("activation", {"name": name, **options}), same_shape, facts)


@interned
def flatten(ndim: int | None = None) -> Layer:
    """Flatten the axes of an example into one: (..., a, b, c) -> (..., a*b*c).

    Args:
        ndim: how many axes at the end are flattened. None: inside ``serial``, after a layer whose output has
            a known number of axes (convolution, pooling, recurrence), that number, so that there may be any
            number of batch axes; otherwise all axes but the first.

    Returns:
        A layer without parameters.

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
        refuse("flatten", x, "pool over time first, or use time_distributed(flatten(ndim))")
        x = as_jax(x)
        count = x.ndim - 1 if ndim is None else ndim
        if x.ndim < count or x.ndim == 0:
            raise ValueError(f"flatten: expected x with at least {count} axes, got shape {x.shape}")
        cut = x.ndim - count
        return x.reshape(*x.shape[:cut], math.prod(x.shape[cut:]))

    def axes(before: int | None) -> int | None:
        return 1 if ndim is None else None if before is None else before - ndim + 1

    facts = Facts(axes=axes, open="ndim" if ndim is None else None, initializer=AS_AFTER)
    return Layer(no_params, apply, Spec("flatten", {"ndim": ndim}), out_shape, facts)


@interned
def dropout(rate: Any = 0.5) -> Layer:
    """Set each input to 0 with probability ``rate`` during training, and scale the others by 1/(1 - rate).

    It works when ``apply`` gets a key; without one it passes x on unchanged.

    Args:
        rate: the fraction that is dropped, in [0, 1). It may be traced: ``specs.replace(net, "dropout",
            rate=r)`` inside a compiled function is the network with r in every dropout layer.

    Returns:
        A layer without parameters; the output has the shape of the input.

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
        return on_steps("dropout", functools.partial(_dropped, rate, key), x)

    label = f"dropout {rate:g}" if isinstance(rate, float) else None
    facts = Facts(draws=True, axes=same_axes, initializer=AS_AFTER, label=label)
    return Layer(no_params, apply, Spec("dropout", {"rate": rate}), same_shape, facts)


def _dropped(rate: Any, key: jax.Array | None, x: Any) -> jax.Array:
    x = as_float(x)
    if key is None or (isinstance(rate, float) and rate == 0):
        return x
    keep = jax.random.bernoulli(check_key("dropout", key), 1.0 - rate, x.shape)
    if is_explicit(x):
        keep = jax.sharding.reshard(keep, jax.typeof(x).sharding)
    return jnp.where(keep, x / as_dtype(1.0 - rate, x.dtype), jnp.zeros_like(x))


@interned
def embedding(vocabulary: int, features: int, *, initializer: Any = "normal") -> Layer:
    """A learned vector for each id: y = w[x].

    Args:
        vocabulary: number of ids; x holds integers from 0 to vocabulary - 1.
        features: length of each vector.
        initializer: of w, a name or function; "normal" has the standard deviation 0.01.

    Returns:
        A layer (...) -> (..., features) with parameters {"w": (vocabulary, features)}.

    Raises:
        TypeError: x does not hold integers.
        ValueError: x holds an id outside the vocabulary; inside a compiled program, which cannot raise, the
            vector of such an id is NaN.

    Example:
        >>> import jax
        >>> embedding(4, 2).apply({"w": jax.numpy.arange(8.0).reshape(4, 2)}, [3, 0]).tolist()
        [[6.0, 7.0], [0.0, 1.0]]
    """
    vocabulary = check_count("embedding", "vocabulary", vocabulary)
    features = check_count("embedding", "features", features)
    draw = initializers.get(initializer)

    def init(key: jax.Array, in_shape: Shape) -> Params:
        return {"w": draw(check_key("embedding", key), (vocabulary, features), jnp.result_type(float))}

    def apply(params: Params, x: Any, *, key: jax.Array | None = None) -> jax.Array:
        return on_steps("embedding", functools.partial(_looked_up, vocabulary, params), x)

    options = options_of(vocabulary=vocabulary, features=features, initializer=initializer)
    shapes = {"w": (vocabulary, features)}
    facts = Facts(axes=lambda before: None if before is None else before + 1, params=shapes)
    return Layer(init, apply, Spec("embedding", options), lambda in_shape: (*in_shape, features), facts)


def _looked_up(vocabulary: int, params: Params, x: Any) -> jax.Array:
    x = x if isinstance(x, jax.Array) or is_traced(x) else np.asarray(x)  # unwrapped: JAX cuts 64-bit ids
    if is_traced(x):
        x = jnp.asarray(x)
    if not jnp.issubdtype(x.dtype, jnp.integer):
        raise TypeError(f"embedding: expected x of integers, got {x.dtype}; give ids")
    if not is_traced(x) and x.size:
        with jax.ensure_compile_time_eval():  # an array that is known, even while something is traced
            low, high = int(x.min()), int(x.max())
        if low < 0 or high >= vocabulary:
            raise ValueError(f"embedding: expected ids from 0 to {vocabulary - 1}, got {low} to {high}")
    x, w = as_jax(x), as_float(params["w"])
    sharding = None
    if is_explicit(x):
        given = jax.typeof(x).sharding
        sharding = given.update(spec=PartitionSpec(*given.spec, None))
    return w.at[x].get(mode="fill", fill_value=jnp.nan, wrap_negative_indices=False, out_sharding=sharding)
