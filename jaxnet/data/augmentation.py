"""Random changes of images during training, as a ``transform`` of ``fit`` inside the compiled step."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from jaxnet import _validation


@functools.lru_cache(maxsize=256)
def augment(
    *,
    flip: bool = False,
    shift: int = 0,
    rotate: float = 0.0,
    crop: tuple[int, int] | None = None,
    cutout: int = 0,
    noise: float = 0.0,
) -> Callable[..., jax.Array]:
    """Change each image at random in training, as ``jaxnet.fit(..., transform=data.augment(shift=2))``.

    The changes are a function of (key of the run, step), as dropout is, so that a run repeats itself and
    resumes exactly. In ``predict``, ``evaluate`` and on validation data images stay as they are (``crop``:
    the middle). Parts that come from outside an image are 0.

    Args:
        flip: mirror left and right, every second time.
        shift: move by up to so many pixels in each direction.
        rotate: turn by up to so many degrees either way, with bilinear interpolation.
        crop: cut out (height, width) at a random place.
        cutout: set a square of so many pixels a side to 0, at a random place.
        noise: standard deviation of normal noise that is added to each value.

    Returns:
        ``transform(x, key=None)`` for images (batch, height, width, channels); bytes become float32 with the
        same values.

    Raises:
        ValueError: a negative number; at the call, images of another shape, or a crop that is larger.

    Example:
        >>> import jax, numpy as np
        >>> from jaxnet import data
        >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
        >>> moved = data.augment(shift=1)(x, key=jax.random.key(1))
        >>> moved.shape, bool((data.augment(shift=1)(x) == x).all())
        ((1, 3, 3, 1), True)

    Reference: C. Shorten and T. Khoshgoftaar, "A Survey on Image Data Augmentation for Deep Learning", 2019;
    T. DeVries and G. Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
    """
    shift = _validation.check_count("data.augment", "shift", shift, 0)
    cutout = _validation.check_count("data.augment", "cutout", cutout, 0)
    if not isinstance(flip, bool):
        raise TypeError(f"data.augment: expected flip to be True or False, got {flip!r}")
    for what, value in (("rotate", rotate), ("noise", noise)):
        if isinstance(value, str) or not 0 <= value < float("inf"):
            raise ValueError(f"data.augment: expected {what} to be at least 0, got {value!r}")

    def one(x: jax.Array, key: jax.Array) -> jax.Array:
        keys = jax.random.split(key, 6)
        if flip:
            x = jnp.where(jax.random.bernoulli(keys[0]), jnp.flip(x, axis=1), x)
        if rotate:
            angle = jax.random.uniform(keys[1], (), x.dtype, -1.0, 1.0) * jnp.asarray(
                rotate * jnp.pi / 180, x.dtype
            )
            x = _turned(x, angle)
        if shift:
            wide = jnp.pad(x, ((shift, shift), (shift, shift), (0, 0)))
            start = jax.random.randint(keys[2], (2,), 0, 2 * shift + 1)
            x = jax.lax.dynamic_slice(wide, (start[0], start[1], jnp.zeros_like(start[0])), x.shape)
        if crop:
            room = jnp.array([x.shape[0] - crop[0] + 1, x.shape[1] - crop[1] + 1])
            start = jax.random.randint(keys[3], (2,), 0, room)
            x = jax.lax.dynamic_slice(x, (start[0], start[1], jnp.zeros_like(start[0])), (*crop, x.shape[2]))
        if cutout:
            x = _without_square(x, cutout, keys[4])
        return x + noise * jax.random.normal(keys[5], x.shape, x.dtype) if noise else x

    def transform(x: Any, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        if x.ndim != 4 or (crop and (x.shape[1] < crop[0] or x.shape[2] < crop[1])):
            least = f" of at least {crop[0]} x {crop[1]}" if crop else ""
            raise ValueError(
                f"data.augment: expected images (batch, height, width, channels){least}, got {x.shape}"
            )
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        if key is not None:
            return jax.vmap(one)(x, jax.random.split(key, len(x)))
        if crop:
            top, left = (x.shape[1] - crop[0]) // 2, (x.shape[2] - crop[1]) // 2
            x = x[:, top : top + crop[0], left : left + crop[1]]
        return x

    return transform


def _turned(x: jax.Array, angle: jax.Array) -> jax.Array:
    """An image turned about its middle."""
    height, width, _ = x.shape
    rows, columns = jnp.meshgrid(
        jnp.arange(height, dtype=x.dtype) - (height - 1) / 2,
        jnp.arange(width, dtype=x.dtype) - (width - 1) / 2,
        indexing="ij",
    )
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    at = [cosine * rows - sine * columns + (height - 1) / 2, sine * rows + cosine * columns + (width - 1) / 2]
    channels = [map_coordinates(x[..., c], at, order=1, mode="constant") for c in range(x.shape[2])]
    return jnp.stack(channels, axis=-1)


def _without_square(x: jax.Array, side: int, key: jax.Array) -> jax.Array:
    """An image with a square of zeros, which may reach over the edge."""
    height, width, _ = x.shape
    middle = jax.random.randint(key, (2,), 0, jnp.array([height, width]))
    first = middle - side // 2
    rows, columns = jnp.arange(height) - first[0], jnp.arange(width) - first[1]
    rows, columns = (rows >= 0) & (rows < side), (columns >= 0) & (columns < side)
    return jnp.where((rows[:, None] & columns[None, :])[..., None], jnp.zeros_like(x), x)
