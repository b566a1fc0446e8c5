"""One step of an LSTM, of a GRU and of one convolution filter, forward and backward, by the chain rule.

Users find these functions in :mod:`jaxnet.backprop`. Their parameters are those of the layers ``lstm``,
``gru`` and ``conv``. The error signal from later is an argument; the one for earlier is a result.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxnet import _validation
from jaxnet._arrays import as_dtype, as_float
from jaxnet.layers.recurrences import gru_cell, gru_cell_back, lstm_cell, lstm_cell_back


class LSTMStep(NamedTuple):
    """One step of an LSTM; every array has the shape ``(units,)`` or ``(N, units)`` unless stated otherwise.

    Attributes:
        i: the input gate, how much of the candidate is written.
        f: the forget gate, how much of the old cell is kept.
        g: the candidate, what would be written.
        o: the output gate, how much of the cell the state shows.
        c: the new cell, ``f c_before + i g``.
        h: the new state, ``o tanh(c)``.
        dc: ``dL/dc`` in full: through h, and from the next step.
        di: ``dL/d`` of the net input of the gate i; ``df``, ``dg``, ``do`` likewise.
        df: of f.
        dg: of g.
        do: of o.
        dx: ``dL/dx``, of the shape of x.
        dh_before: ``dL/dh_before``, for the step before.
        dc_before: ``dL/dc_before = dc f``, for the step before.
        grads: ``dL/dparams``, ``{"w": (features, 4 units), "u": (units, 4 units), "b": (4 units,)}``.
    """

    i: jax.Array
    f: jax.Array
    g: jax.Array
    o: jax.Array
    c: jax.Array
    h: jax.Array
    dc: jax.Array
    di: jax.Array
    df: jax.Array
    dg: jax.Array
    do: jax.Array
    dx: jax.Array
    dh_before: jax.Array
    dc_before: jax.Array
    grads: dict[str, jax.Array]


def lstm_step(params: Any, x: Any, h: Any, c: Any, dh: Any = None, dc: Any = None) -> LSTMStep:
    """One time step of an LSTM with all its gates, and the gradients of a loss that sees its outputs.

    With ``z = x w + h u + b`` in four parts and s the sigmoid: ``i, f, o = s(z_i), s(z_f), s(z_o)``,
    ``g = tanh(z_g)``, ``c' = f c + i g``, ``h' = o tanh(c')``. Backward: ``dc' += dh' o (1 - tanh(c')^2)``,
    and from there by the derivatives ``s' = s (1 - s)`` and ``tanh' = 1 - tanh^2`` to every gate.

    Args:
        params: of ``jaxnet.lstm``: ``{"w": (features, 4 units), "u": (units, 4 units), "b": (4 units,)}``,
            the parts in the order i, f, g, o.
        x: the input, ``(features,)`` or a batch ``(N, features)``; h and c then have N rows too.
        h: the state before, ``(units,)``.
        c: the cell before, ``(units,)``.
        dh: ``dL/dh'`` from the layer above and from the next step; None: ones, as if L were the sum of h'.
        dc: ``dL/dc'`` from the next step; None: zeros.

    Returns:
        An :class:`LSTMStep`; for a batch ``grads`` are sums over it.

    Raises:
        ValueError: if the shapes do not fit, or anything is NaN or infinite.

    Example:
        >>> import jax.numpy as jnp
        >>> params = {"w": jnp.zeros((1, 4)), "u": jnp.zeros((1, 4)), "b": jnp.zeros(4)}
        >>> step = lstm_step(params, [1.0], [0.0], [1.0])
        >>> print(step.i, step.f, step.g, step.o, step.c)  # half is forgotten, nothing written
        [0.5] [0.5] [0.] [0.5] [0.5]

    Reference:
        Sepp Hochreiter and Jürgen Schmidhuber, Long short-term memory, 1997.
    """
    w, u, b = _weights("lstm_step", params, 4, "wub")
    (x, h, c), single = _rows("lstm_step", w, {"x": (x, len(w)), "h": (h, len(u)), "c": (c, len(u))})
    dh = jnp.ones_like(h) if dh is None else _row("lstm_step", "dh", dh, h, single)
    dc = jnp.zeros_like(c) if dc is None else _row("lstm_step", "dc", dc, c, single)

    new_h, new_c, gates = lstm_cell(x @ w + h @ u + b[None, :], c)
    dc, errors = lstm_cell_back(dh, dc, c, new_c, gates)
    dz = jnp.concatenate(errors, axis=1)
    grads = {"w": x.T @ dz, "u": h.T @ dz, "b": jnp.sum(dz, 0)}
    rows = (*gates, new_c, new_h, dc, *errors, dz @ w.T, dz @ u.T, dc * gates[1])
    return LSTMStep(*[row[0] if single else row for row in rows], grads=grads)


class GRUStep(NamedTuple):
    """One step of a GRU; every array has the shape ``(units,)`` or ``(N, units)`` unless stated otherwise.

    Attributes:
        r: the reset gate, how much of the old state the candidate sees.
        z: the update gate, how much of the old state is kept.
        n: the candidate.
        h: the new state, ``(1 - z) n + z h_before``.
        dr: ``dL/d`` of the net input of the gate r; ``dz``, ``dn`` likewise.
        dz: of z.
        dn: of n.
        dx: ``dL/dx``, of the shape of x.
        dh_before: ``dL/dh_before``, for the step before.
        grads: ``dL/dparams``, ``{"w": (features, 3 units), "u": (units, 3 units), "b": (3 units,),
            "c": (units,)}``.
    """

    r: jax.Array
    z: jax.Array
    n: jax.Array
    h: jax.Array
    dr: jax.Array
    dz: jax.Array
    dn: jax.Array
    dx: jax.Array
    dh_before: jax.Array
    grads: dict[str, jax.Array]


def gru_step(params: Any, x: Any, h: Any, dh: Any = None) -> GRUStep:
    """One time step of a GRU with its gates, and the gradients of a loss that sees its output.

    ``r = s(x w_r + h u_r + b_r)``, ``z = s(x w_z + h u_z + b_z)``, ``q = h u_n + c``,
    ``n = tanh(x w_n + b_n + r q)``, ``h' = (1 - z) n + z h``.

    Args:
        params: of ``jaxnet.gru``: ``{"w": (features, 3 units), "u": (units, 3 units), "b": (3 units,),
            "c": (units,)}``, the parts in the order r, z, n.
        x: the input, ``(features,)`` or a batch ``(N, features)``; h then has N rows too.
        h: the state before, ``(units,)``.
        dh: ``dL/dh'`` from the layer above and from the next step; None: ones, as if L were the sum of h'.

    Returns:
        A :class:`GRUStep`; for a batch ``grads`` are sums over it.

    Raises:
        ValueError: if the shapes do not fit, or anything is NaN or infinite.

    Example:
        >>> import jax.numpy as jnp
        >>> params = {"w": jnp.zeros((1, 3)), "u": jnp.zeros((1, 3)), "b": jnp.zeros(3), "c": jnp.zeros(1)}
        >>> step = gru_step(params, [1.0], [1.0])
        >>> print(step.z, step.n, step.h, step.dn, step.dz)  # dz = dh (h - n) z (1 - z)
        [0.5] [0.] [0.5] [0.5] [0.25]

    Reference:
        Kyunghyun Cho and others, Learning phrase representations using RNN encoder-decoder, 2014.
    """
    w, u, b, bias = _weights("gru_step", params, 3, "wubc")
    (x, h), single = _rows("gru_step", w, {"x": (x, len(w)), "h": (h, len(u))})
    dh = jnp.ones_like(h) if dh is None else _row("gru_step", "dh", dh, h, single)

    new_h, gates = gru_cell(x @ w + b[None, :], h @ u, h, bias)
    r, z, n, _ = gates
    dr, dz, dn = gru_cell_back(dh, h, gates)
    through_x, through_h = jnp.concatenate([dr, dz, dn], axis=1), jnp.concatenate([dr, dz, dn * r], axis=1)
    grads = {
        "w": x.T @ through_x,
        "u": h.T @ through_h,
        "b": jnp.sum(through_x, 0),
        "c": jnp.sum(dn * r, 0),
    }
    rows = (r, z, n, new_h, dr, dz, dn, through_x @ w.T, dh * z + through_h @ u.T)
    return GRUStep(*[row[0] if single else row for row in rows], grads=grads)


class ConvTrace(NamedTuple):
    """One filter over one image.

    Attributes:
        patches: what each output sees, of shape ``(rows, columns, kh, kw, channels)``.
        z: the outputs, of shape ``(rows, columns)``.
        dz: ``dL/dz``, as it was given.
        dw: ``dL/dw``, the sum of the patches, each weighted by its dz, of shape ``(kh, kw, channels)``.
        db: ``dL/db``, the sum of dz, of shape ``()``.
        dx: ``dL/dx``: each output adds dz times the kernel to its patch; of the shape of the image.
    """

    patches: jax.Array
    z: jax.Array
    dz: jax.Array
    dw: jax.Array
    db: jax.Array
    dx: jax.Array


def conv(
    params: Any, x: Any, dz: Any = None, *, strides: int | Sequence[int] = 1, padding: Any = "same"
) -> ConvTrace:
    """One filter of a convolution: ``z[i, j] = b + sum_mnc x[s i + m, s j + n, c] w[m, n, c]``, and back.

    Backward: ``dw[m, n, c] = sum_ij dz[i, j] x[s i + m, s j + n, c]``, ``db = sum dz``, and
    ``dx[s i + m, s j + n, c]`` sums ``dz[i, j] w[m, n, c]``.

    Args:
        params: one filter, ``{"w": (kh, kw, channels), "b": ()}``. Of a layer ``jaxnet.conv`` it is the f-th
            with ``{"w": params["w"][..., f], "b": params["b"][f]}``.
        x: one image, ``(height, width, channels)``.
        dz: ``dL/dz``, ``(rows, columns)``; None: ones, as if L were the sum of z.
        strides: s, one number or one per axis.
        padding: zeros around the image: "same", "valid" or a number for every side, as in ``jaxnet.conv``.

    Returns:
        A :class:`ConvTrace`.

    Raises:
        ValueError: if the shapes do not fit, or anything is NaN or infinite.

    Example:
        >>> import jax.numpy as jnp
        >>> image = jnp.arange(9.0).reshape(3, 3, 1)
        >>> t = conv({"w": jnp.ones((2, 2, 1)), "b": 0.0}, image, padding="valid")
        >>> t.z.tolist(), t.dw[:, :, 0].tolist()
        ([[8.0, 12.0], [20.0, 24.0]], [[8.0, 12.0], [20.0, 24.0]])
        >>> t.dx[:, :, 0].tolist()  # how many outputs see each pixel
        [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]

    Reference:
        Yann LeCun and others, Backpropagation applied to handwritten zip code recognition, 1989.
    """
    w, b = (_array("conv", f"the parameter {name!r}", params[name]) for name in ("w", "b"))
    w = as_float(w)
    b, x = as_dtype(b, w.dtype), as_dtype(_array("conv", "x", x), w.dtype)
    if w.ndim != 3 or b.ndim or x.ndim != 3 or x.shape[2] != w.shape[2]:
        raise ValueError(
            "backprop.conv: expected w of shape (kh, kw, channels), b of shape () and x of shape "
            f"(height, width, channels), got {w.shape}, {b.shape} and {x.shape}"
        )
    steps = (strides, strides) if isinstance(strides, int) else tuple(strides)
    sides = [_sides(padding, n, k, s) for n, k, s in zip(x.shape, w.shape[:2], steps, strict=False)]
    padded = jnp.pad(x, [*sides, (0, 0)])
    rows, columns = ((n - k) // s + 1 for n, k, s in zip(padded.shape, w.shape[:2], steps, strict=False))
    if rows < 1 or columns < 1:
        raise ValueError(
            f"backprop.conv: the kernel {w.shape[:2]} does not fit into an image of {x.shape[:2]}"
        )

    def seen(m: int, n: int) -> tuple[slice, slice]:
        """The pixels of the padded image that the kernel's entry (m, n) multiplies, one per output."""
        return slice(m, m + steps[0] * rows, steps[0]), slice(n, n + steps[1] * columns, steps[1])

    offsets = [(m, n) for m in range(w.shape[0]) for n in range(w.shape[1])]
    # the last stride may reach beyond the image
    padded = jnp.pad(padded, [(0, steps[0]), (0, steps[1]), (0, 0)])
    patches = jnp.stack([padded[seen(m, n)] for m, n in offsets], axis=2)
    patches = patches.reshape(rows, columns, *w.shape)
    z = jnp.einsum("ijmnc,mnc->ij", patches, w) + b

    dz = jnp.ones_like(z) if dz is None else as_dtype(_array("conv", "dz", dz), w.dtype)
    if dz.shape != z.shape:
        raise ValueError(
            f"backprop.conv: expected dz of shape {z.shape}, that of the outputs, got {dz.shape}"
        )
    dw = jnp.einsum("ij,ijmnc->mnc", dz, patches)
    dx = jnp.zeros_like(padded)
    for m, n in offsets:
        dx = dx.at[seen(m, n)].add(dz[:, :, None] * w[m, n][None, None, :])
    (top, _), (left, _) = sides
    dx = dx[top : top + x.shape[0], left : left + x.shape[1]]
    return ConvTrace(patches, z, dz, dw, jnp.sum(dz), dx)


def _sides(padding: Any, size: int, kernel: int, stride: int) -> tuple[int, int]:
    """The number of zeros before and after an axis."""
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    if padding == "valid":
        return 0, 0
    if isinstance(padding, int) and padding >= 0:
        return padding, padding
    raise ValueError(f"backprop.conv: expected padding 'same', 'valid' or a number, got {padding!r}")


def _array(who: str, what: str, value: Any) -> Any:
    value = _validation.numbers(f"backprop.{who}", what, value)
    _validation.check_finite(f"backprop.{who}", what, value)
    return value


def _weights(who: str, params: Any, gates: int, names: str) -> list[jax.Array]:
    """The parameters of a recurrent layer, checked against each other."""
    if not isinstance(params, dict) or set(params) != set(names):
        got = ", ".join(sorted(params)) if isinstance(params, dict) else type(params).__name__
        raise TypeError(f"backprop.{who}: expected parameters {', '.join(names)} of the layer, got {got}")
    w, *others = (_array(who, f"the parameter {name!r}", params[name]) for name in names)
    w = as_float(w)
    rest = [as_dtype(other, w.dtype) for other in others]
    units = rest[0].shape[0] if rest[0].ndim else 0
    wanted = {"u": (units, gates * units), "b": (gates * units,), "c": (units,)}
    shapes = {name: value.shape for name, value in zip(names, [w, *rest], strict=True)}
    if w.ndim != 2 or w.shape[1] != gates * units or any(shapes[name] != wanted[name] for name in names[1:]):
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(
            f"backprop.{who}: expected w of shape (features, {gates} units) and u of shape "
            f"(units, {gates} units), got {told}"
        )
    return [w, *rest]


def _rows(who: str, w: jax.Array, given: dict[str, tuple[Any, int]]) -> tuple[list[jax.Array], bool]:
    """Inputs as batches in the parameters' dtype, and whether they were single examples."""
    arrays = {name: _array(who, name, value) for name, (value, _) in given.items()}
    leading = {array.shape[:-1] for array in arrays.values()}
    fits = all(a.ndim in (1, 2) and a.shape[-1] == given[name][1] for name, a in arrays.items())
    if not fits or len(leading) != 1:
        wanted = ", ".join(f"{name} ({size},)" for name, (_, size) in given.items())
        got = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"backprop.{who}: expected {wanted}, or all with N rows, got {got}")
    single = leading == {()}
    return [as_dtype(a, w.dtype).reshape(-1, a.shape[-1]) for a in arrays.values()], single


def _row(who: str, what: str, value: Any, like: jax.Array, single: bool) -> jax.Array:
    value = _array(who, what, value)
    shape = like.shape[1:] if single else like.shape
    if value.shape != shape:
        raise ValueError(f"backprop.{who}: expected {what} of shape {shape}, got {value.shape}")
    return as_dtype(value, like.dtype).reshape(like.shape)
