"""Convolution over three axes, in groups, and the norms that go with it, against numbers by other means."""

import jax
import numpy as np
import pytest

import jaxnet as j

RNG = np.random.default_rng(0)
VIDEO = RNG.normal(size=(2, 3, 4, 5, 2)).astype(np.float32)


def test_a_volume_of_depth_one_is_an_image_at_each_step():
    deep, flat = j.conv(3, (1, 3, 2)), j.conv(3, (3, 2))
    params = deep.init(jax.random.key(0), VIDEO.shape[1:])
    ours = deep.apply(params, VIDEO)
    theirs = flat.apply({"w": params["w"][0], "b": params["b"]}, VIDEO)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    pooled = j.max_pool((1, 2, 2)).apply({}, VIDEO)
    np.testing.assert_array_equal(pooled, j.max_pool((2, 2)).apply({}, VIDEO))
    assert j.global_avg_pool(3).apply({}, VIDEO).shape == (2, 2)


@pytest.mark.parametrize("method", ["auto", "matmul"])
def test_three_axes_by_hand(method):
    layer = j.conv(2, (2, 2, 3), padding="valid", method=method)
    params = layer.init(jax.random.key(1), VIDEO.shape[1:])
    w, found = np.asarray(params["w"]), layer.apply(params, VIDEO)
    wanted = np.einsum("nijkc,ijkcf->nf", VIDEO[:, 1:3, 2:4, 0:3], w)
    np.testing.assert_allclose(found[:, 1, 2, 0], wanted, rtol=1e-4, atol=1e-5)


def test_groups_are_convolved_by_themselves():
    x = RNG.normal(size=(2, 6, 6, 4)).astype(np.float32)
    layer, one = j.conv(6, (3, 3), groups=2), j.conv(3, (3, 3))
    params = layer.init(jax.random.key(0), x.shape[1:])
    assert params["w"].shape == (3, 3, 2, 6)
    parts = [
        one.apply({"w": params["w"][..., 3 * g : 3 * g + 3], "b": params["b"][:3]}, x[..., 2 * g : 2 * g + 2])
        for g in range(2)
    ]
    np.testing.assert_allclose(layer.apply(params, x), np.concatenate(parts, -1), rtol=1e-4, atol=1e-5)
    assert j.conv(4, (3, 3), groups=4).init(jax.random.key(0), (6, 6, 4))["w"].shape == (3, 3, 1, 4)
    assert j.summary(layer, (6, 6, 4)).parameters == 3 * 3 * 2 * 6 + 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: j.conv(3, (3, 3), groups=2), "filters in 2 equal groups, got 3 filters"),
        (lambda: j.conv(4, (3, 3), groups=2, method="matmul"), "leave method at 'auto'"),
        (
            lambda: j.conv(4, (3, 3), groups=2).out_shape((4, 4, 3)),
            "channels in 2 equal groups, got 3 channels",
        ),
        (lambda: j.group_norm(2).out_shape((4, 4, 3)), "channels in 2 equal groups, got 3 channels"),
        (lambda: j.conv(4, (1, 1, 1, 1)), r"\(3, 3, 3\) for video"),
    ],
)
def test_what_does_not_divide_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_norms_by_hand():
    x = RNG.normal(2.0, 3.0, size=(2, 3, 3, 4)).astype(np.float32)
    layer = j.group_norm(2)
    y = layer.apply({"scale": np.array([1.0, 2, 1, 1], np.float32), "b": np.ones(4, np.float32)}, x)
    group = x[1, :, :, :2]
    wanted = (group - group.mean()) / np.sqrt(group.var() + 1e-5) * [1, 2] + 1
    np.testing.assert_allclose(y[1, :, :, :2], wanted, rtol=1e-4, atol=1e-4)
    root = j.rms_norm().apply({"scale": np.ones(4, np.float32)}, x)
    np.testing.assert_allclose(root, x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6), rtol=1e-5)
