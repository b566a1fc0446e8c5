"""Statistics of layers against numbers worked by hand and against the trace."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import backprop, losses

#: compiled, as in training: far quicker than operation by operation
statistics = jax.jit(backprop.layer_statistics, static_argnums=(0, 4))


def net_and_data():
    net = jaxnet.mlp("3-4-4-2", activation="tanh")
    params = net.init(jax.random.key(0))
    x = jax.random.normal(jax.random.key(1), (10, 3))
    y = jax.random.normal(jax.random.key(2), (10, 2))
    return net, params, x, y


def test_figures_by_hand():
    # x = 1, 2; hidden relu(x), relu(-x) = 0: a = [[1, 0], [2, 0]]; output y = 3 h1 + h2 = 3, 6; target 0
    # dL/dy = (2/2) (3, 6); dL/dv = (3*1 + 6*2, 0) = (15, 0), dL/dc = 9
    # dL/dh1 = (9, 18), so dL/dw = (9*1 + 18*2, 0) = (45, 0), dL/db = (27, 0)
    net = jaxnet.mlp("1-2-1")
    params = [
        {"w": jnp.array([[1.0, -1.0]]), "b": jnp.zeros(2)},
        {"w": jnp.array([[3.0], [1.0]]), "b": jnp.zeros(1)},
    ]
    x, y = jnp.array([[1.0], [2.0]]), jnp.zeros((2, 1))
    found = statistics(net, params, x, y, losses.mse)
    expected = {
        "activation_mean": [0.75, 4.5],
        "activation_std": [np.std([1, 0, 2, 0]), 1.5],
        "dead": [0.5, 0.0],
        "gradient_norm": [np.hypot(45, 27), np.hypot(15, 9)],
        "weight_norm": [np.sqrt(2), np.sqrt(10)],
        "update_ratio": [np.hypot(45, 27) / np.sqrt(2), np.hypot(15, 9) / np.sqrt(10)],
    }
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6, err_msg=name)


def test_gradients_are_those_of_the_trace():
    net, params, x, y = net_and_data()
    found = statistics(net, params, x, y, "mse")
    t = jax.jit(lambda p: backprop.trace(net, p, x, y))(params)
    for i, layer in enumerate(t.layers):
        norm = np.sqrt(np.sum(np.square(layer.dw)) + np.sum(np.square(layer.db)))
        np.testing.assert_allclose(found["gradient_norm"][i], norm, rtol=1e-5)
        np.testing.assert_allclose(found["activation_mean"][i], layer.a.mean(), rtol=1e-4, atol=1e-6)


def test_updates_of_an_optimizer():
    net, params, x, y = net_and_data()
    updates = jax.tree.map(lambda p: -0.01 * p, params)
    found = statistics(net, params, x, y, losses.mse, updates=updates)
    np.testing.assert_allclose(found["update_ratio"], [0.01] * 3, rtol=1e-5)


def test_serial_with_nested_parts_and_dropout():
    inner = jaxnet.serial(jaxnet.dense(4), jaxnet.relu, jaxnet.dropout(0.5))
    net = jaxnet.serial(jaxnet.flatten(), inner, jaxnet.mlp("4-3-2", activation="sigmoid"))
    params = net.init(jax.random.key(0), (2, 3))
    x, y = jax.random.normal(jax.random.key(1), (8, 2, 3)), jnp.arange(8) % 2
    assert backprop.layer_names(net, params) == ("dense 1", "dense 2", "dense 3")
    found = statistics(net, params, x, y, losses.cross_entropy)
    hidden = inner.apply(params[1], x.reshape(8, 6))
    np.testing.assert_allclose(found["activation_mean"][0], hidden.mean(), rtol=1e-5)
    np.testing.assert_allclose(found["activation_mean"][2], net.apply(params, x).mean(), rtol=1e-5)
    grads = jax.jit(jax.grad(lambda p: losses.cross_entropy(net.apply(p, x), y).mean()))(params)
    expected = [jnp.sqrt(sum(jnp.sum(v**2) for v in jax.tree.leaves(g))) for g in (grads[1][0], *grads[2])]
    np.testing.assert_allclose(found["gradient_norm"], jnp.stack(expected), rtol=1e-5)


def test_a_custom_network_is_one_layer():
    net, params, x, y = net_and_data()
    custom = jaxnet.Layer(net.init, net.apply)
    assert backprop.layer_names(custom, params) == ("custom 1",)
    found = statistics(custom, params, x, y, losses.mse)
    np.testing.assert_allclose(found["activation_std"], [net.apply(params, x).std()], rtol=1e-5)


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e30])
def test_lengths_neither_vanish_nor_overflow(size):
    net = jaxnet.mlp("1-1")
    params = [{"w": jnp.full((1, 1), 3 * size), "b": jnp.full(1, 4 * size)}]
    found = statistics(net, params, jnp.zeros((1, 1)), jnp.zeros((1, 1)), losses.mae)
    np.testing.assert_allclose(found["weight_norm"], [5 * size], rtol=1e-6)
    assert np.isfinite(found["update_ratio"]).all()


def test_statistics_of_sequences_count_real_steps_alone():
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, 2)).astype(np.float32) for n in (1, 4, 3)]
    net = jaxnet.serial(jaxnet.gru(3, return_sequences=True), jaxnet.relu, jaxnet.dense(1))
    params = net.init(jax.random.key(0), (4, 2))
    x, y = jaxnet.data.pad(parts, value=np.nan), jaxnet.data.pad([part[:, :1] for part in parts])
    found = jaxnet.backprop.layer_statistics(net, params, x, y, "mse")
    hidden = np.concatenate(
        [np.maximum(jaxnet.gru(3, return_sequences=True).apply(params[0], part), 0) for part in parts]
    )
    np.testing.assert_allclose(found["activation_mean"][0], hidden.mean(), rtol=1e-5)
    np.testing.assert_allclose(found["activation_std"][0], hidden.std(), rtol=1e-5)
    np.testing.assert_allclose(found["dead"][0], (hidden == 0).all(0).mean())
    assert all(np.isfinite(values).all() for values in found.values())
    run = jaxnet.fit(
        net, (x, y), loss="mse", epochs=2, batch_size=2, key=jax.random.key(0), statistics=True,
        progress=False,
    )  # fmt: skip
    assert run.statistics["gradient_norm"].shape == (2, 2)
