"""Single steps of LSTM, GRU and convolution: by hand, against jax.grad, against the layers."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import backprop


def s(v):
    return 1 / (1 + math.exp(-v))


def test_lstm_step_by_hand():
    """One unit, one feature: every number from the formulas, with scalars only."""
    wi, wf, wg, wo = 0.5, -0.25, 0.75, 1.0
    ui, uf, ug, uo = 0.1, 0.2, -0.3, 0.4
    bi, bf, bg, bo = 0.0, 1.0, 0.0, -0.5
    x, h, c, dh, dc = 2.0, 0.5, -0.8, 1.5, 0.25
    i, f = s(wi * x + ui * h + bi), s(wf * x + uf * h + bf)
    g, o = math.tanh(wg * x + ug * h + bg), s(wo * x + uo * h + bo)
    cell = f * c + i * g
    t = math.tanh(cell)
    d = dc + dh * o * (1 - t * t)
    di, df, dg, do = d * g * i * (1 - i), d * c * f * (1 - f), d * i * (1 - g * g), dh * t * o * (1 - o)
    params = {
        "w": jnp.array([[wi, wf, wg, wo]]),
        "u": jnp.array([[ui, uf, ug, uo]]),
        "b": jnp.array([bi, bf, bg, bo]),
    }
    step = backprop.lstm_step(params, [x], [h], [c], [dh], [dc])
    expected = {"i": i, "f": f, "g": g, "o": o, "c": cell, "h": o * t, "dc": d, "di": di, "df": df, "dg": dg}
    expected |= {"do": do, "dx": di * wi + df * wf + dg * wg + do * wo, "dc_before": d * f}
    expected["dh_before"] = di * ui + df * uf + dg * ug + do * uo
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(step, name), [value], rtol=3e-6, err_msg=name)
    deltas = np.array([di, df, dg, do])
    np.testing.assert_allclose(step.grads["w"], [deltas * x], rtol=3e-6)
    np.testing.assert_allclose(step.grads["u"], [deltas * h], rtol=3e-6)
    np.testing.assert_allclose(step.grads["b"], deltas, rtol=3e-6)


def test_gru_step_by_hand():
    wr, wz, wn, ur, uz, un, br, bz, bn, c = 0.5, -1.0, 0.8, 0.3, 0.6, -0.4, 0.1, 0.2, -0.3, 0.05
    x, h, dh = 1.5, -0.6, 2.0
    r, z = s(wr * x + ur * h + br), s(wz * x + uz * h + bz)
    q = un * h + c
    n = math.tanh(wn * x + bn + r * q)
    dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
    dr = dn * q * r * (1 - r)
    params = {
        "w": jnp.array([[wr, wz, wn]]),
        "u": jnp.array([[ur, uz, un]]),
        "b": jnp.array([br, bz, bn]),
        "c": jnp.array([c]),
    }
    step = backprop.gru_step(params, [x], [h], [dh])
    expected = {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h, "dr": dr, "dz": dz, "dn": dn}
    expected |= {"dx": dr * wr + dz * wz + dn * wn, "dh_before": dh * z + dr * ur + dz * uz + dn * r * un}
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(step, name), [value], rtol=3e-6, err_msg=name)
    np.testing.assert_allclose(step.grads["u"], [[dr * h, dz * h, dn * r * h]], rtol=3e-6)
    np.testing.assert_allclose(step.grads["c"], [dn * r], rtol=3e-6)


def random_params(rng, gates, features, units, dtype):
    params = {"w": (features, gates * units), "u": (units, gates * units), "b": (gates * units,)}
    params |= {"c": (units,)} if gates == 3 else {}
    return {name: jnp.asarray(rng.normal(size=shape), dtype) for name, shape in params.items()}


DTYPES = pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64], ids=["f32", "f64"])


@DTYPES
@pytest.mark.parametrize("batch", [(), (5,)], ids=["single", "batch"])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gradients_equal_jax_grad(kind, batch, dtype):
    with jax.enable_x64(dtype == jnp.float64):
        rng = np.random.default_rng(0)
        params = random_params(rng, 4 if kind == "lstm" else 3, 3, 4, dtype)
        x = jnp.asarray(rng.normal(size=(*batch, 3)), dtype)
        states = [jnp.asarray(rng.normal(size=(*batch, 4)), dtype) for _ in range(2 if kind == "lstm" else 1)]
        errors = [jnp.asarray(rng.normal(size=(*batch, 4)), dtype) for _ in states]
        step = backprop.lstm_step if kind == "lstm" else backprop.gru_step

        def weighted(params, x, states):
            found = step(params, x, *states)
            outputs = [found.h, found.c] if kind == "lstm" else [found.h]
            return sum(jnp.sum(a * b) for a, b in zip(outputs, errors, strict=True))

        grads, dx, before = jax.jit(jax.grad(weighted, (0, 1, 2)))(params, x, states)
        found = jax.jit(step)(params, x, *states, *errors)
        close = 1e-12 if dtype == jnp.float64 else 1e-5
        for name, value in grads.items():
            np.testing.assert_allclose(found.grads[name], value, rtol=close, atol=close)
        np.testing.assert_allclose(found.dx, dx, rtol=close, atol=close)
        np.testing.assert_allclose(found.dh_before, before[0], rtol=close, atol=close)
        if kind == "lstm":
            np.testing.assert_allclose(found.dc_before, before[1], rtol=close, atol=close)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_steps_through_time_are_the_layer(kind):
    """Step by step forward, then back with the error handed on, gives the layer's output and gradient."""
    layer = getattr(jaxnet, kind)(4)
    params = layer.init(jax.random.key(0), (6, 3))
    x = jax.random.normal(jax.random.key(1), (2, 6, 3))
    step = jax.jit(backprop.lstm_step if kind == "lstm" else backprop.gru_step)
    states = [(jnp.zeros((2, 4)),) * (2 if kind == "lstm" else 1)]
    for t in range(6):
        found = step(params, x[:, t], *states[-1])
        states.append((found.h, found.c) if kind == "lstm" else (found.h,))
    np.testing.assert_allclose(states[-1][0], layer.apply(params, x), rtol=1e-5, atol=1e-6)

    errors = (jnp.ones((2, 4)),)
    total = jax.tree.map(jnp.zeros_like, params)
    for t in reversed(range(6)):
        found = step(params, x[:, t], *states[t], *errors)
        total = jax.tree.map(jnp.add, total, found.grads)
        errors = (found.dh_before, found.dc_before) if kind == "lstm" else (found.dh_before,)
    grads = jax.jit(jax.grad(lambda p: layer.apply(p, x).sum()))(params)
    for name, value in grads.items():
        np.testing.assert_allclose(total[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


def test_conv_by_hand():
    image = jnp.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]])[:, :, None]
    w = jnp.array([[1.0, -1.0], [2.0, 0.5]])[:, :, None]
    t = backprop.conv({"w": w, "b": 0.5}, image, [[1.0, 0.0], [-1.0, 2.0]], padding="valid")
    # z = x00 - x01 + 2 x10 + x11/2 + 1/2 in each window
    np.testing.assert_allclose(t.z, [[0.0, 6.0], [3.5, -1.0]])
    np.testing.assert_allclose(t.patches[1, 0, :, :, 0], [[0, 1], [2, 0]])
    # dw = 1 [[1,2],[0,1]] - 1 [[0,1],[2,0]] + 2 [[1,3],[0,1]]
    np.testing.assert_allclose(t.dw[:, :, 0], [[3, 7], [-2, 3]])
    assert t.db == 2
    np.testing.assert_allclose(t.dx[:, :, 0], [[1, -1, 0], [1, 3.5, -2], [-2, 3.5, 1]])


@pytest.mark.parametrize(
    ("strides", "padding", "dtype"),
    [
        pytest.param(1, "same", jnp.float32, id="same"),
        pytest.param(1, "valid", jnp.float64, id="valid, f64"),
        pytest.param(2, "same", jnp.float64, id="stride 2, same, f64"),
        pytest.param(2, "valid", jnp.float32, id="stride 2, valid"),
        pytest.param((3, 1), 2, jnp.float32, id="strides 3 and 1, two zeros around"),
    ],
)
def test_conv_is_the_layer_and_its_gradient(strides, padding, dtype):
    size = (5, 7) if dtype == jnp.float32 else (6, 6)
    with jax.enable_x64(dtype == jnp.float64):
        layer = jaxnet.conv(1, (3, 2), strides=strides, padding=padding)
        rng = np.random.default_rng(0)
        w, b = jnp.asarray(rng.normal(size=(3, 2, 4, 1)), dtype), jnp.asarray(rng.normal(size=1), dtype)
        x = jnp.asarray(rng.normal(size=(*size, 4)), dtype)

        def forward(w, b, x):
            return layer.apply({"w": w, "b": b}, x[None])[0, :, :, 0]

        dz = jnp.asarray(rng.normal(size=layer.out_shape((*size, 4))[:2]), dtype)

        @jax.jit
        def both(w, b, x, dz):
            z, back = jax.vjp(forward, w, b, x)
            t = backprop.conv({"w": w[..., 0], "b": b[0]}, x, dz, strides=strides, padding=padding)
            return z, back(dz), t

        z, (dw, db, dx), t = both(w, b, x, dz)
        close = 1e-12 if dtype == jnp.float64 else 1e-5
        np.testing.assert_allclose(t.z, z, rtol=close, atol=close)
        np.testing.assert_allclose(t.dw, dw[..., 0], rtol=close, atol=close)
        np.testing.assert_allclose(t.db, db[0], rtol=close, atol=close)
        np.testing.assert_allclose(t.dx, dx, rtol=close, atol=close)


def test_under_jit_and_vmap():
    params = random_params(np.random.default_rng(1), 4, 3, 4, jnp.float32)
    x, h = jax.random.normal(jax.random.key(0), (6, 3)), jax.random.normal(jax.random.key(1), (6, 4))
    many = jax.jit(jax.vmap(lambda x, h: backprop.lstm_step(params, x, h, h)))(x, h)
    batch = jax.jit(backprop.lstm_step)(params, x, h, h)
    np.testing.assert_allclose(many.dh_before, batch.dh_before, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(many.grads["w"].sum(0), batch.grads["w"], rtol=1e-4, atol=1e-5)
    images = jax.random.normal(jax.random.key(2), (6, 5, 5, 2))
    filter_ = {"w": jnp.ones((3, 3, 2)), "b": jnp.zeros(())}
    traced = jax.jit(jax.vmap(lambda x: backprop.conv(filter_, x)))(images)
    np.testing.assert_allclose(traced.dw[4], backprop.conv(filter_, images[4]).dw, rtol=1e-5, atol=1e-5)


LSTM = {"w": np.zeros((3, 8)), "u": np.zeros((2, 8)), "b": np.zeros(8)}
GRU = {"w": np.zeros((3, 6)), "u": np.zeros((2, 6)), "b": np.zeros(6), "c": np.zeros(2)}
FILTER = {"w": np.ones((3, 3, 1)), "b": 0.0}
IMAGE = np.ones((5, 5, 1))
BAD = {
    "lstm x": (lambda: backprop.lstm_step(LSTM, [1.0], [0.0] * 2, [0.0] * 2), r"expected x \(3,\), h \(2,\)"),
    "lstm rows": (lambda: backprop.lstm_step(LSTM, [[1.0] * 3] * 2, [0.0] * 2, [0.0] * 2), "all with N rows"),
    "lstm params": (lambda: backprop.lstm_step({"w": 1}, [1.0], [0.0], [0.0]), "expected parameters w, u, b"),
    "lstm of gru": (lambda: backprop.lstm_step({**GRU}, [1.0], [0.0], [0.0]), "expected parameters w, u, b"),
    "lstm u": (
        lambda: backprop.lstm_step({**LSTM, "u": np.zeros((3, 8))}, [1.0] * 3, [0.0] * 2, [0.0] * 2),
        r"w of shape \(features, 4 units\)",
    ),
    "lstm dh": (
        lambda: backprop.lstm_step(LSTM, [1.0] * 3, [0.0] * 2, [0.0] * 2, [1.0] * 3),
        r"dh of shape \(2,\), got \(3,\)",
    ),
    "gru nan": (lambda: backprop.gru_step(GRU, [np.nan] * 3, [0.0] * 2), "finite numbers in x"),
    "conv channels": (lambda: backprop.conv(FILTER, np.ones((5, 5, 2))), "expected w of shape"),
    "conv dz": (lambda: backprop.conv(FILTER, IMAGE, np.ones((3, 3))), r"dz of shape \(5, 5\)"),
    "conv size": (lambda: backprop.conv(FILTER, IMAGE[:2], padding="valid"), "does not fit"),
    "conv padding": (lambda: backprop.conv(FILTER, IMAGE, padding="full"), "got 'full'"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert str(caught.value).startswith("backprop.")
    assert "\n" not in str(caught.value)
