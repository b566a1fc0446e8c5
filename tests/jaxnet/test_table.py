"""Properties that hold for every layer, loss, activation and optimizer of the table."""

import functools
import json

import jax
import jax.monitoring
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import table
from jax.test_util import check_vjp

from jaxnet import Padded, losses, optimizers, specs
from jaxnet._padded import filled

every_layer = pytest.mark.parametrize("case", table.LAYERS.values(), ids=table.LAYERS.keys())
every_loss = pytest.mark.parametrize("name", table.LOSSES)


@functools.cache
def params_of(make, in_shape):
    with jax.enable_x64(False):  # whichever test asks first
        return make().init(jax.random.key(1), in_shape)


def test_every_public_name_is_in_the_table():
    named = {name for case in table.LAYERS.values() for name in case.names.split()}
    named.add("reshape")  # needs an axis of examples: see test_arranging
    assert table.layers_in_public() == named
    assert set(specs.CONSTRUCTORS) <= named
    assert table.losses_in_public() == set(table.LOSSES) == set(losses.TABLE)
    assert table.activations_in_public() == set(table.ACTIVATIONS)
    assert table.optimizers_in_public() == set(table.OPTIMIZERS) == set(optimizers.TABLE)


def test_the_table_notices_a_new_name(monkeypatch):
    monkeypatch.setattr(losses, "brand_new", lambda outputs, targets: outputs, raising=False)
    losses.brand_new.__module__ = "jaxnet.losses"
    assert "brand_new" in table.losses_in_public()


# --- layers ------------------------------------------------------------------------------------------


@every_layer
def test_compiled_and_batched_agree_with_plain(case):
    """jit, vmap, and no, one or two batch axes all give what plain code gives for one example."""
    layer, x = case.make(), case.inputs(2, 3)
    params = params_of(case.make, case.in_shape)

    @jax.jit
    def ways(x):
        flat = x.reshape(6, *case.in_shape)
        single = functools.partial(layer.apply, params)
        return layer.apply(params, x), layer.apply(params, flat), jax.vmap(single)(flat)

    nested, flat, mapped = ways(x)
    plain = layer.apply(params, x[0, 0])
    assert plain.shape == layer.out_shape(case.in_shape)
    assert nested.shape == (2, 3, *plain.shape)
    for other in (nested.reshape(6, *plain.shape), mapped):
        np.testing.assert_allclose(other, flat, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(flat[0], plain, rtol=2e-5, atol=2e-6)


def check_gradients(function, arguments, tolerance, eps):
    """``jax.test_util.check_grads`` in reverse mode, with two compilations instead of three."""
    forward = jax.jit(function)
    backward = jax.jit(lambda arguments, cotangent: jax.vjp(function, *arguments)[1](cotangent))
    pullback = lambda *arguments: (forward(*arguments), functools.partial(backward, arguments))  # noqa: E731
    check_vjp(forward, pullback, arguments, atol=tolerance, rtol=tolerance, eps=eps)


def gradient_case(case, dtype):
    layer = case.make()
    params = table.cast(params_of(case.make, case.in_shape), dtype)
    key = jax.random.key(2) if case.draws else None
    if case.classes:
        return (lambda p: layer.apply(p, case.inputs(2), key=key)), (params,)
    return (lambda p, x: layer.apply(p, x, key=key)), (params, jnp.asarray(case.inputs(2)).astype(dtype))


@every_layer
def test_gradients_equal_finite_differences(case):
    with jax.enable_x64(True):
        check_gradients(*gradient_case(case, jnp.float64), tolerance=1e-6, eps=1e-5)
    if not case.make().spec.layers:  # what layers are made of, in single precision too
        check_gradients(*gradient_case(case, jnp.float32), tolerance=2e-2, eps=1e-3)


@every_layer
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_dtype_is_kept(case, dtype):
    layer = case.make()
    with jax.enable_x64(True):
        params = table.cast(params_of(case.make, case.in_shape), dtype)
        x = table.cast(jnp.asarray(case.inputs(2)), dtype)

        def total(params, x):
            return layer.apply(params, x, key=jax.random.key(0) if case.draws else None).sum()

        out = jax.eval_shape(layer.apply, params, x)
        assert out.dtype == dtype
        assert not out.weak_type
        grads = jax.eval_shape(jax.grad(total), params, x)
        assert {leaf.dtype for leaf in jax.tree.leaves(grads)} <= {jnp.dtype(dtype)}


@every_layer
def test_parameters_are_float32_and_not_weak(case):
    """A weak type would become strong after one update and compile everything anew."""
    for leaf in jax.tree.leaves(params_of(case.make, case.in_shape)):
        assert leaf.dtype == jnp.float32
        assert not leaf.weak_type


@every_layer
def test_second_call_compiles_nothing(case):
    """Not even through a layer that was made by an equal call."""
    key, x = jax.random.key(0), case.inputs(2)

    def run(seed):
        layer = case.make()
        params = layer.init(jax.random.fold_in(key, seed), case.in_shape)
        return layer.apply(params, x, key=key if case.draws else None)

    run(0)
    compiled = []
    listener = lambda event, seconds, **_: compiled.append(event) if "backend_compile" in event else None  # noqa: E731
    jax.monitoring.register_event_duration_secs_listener(listener)
    try:
        run(1)
    finally:
        jax.monitoring.unregister_event_duration_listener(listener)
    assert compiled == []
    assert case.make() is case.make()


@every_layer
def test_no_key_is_used_twice_and_nothing_leaks(case):
    layer = case.make()

    def run(key, x):
        start, later = jax.random.split(key)
        params = layer.init(start, case.in_shape)
        return layer.apply(params, x, key=later).sum()

    with jax.debug_key_reuse(True), jax.checking_leaks():
        jax.jit(run).lower(jax.random.key(0), case.inputs(2))
        jax.make_jaxpr(run)(jax.random.key(0), case.inputs(2))


@every_layer
def test_specs_survive_json(case):
    layer = case.make()
    again = specs.from_spec(json.loads(json.dumps(specs.to_spec(layer))))
    assert again is layer


# --- the same over sequences of different lengths -----------------------------------------------------

#: layers of the table over (time, features) or over ids in time
TIMED = (
    "dense, no bias", "layer_norm", "rms_norm", "embedding", "conv 1-D", "conv_transpose 1-D",
    "max_pool, same", "global_avg_pool", "simple_rnn", "lstm", "gru by scan", "bidirectional", "rnn",
)  # fmt: skip
every_timed = pytest.mark.parametrize("case", [table.LAYERS[name] for name in TIMED], ids=TIMED)


def padded(case, dtype="float32"):
    """Two sequences of the case, the first of them shorter."""
    x = case.inputs(2)
    lengths = np.array([max(case.in_shape[0] - 2, 1), case.in_shape[0]], np.int32)
    return Padded(x if case.classes else x.astype(dtype), lengths)


def real_sum(y):
    """The sum over the real steps."""
    return jnp.sum(filled(y, 0) if isinstance(y, Padded) else y)


@every_timed
def test_padded_gradients_equal_finite_differences(case):
    layer = case.make()
    with jax.enable_x64(True):
        params, x = table.cast(params_of(case.make, case.in_shape), "float64"), padded(case, "float64")

        def function(params, values):
            return real_sum(layer.apply(params, Padded(values, x.lengths)))

        if case.classes:
            check_gradients(lambda p: function(p, x.values), (params,), tolerance=1e-6, eps=1e-5)
        else:
            check_gradients(function, (params, jnp.asarray(x.values)), tolerance=1e-6, eps=1e-5)


@every_timed
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_padded_dtype_is_kept(case, dtype):
    layer = case.make()
    with jax.enable_x64(True):
        params = table.cast(params_of(case.make, case.in_shape), dtype)
        x = padded(case)
        x = Padded(table.cast(jnp.asarray(x.values), dtype), x.lengths)
        out = jax.eval_shape(layer.apply, params, x)
        assert (out.values if isinstance(out, Padded) else out).dtype == dtype
        grads = jax.eval_shape(jax.grad(lambda p: real_sum(layer.apply(p, x))), params)
        assert {leaf.dtype for leaf in jax.tree.leaves(grads)} <= {jnp.dtype(dtype)}


@every_timed
def test_padded_is_mapped_and_compiled_once(case):
    """jit and vmap give what plain code gives, and a second call with other lengths compiles nothing."""
    layer, x = case.make(), padded(case)
    params = params_of(case.make, case.in_shape)
    plain = layer.apply(params, x)
    compiled = jax.jit(layer.apply)
    single = functools.partial(layer.apply, params)
    for other in (compiled(params, x), jax.vmap(single)(jax.tree.map(jnp.asarray, x))):
        for one, two in zip(jax.tree.leaves(plain), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(one, two, rtol=2e-5, atol=2e-6)
    compiled(params, Padded(x.values, x.lengths[::-1].copy()))
    assert compiled._cache_size() == 1


# --- losses and optimizers ---------------------------------------------------------------------------


@every_loss
def test_loss_gradients_equal_finite_differences(name):
    y, t = table.case_of_loss(name)
    function = lambda y: losses.get(name)(y, t)  # noqa: E731
    check_gradients(function, (jnp.asarray(y, jnp.float32),), tolerance=2e-2, eps=1e-3)
    with jax.enable_x64(True):
        check_gradients(function, (jnp.asarray(y),), tolerance=1e-6, eps=1e-5)


@every_loss
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_loss_keeps_the_dtype(name, dtype):
    y, t = table.case_of_loss(name)
    with jax.enable_x64(True):
        loss = jax.eval_shape(losses.get(name), jnp.asarray(y, dtype), t)
        slope = jax.eval_shape(losses.derivative(name), jnp.asarray(y, dtype), t)
    assert (loss.shape, loss.dtype) == ((4,), dtype)
    assert (slope.shape, slope.dtype) == ((4, 3), dtype)


@every_loss
def test_loss_is_the_same_compiled_and_mapped(name):
    y, t = table.case_of_loss(name)
    loss = losses.get(name)

    @jax.jit
    def ways(y, t):
        return loss(y, t), jax.vmap(lambda y, t: loss(y[None], t[None])[0])(y, t)

    plain = loss(y, t)
    for other in ways(y, t):
        np.testing.assert_allclose(other, plain, rtol=1e-5)


@pytest.mark.parametrize("name", table.OPTIMIZERS)
def test_optimizer_finds_the_bottom_of_a_bowl(name):
    rule = optimizers.TABLE[name][0](0.05)
    bowl = lambda w: jnp.sum(jnp.array([1.0, 4.0]) * jnp.square(w - 1.0))  # noqa: E731

    @jax.jit
    def run(w):
        def step(carry, _):
            w, state = carry
            updates, state = rule.update(jax.grad(bowl)(w), state, w)
            return (optax.apply_updates(w, updates), state), None

        with jax.numpy_dtype_promotion("standard"):
            return jax.lax.scan(step, (w, rule.init(w)), None, 400)[0][0]

    np.testing.assert_allclose(run(jnp.array([3.0, -2.0])), [1.0, 1.0], atol=0.06)
