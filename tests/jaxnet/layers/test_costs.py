"""Operations of layers of one's own, against those of the library's layers that compute the same."""

import jax
import jax.numpy as jnp
import pytest

import jaxnet


def own_of(layer, name):
    return jaxnet.Layer(layer.init, lambda params, x: layer.apply(params, x), name=name)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (jaxnet.dense(512), (513,)),
        (jaxnet.dense(3, use_bias=False), (7, 5)),
        (jaxnet.conv(4, (3, 3), method="lax"), (8, 8, 2)),
        (jaxnet.serial(jaxnet.dense(8), jaxnet.relu, jaxnet.dense(2)), (4,)),
    ],
    ids=["dense", "no bias", "conv", "serial"],
)
def test_a_layer_of_ones_own_counts_as_its_equal(layer, shape):
    own, known = jaxnet.summary(own_of(layer, "own"), shape), jaxnet.summary(layer, shape)
    assert (own.parameters, own.forward) == (known.parameters, known.forward)


def test_attention_counts_products_without_parameters_and_loops_as_often_as_they_run():
    def init(key, in_shape):
        return {"w": jnp.ones((in_shape[-1], in_shape[-1]))}

    def attention(params, x):
        return jax.nn.softmax(x @ jnp.swapaxes(x, -1, -2)) @ x

    def loop(params, x):
        return jax.lax.fori_loop(0, 3, lambda _, x: x @ params["w"], x)

    t, n = 6, 4
    assert jaxnet.summary(jaxnet.Layer(init, attention), (t, n)).forward == 2 * (2 * t * t * n)
    assert jaxnet.summary(jaxnet.Layer(init, loop), (n,)).forward == 3 * 2 * n * n


def test_the_table_is_the_repr_and_html():
    table = jaxnet.summary(jaxnet.mlp("2-3-1"))
    assert repr(table) == str(table)
    assert "<td style='text-align:left'>&emsp;dense</td>" in table._repr_html_()
