"""Parity with PyTorch, forward and backward, in double precision.

The values come from ``tests/golden``, which ``scripts/make_golden.py`` made; where torch is installed
they are compared with it as well.
"""

import functools
import importlib.util
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import activations, losses, optimizers
from jaxnet._padded import filled

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def values(group):
    """Case -> name -> array."""
    cases = {}
    with np.load(ROOT / "tests" / "golden" / f"{group}.npz") as arrays:
        for key, array in arrays.items():
            case, name = key.split("|")
            cases.setdefault(case, {})[name] = array
    return cases


LAYERS = {
    "dense": jaxnet.dense(3),
    "conv strides": jaxnet.conv(4, (3, 2), strides=2, padding=1),
    "conv dilation": jaxnet.conv(4, (3, 2), dilation=(2, 1), padding="valid"),
    "conv same": jaxnet.conv(4, (3, 2)),
    "conv 1-D": jaxnet.conv(2, (3,), strides=2, padding="valid"),
    "conv_transpose": jaxnet.conv_transpose(4, (3, 2), strides=2, padding=1),
    "conv_transpose 1-D": jaxnet.conv_transpose(2, (3,), strides=3, dilation=2, padding="valid"),
    "max_pool": jaxnet.max_pool((2, 2)),
    "max_pool overlapping": jaxnet.max_pool((3, 3), strides=2),
    "avg_pool": jaxnet.avg_pool((2, 2)),
    "avg_pool overlapping": jaxnet.avg_pool((3, 3), strides=1),
    "global_avg_pool": jaxnet.global_avg_pool(),
    "global_max_pool": jaxnet.global_max_pool(),
    "layer_norm": jaxnet.layer_norm(),
    "embedding": jaxnet.embedding(6, 3),
    "simple_rnn": jaxnet.simple_rnn(4, return_sequences=True),
    "lstm": jaxnet.lstm(4, return_sequences=True, method="saved"),
    "gru": jaxnet.gru(4, return_sequences=True, method="saved"),
    "bidirectional": jaxnet.bidirectional(jaxnet.lstm(3, return_sequences=True)),
    **{f"activation {n}": getattr(jaxnet, n) for n in activations.TABLE if n not in ("linear", "step")},
}
OTHER_METHODS = {
    "conv strides": jaxnet.conv(4, (3, 2), strides=2, padding=1, method="matmul"),
    "conv dilation": jaxnet.conv(4, (3, 2), dilation=(2, 1), padding="valid", method="matmul"),
    "conv 1-D": jaxnet.conv(2, (3,), strides=2, padding="valid", method="matmul"),
    "lstm": jaxnet.lstm(4, return_sequences=True, method="scan"),
    "gru": jaxnet.gru(4, return_sequences=True, method="scan"),
}


def check_layer(layer, found):
    leaves = {name for name in found if name not in ("x", "out", "cotangent") and not name.startswith("d ")}
    with jax.enable_x64(True):
        x = jnp.asarray(found["x"])
        shapes = jax.eval_shape(lambda key: layer.init(key, x.shape[1:]), jax.random.key(0))
        named = jax.tree_util.tree_map_with_path(lambda path, _: name_of(path), shapes)
        assert set(jax.tree.leaves(named)) == leaves
        params = jax.tree.map(lambda name: jnp.asarray(found[name]), named)

        @jax.jit
        def run(params, x, cotangent):
            if "d x" not in found:
                out, back = jax.vjp(lambda params: layer.apply(params, x), params)
                return out, back(cotangent)[0], None
            out, back = jax.vjp(layer.apply, params, x)
            return out, *back(cotangent)

        out, d_params, d_x = run(params, x, found["cotangent"])
        np.testing.assert_allclose(out, found["out"], rtol=1e-9, atol=1e-11)
        for name, got in zip(jax.tree.leaves(named), jax.tree.leaves(d_params), strict=True):
            np.testing.assert_allclose(got, found[f"d {name}"], rtol=1e-9, atol=1e-11)
        if d_x is not None:
            np.testing.assert_allclose(d_x, found["d x"], rtol=1e-9, atol=1e-11)


def name_of(path):
    return jax.tree_util.keystr(path, simple=True, separator="/")


@pytest.mark.parametrize("name", LAYERS)
def test_layer_equals_pytorch(name):
    check_layer(LAYERS[name], values("layers")[name])


@pytest.mark.parametrize("name", OTHER_METHODS)
def test_other_method_equals_pytorch(name):
    check_layer(OTHER_METHODS[name], values("layers")[name])


def test_every_golden_layer_is_compared():
    assert set(values("layers")) == set(LAYERS)


def packed(kind, **options):
    """A layer over sequences of different lengths, as a function of their values alone."""
    both, name = kind.startswith("bidirectional"), kind.split()[-1]
    layer = getattr(jaxnet, name)(3, **options)
    layer = jaxnet.bidirectional(layer) if both else layer

    def apply(params, x):
        y = layer.apply(params, jaxnet.Padded(x, np.array([3, 7, 1, 5])))
        return filled(y, 0) if isinstance(y, jaxnet.Padded) else y  # PyTorch writes zeros after the end

    return layer._replace(apply=apply)


PACKED = [f"{ways}{kind}" for kind in ("simple_rnn", "lstm", "gru") for ways in ("", "bidirectional ")]


@pytest.mark.parametrize("kind", PACKED)
def test_sequences_of_different_lengths_equal_packed_ones_of_pytorch(kind):
    """Outputs, last states and gradients; that with respect to the padding is exactly 0 there too."""
    check_layer(packed(kind, return_sequences=True), values("packed")[kind])
    check_layer(packed(kind), values("packed")[f"{kind}, last"])
    for end in ("", ", last"):
        for row, length in zip(values("packed")[f"{kind}{end}"]["d x"], (3, 7, 1, 5), strict=True):
            assert not np.any(row[length:])


@pytest.mark.parametrize("kind", ["lstm", "bidirectional gru"])
def test_packed_sequences_by_the_other_method(kind):
    check_layer(packed(kind, return_sequences=True, method="scan"), values("packed")[kind])


def test_every_golden_packed_layer_is_compared():
    assert set(values("packed")) == {f"{kind}{end}" for kind in PACKED for end in ("", ", last")}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
@pytest.mark.parametrize("group", ["layers", "packed", "losses", "optimizers"])
def test_golden_values_are_what_torch_gives_now(group):
    spec = importlib.util.spec_from_file_location("make_golden", ROOT / "scripts" / "make_golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fresh, golden = getattr(module, group)(), values(group)
    assert fresh.keys() == golden.keys()
    for case, arrays in fresh.items():
        assert arrays.keys() == golden[case].keys()
        for name, array in arrays.items():
            np.testing.assert_allclose(array, golden[case][name], rtol=1e-9, atol=1e-11, err_msg=case)


@pytest.mark.parametrize("name", [*losses.TABLE, "cross_entropy smoothed", "cross_entropy shares"])
def test_loss_equals_pytorch(name):
    found = values("losses")[name]
    loss = losses.smoothed(0.1) if "smoothed" in name else losses.get(name.split()[0])
    with jax.enable_x64(True):
        outputs, targets = jnp.asarray(found["outputs"]), jnp.asarray(found["targets"])
        np.testing.assert_allclose(loss(outputs, targets), found["values"], rtol=1e-10)
        slope = losses.derivative(loss)(outputs, targets)
        np.testing.assert_allclose(slope, found["d outputs"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", optimizers.TABLE)
def test_five_steps_equal_pytorch(name):
    found = values("optimizers")[name]
    rule = optimizers.TABLE[name][0](0.1)
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):

        @jax.jit
        def run(w, grads):
            def step(carry, grad):
                w, state = carry
                updates, state = rule.update(grad, state, w)
                return (w + updates, state), w + updates

            return jax.lax.scan(step, (w, rule.init(w)), grads)[1]

        steps = run(jnp.asarray(found["start"]), jnp.asarray(found["grads"]))
    # adam's and rmsprop's epsilon stands in another place in torch
    np.testing.assert_allclose(steps, found["steps"], rtol=2e-6 if name == "rmsprop" else 1e-9)
