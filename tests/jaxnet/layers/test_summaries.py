"""The table of a network: parameters and operations against what JAX counts itself."""

import jax
import jax.numpy as jnp
import pytest

import jaxnet

j = jaxnet
NETS = {
    "mlp": (j.mlp("50-40-30", activation="linear"), (50,)),
    "no bias": (j.serial(j.dense(40, use_bias=False), j.dense(30)), (50,)),
    "conv": (j.serial(j.conv(8, (3, 3), padding=0), j.conv(6, (2, 2), strides=2, padding=0)), (12, 12, 4)),
    "conv 1-D": (j.conv(16, (5,), dilation=2, padding="valid"), (40, 8)),
    "conv_transpose": (j.conv_transpose(8, (3, 3), padding="valid", use_bias=False), (9, 9, 16)),
    "time_distributed": (j.time_distributed(j.dense(30)), (10, 20)),
    "parallel": (j.serial(j.dense(20), j.parallel(j.dense(30), j.dense(40))), (20,)),
    "residual": (j.residual(j.dense(60), j.dense(60)), (60,)),
    "simple_rnn": (j.simple_rnn(32), (1, 64)),
    "lstm": (j.lstm(32), (1, 64)),
    "bidirectional": (j.bidirectional(j.gru(32)), (1, 64)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_counts_what_jax_counts(name):
    net, shape = NETS[name]
    params = net.init(jax.random.key(0), shape)
    x = jnp.ones(shape)
    table = jaxnet.summary(net, shape)
    assert table.parameters == sum(leaf.size for leaf in jax.tree.leaves(params))

    def flops(function):
        return jax.jit(function).lower(params, x).cost_analysis()["flops"]

    forward = flops(net.apply)
    both = flops(jax.grad(lambda params, x: jnp.sum(jnp.square(net.apply(params, x)))))
    if name in (
        "simple_rnn",
        "lstm",
        "bidirectional",
    ):  # the elementwise part counts for more in a single step
        assert table.forward <= forward <= 1.06 * table.forward
        # from a state of 0 in one step; the backward pass of the plain recurrence
        assert table.forward + table.backward == pytest.approx(both, rel=0.12)
    else:
        assert table.forward == pytest.approx(forward, rel=0.02)
        assert table.forward + table.backward == pytest.approx(both, rel=0.05)


def test_totals_are_those_of_the_parts():
    net = jaxnet.cnn((4, 8), 3, hidden=(16,), dropout=0.5)
    table = jaxnet.summary(net, (12, 12, 1))
    whole, *parts = table.rows
    for field in ("parameters", "forward", "backward"):
        assert getattr(whole, field) == getattr(table, field) == sum(getattr(part, field) for part in parts)
    assert parts[0] == (
        "  conv 3x3",
        (12, 12, 4),
        40,
        10944,
        10944,
    )  # 2 * 9 * 144 * 4 + 144 * 4; data in front
    assert [part.out_shape for part in parts[-3:]] == [(16,), (16,), (3,)]


def test_table_fits_a_terminal():
    deep = jaxnet.serial(
        *(jaxnet.residual(jaxnet.serial(jaxnet.dense(50_000), jaxnet.tanh)) for _ in range(2))
    )
    text = str(jaxnet.summary(deep, (50_000,)))
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[-1].split() == ["total", "5.000e+09", "1.000e+10", "1.500e+10"]


def test_a_layer_of_ones_own_counts_its_parameters():
    scale = jaxnet.Layer(lambda key, in_shape: jnp.ones(in_shape), lambda params, x: x * params[None, :])
    table = jaxnet.summary(jaxnet.serial(scale, jaxnet.dense(2)), (5,))
    assert [row.parameters for row in table.rows] == [17, 5, 12]
    assert [row.forward for row in table.rows] == [22, 0, 22]


def test_refuses():
    with pytest.raises(TypeError, match="needs in_shape"):
        jaxnet.summary(jaxnet.serial(jaxnet.dense(2)))
    with pytest.raises(TypeError, match="summary: expected a network"):
        jaxnet.summary(jaxnet.activations.relu)
    with pytest.raises(ValueError, match=r"784\), got \(3,\)"):
        jaxnet.summary(jaxnet.mlp("784-2"), (3,))
