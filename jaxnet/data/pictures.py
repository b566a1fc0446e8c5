"""Images in folders, one folder per class."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxnet import _validation
from jaxnet.data import memory

_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")


class Images(NamedTuple):
    """Images with their classes.

    Attributes:
        x: (n, height, width, channels), bytes from 0 to 255; ``fit`` takes them with
            ``transform=lambda x: x / 255``.
        y: class numbers (n,), int32.
        classes: the names of the folders, in the order of the class numbers.
        files: the path of each image.
    """

    x: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...]
    files: tuple[str, ...]


def images(
    folder: str | os.PathLike[str], size: tuple[int, int], *, grey: bool = False, classes: Any = None
) -> Images:
    """Read a folder with one folder of images per class.

    Args:
        folder: it holds folders, whose names are the classes; in them, at any depth, lie PNG, JPEG and other
            image files.
        size: (height, width) to which each image is scaled.
        grey: one channel instead of red, green and blue.
        classes: names of the folders in the order of the class numbers, as those of the training images;
            None: all folders in alphabetical order.

    Returns:
        The images, the folders in order, the files of a folder in alphabetical order.

    Raises:
        ModuleNotFoundError: Pillow, of the extra ``[images]``, is not installed.
        ValueError: no folder, a folder without images, a file that cannot be read, or an unknown class.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> from jaxnet import data
        >>> root = pathlib.Path(tempfile.mkdtemp())
        >>> for name in ("cat", "dog"):
        ...     (root / name).mkdir()
        ...     Image.new("L", (6, 4), 7).save(root / name / "1.png")
        >>> found = data.images(root, (4, 6), grey=True)
        >>> found.x.shape, found.y.tolist(), found.classes
        ((2, 4, 6, 1), [0, 1], ('cat', 'dog'))
    """
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'data.images: Pillow, which reads images, is missing; pip install "jaxnet-quiz[images]"'
        ) from error
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"data.images: expected a folder with one folder per class, got {root}")
    height, width = (_validation.check_count("data.images", "every size", one) for one in size)
    there = tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))
    names = there if classes is None else tuple(classes)
    if not names or set(names) - set(there):
        raise ValueError(
            f"data.images: expected the folders {', '.join(names) or 'of the classes'} in {root}, got "
            f"{', '.join(there) or 'none'}"
        )
    files, y = [], []
    for number, name in enumerate(names):
        own = sorted(path for path in (root / name).rglob("*") if path.suffix.lower() in _SUFFIXES)
        if not own:
            raise ValueError(f"data.images: there is no image in {root / name}; leave the folder out")
        files += own
        y += [number] * len(own)
    x = memory.empty((len(files), height, width, 1 if grey else 3), np.uint8)
    for row, path in zip(x, files, strict=True):
        try:
            with Image.open(path) as image:
                scaled = image.convert("L" if grey else "RGB").resize((width, height))
        except OSError as error:
            raise ValueError(f"data.images: {path} cannot be read as an image ({error})") from None
        row[...] = np.asarray(scaled).reshape(row.shape)
    return Images(x, np.array(y, np.int32), names, tuple(map(str, files)))
