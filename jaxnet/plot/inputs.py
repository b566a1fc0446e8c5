"""What in an input an output depends on."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet._arrays import as_float
from jaxnet.plot.style import new_figure, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def saliency(net: Any, params: Any, x: Any, classes: Any = None, *, columns: int = 8) -> "Figure":
    """Images above maps of how strongly the score of a class depends on each pixel.

    The map is |d score_k / d x|, the largest over the channels, of each image by itself; dark pixels matter.

    Args:
        net: a network from images to scores (N, classes).
        params: its parameters.
        x: images (N, height, width, channels), or (N, height, width) or flattened square ones (N, n), as the
            network takes them.
        classes: the class k of each image (N,); None: that with the highest score.
        columns: images per row.

    Returns:
        A matplotlib ``Figure``.

    Raises:
        ValueError: shapes that do not fit, or a network that does not give one row of scores per image.
        ModuleNotFoundError: without matplotlib.

    Example:
        >>> import jax, jaxnet
        >>> from jaxnet import data, plot
        >>> x, y = data.digits()
        >>> net = jaxnet.mlp("64-10")
        >>> figure = plot.saliency(net, net.init(jax.random.key(0)), x[:3], y[:3])
        >>> len(figure.axes)
        6

    Reference: K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", 2014.
    """
    images = numbers("saliency", "x", x)
    if images.ndim < 2 or not images.size:
        raise ValueError(f"plot.saliency: expected images (N, ...), got {images.shape}")
    scores = jax.eval_shape(lambda x: net.apply(params, x), as_float(images))
    if len(scores.shape) != 2 or scores.shape[0] != len(images):
        raise ValueError(
            f"plot.saliency: expected a network that gives scores (N, classes), got outputs {scores.shape}"
        )
    chosen = None if classes is None else numbers("saliency", "classes", classes).astype(np.int32)
    if chosen is not None and (
        chosen.shape != (len(images),) or chosen.min() < 0 or chosen.max() >= scores.shape[1]
    ):
        raise ValueError(
            f"plot.saliency: expected one class from 0 to {scores.shape[1] - 1} for each of {len(images)} "
            f"images, got {chosen.shape}"
        )

    def total(x: jax.Array) -> jax.Array:
        outputs = net.apply(params, x)
        index = jnp.argmax(outputs, axis=1) if chosen is None else jnp.asarray(chosen)
        return jnp.sum(jnp.take_along_axis(outputs, index[:, None], axis=1))

    derivatives = np.abs(np.asarray(jax.grad(total)(as_float(images))))
    pictures, maps = _as_images(images), _as_images(derivatives).max(axis=-1)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = new_figure("saliency", 1.15 * columns, 2.4 * rows + 0.1)
    for index in range(len(images)):
        row, column = divmod(index, columns)
        for below, picture in enumerate((pictures[index].squeeze(), maps[index])):
            place = (2 * row + below) * columns + column + 1
            axes = figure.add_subplot(2 * rows, columns, place)
            axes.imshow(picture, cmap="Greys" if below else "gray")
            axes.set_axis_off()
    return figure


def _as_images(x: np.ndarray) -> np.ndarray:
    """(N, height, width, channels)."""
    side = round(np.sqrt(x.shape[1])) if x.ndim == 2 else 0
    if x.ndim == 2 and side * side == x.shape[1]:
        return x.reshape(len(x), side, side, 1)
    if x.ndim == 3:
        return x[..., None]
    if x.ndim != 4 or x.shape[3] not in (1, 3):
        raise ValueError(
            "plot.saliency: expected images (N, height, width, 1 or 3), or flattened square ones, got "
            f"{x.shape}"
        )
    low, high = x.min(), x.max()
    return (x - low) / (high - low) if high > low else x
