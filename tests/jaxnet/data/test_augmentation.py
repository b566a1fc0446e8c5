"""Random changes of images in training."""

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import data

KEY = jax.random.key(0)
X = np.random.default_rng(0).uniform(0.1, 1.0, (16, 5, 6, 2)).astype(np.float32)


@pytest.mark.parametrize(
    "change",
    [{"flip": True}, {"shift": 2}, {"rotate": 20.0}, {"cutout": 2}, {"noise": 0.1}, {"crop": (3, 4)}],
)
def test_changes_are_a_function_of_the_key(change):
    transform = data.augment(**change)
    one, again = transform(X, key=KEY), transform(X, key=KEY)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, transform(X, key=jax.random.key(1)))
    plain = transform(X)
    wanted = X[:, 1:4, 1:5] if "crop" in change else X
    np.testing.assert_array_equal(plain, wanted)
    assert one.shape == wanted.shape
    assert data.augment(**change) is transform


def test_each_change_does_what_it_says():
    flipped = np.asarray(data.augment(flip=True)(X, key=KEY))
    kinds = [np.array_equal(a, b) for a, b in zip(flipped, X, strict=True)]
    assert 2 < sum(kinds) < 14
    assert all(same or np.array_equal(a, b[:, ::-1]) for a, b, same in zip(flipped, X, kinds, strict=True))
    shifted = np.asarray(data.augment(shift=1)(X, key=KEY))
    wide = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for image, original in zip(shifted, wide, strict=True):
        assert any(np.array_equal(image, original[i : i + 5, k : k + 6]) for i in range(3) for k in range(3))
    holes = (np.asarray(data.augment(cutout=2)(X, key=KEY)) == 0).sum((1, 2, 3))
    assert set(holes) <= {2, 4, 8}
    assert 8 in holes
    turned = data.augment(rotate=1e-6)(X, key=KEY)
    np.testing.assert_allclose(turned[:, 1:-1, 1:-1], X[:, 1:-1, 1:-1], atol=1e-4)
    bytes_in = data.augment(shift=1)(np.full((1, 4, 4, 1), 255, np.uint8))
    assert bytes_in.dtype == np.float32
    assert float(bytes_in.max()) == 255


def test_fit_changes_images_in_training_only_and_repeats_itself():
    net = jaxnet.serial(jaxnet.flatten(), jaxnet.dense(2))
    y = np.arange(16) % 2
    told = {"loss": "cross_entropy", "epochs": 2, "key": KEY, "progress": False, "batch_size": 8}
    augmented = {**told, "transform": data.augment(shift=2, noise=0.5)}
    plain, one, again = (jaxnet.fit(net, (X, y), **kind) for kind in (told, augmented, augmented))
    np.testing.assert_array_equal(one.params[1]["w"], again.params[1]["w"])
    assert not np.allclose(one.params[1]["w"], plain.params[1]["w"])
    outputs = jaxnet.predict(net, one.params, X, transform=augmented["transform"])
    np.testing.assert_allclose(outputs, net.apply(one.params, X), rtol=1e-5, atol=1e-6)


def test_what_cannot_be_changed_is_refused():
    with pytest.raises(ValueError, match=r"images \(batch, height, width, channels\), got \(4, 4\)"):
        data.augment(flip=True)(np.ones((4, 4)), key=KEY)
    with pytest.raises(ValueError, match="of at least 9 x 9"):
        data.augment(crop=(9, 9))(X)
    with pytest.raises(ValueError, match="shift to be at least 0, got -1"):
        data.augment(shift=-1)
    with pytest.raises(ValueError, match="noise to be at least 0"):
        data.augment(noise=-0.5)
    with pytest.raises(ValueError, match="expected rotate to be at least 0, got 'much'"):
        data.augment(rotate="much")
    with pytest.raises(TypeError, match="expected flip to be True or False, got 3"):
        data.augment(flip=3)
