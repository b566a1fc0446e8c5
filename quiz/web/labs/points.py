"""Points of two classes: the sets that a lab offers, and those that somebody has put there."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from quiz.text import mark as _
from quiz.text.errors import Refusal
from quiz.text.numbers import Refused, parse

#: Points at most.
MOST = 150
#: The greatest coordinate.
FAR = 10.0
CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
OUTPUTS = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "xor": (0, 1, 1, 0)}
SHAPES = {"circles": _("two circles"), "moons": _("two moons"), "spirals": _("two spirals")}
SETS = {
    "and": _("AND"), "or": _("OR"), "xor": _("XOR"), "iris": _("iris flowers, two kinds"),
    "own": _("your own points"),
}  # fmt: skip


def read(text: str) -> tuple[tuple[float, float, int], ...]:
    """Read points: ``x y class`` for each, with semicolons or line ends between them.

    Raises:
        Refusal: a point cannot be read, or there are too many.

    Example:
        >>> read("0 0 0; 1 0,5 1")
        ((0.0, 0.0, 0), (1.0, 0.5, 1))
    """
    found = []
    for place, part in enumerate(filter(None, map(str.strip, text.replace("\n", ";").split(";"))), 1):
        cells = part.split()
        try:
            x, y, label = (float(parse(cell, "ru")) for cell in cells)
        except (Refused, ValueError):
            raise Refusal(
                _(
                    'point %(place)d: expected two coordinates and the class 0 or 1, such as "0.5 1 0", got '
                    '"%(text)s"'
                ),
                place=place, text=part[:40],
            ) from None  # fmt: skip
        if label not in (0, 1) or abs(x) > FAR or abs(y) > FAR:
            raise Refusal(
                _("point %(place)d: expected coordinates from −10 to 10 and the class 0 or 1"), place=place
            )
        found.append((x, y, int(label)))
    if len(found) > MOST:
        raise Refusal(
            _("there are %(count)d points; at most %(most)d are allowed"), count=len(found), most=MOST
        )
    return tuple(found)


def chosen(name: str, own: Sequence[tuple[float, float, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a set and their classes, as float32.

    Example:
        >>> chosen("xor", ())[1].tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    if name == "own":
        rows = np.array(own, np.float32).reshape(-1, 3)
        return rows[:, :2], rows[:, 2]
    if name == "iris":
        return _iris()
    return np.array(CORNERS, np.float32), np.array(OUTPUTS[name], np.float32)


#: Length and width of the petals in centimetres (Fisher, 1936): all different pairs of Iris setosa, class 0,
#: and of Iris versicolor, class 1.
_SETOSA = (
    "1.4 0.2 1.3 0.2 1.5 0.2 1.7 0.4 1.4 0.3 1.5 0.1 1.6 0.2 1.4 0.1 1.1 0.1 1.2 0.2 1.5 0.4 1.3 0.4 1.7 0.3 "
    "1.5 0.3 1.7 0.2 1 0.2 1.7 0.5 1.9 0.2 1.6 0.4 1.3 0.3 1.6 0.6 1.9 0.4"
)
_VERSICOLOR = (
    "4.7 1.4 4.5 1.5 4.9 1.5 4 1.3 4.6 1.5 4.5 1.3 4.7 1.6 3.3 1 4.6 1.3 3.9 1.4 3.5 1 4.2 1.5 4 1 3.6 1.3 "
    "4.4 1.4 4.1 1 3.9 1.1 4.8 1.8 4.7 1.2 4.3 1.3 4.8 1.4 5 1.7 3.8 1.1 3.7 1 3.9 1.2 5.1 1.6 4.5 1.6 4.7 "
    "1.5 4.4 1.3 4.1 1.3 4.4 1.2 4.6 1.4 4 1.2 4.2 1.3 4.2 1.2 3 1.1"
)


@cache
def _iris() -> tuple[np.ndarray, np.ndarray]:
    kinds = [np.array(text.split(), np.float32).reshape(-1, 2) for text in (_SETOSA, _VERSICOLOR)]
    return np.concatenate(kinds), np.repeat(np.array([0, 1], np.float32), [len(kind) for kind in kinds])


@cache
def shape(name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many points of a shape, spread evenly with some noise; the same on every machine.

    Example:
        >>> x, t = shape("circles", 4)
        >>> x.shape, t.tolist()
        ((4, 2), [0.0, 1.0, 0.0, 1.0])
    """
    place = np.arange(count)
    t = place % 2
    share = (place // 2 + 0.5) / ((count + 1) // 2)
    golden = (5**0.5 - 1) / 2
    noise = np.stack([(place * golden) % 1, (place * golden**2 * 7) % 1], axis=1) - 0.5
    if name == "circles":
        turn, radius = 2 * np.pi * share, np.where(t, 0.45, 1.0)
        x = radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    elif name == "moons":
        turn = np.pi * share
        upper = np.stack([np.cos(turn) - 0.25, np.sin(turn) - 0.25], axis=1)
        x = np.where(t[:, None] == 0, upper, -upper)
    else:
        turn = 3 * np.pi * share + np.pi * t
        x = (0.15 + 0.95 * share)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return np.round(3 * x + 0.5 * noise, 3).astype(np.float32), t.astype(np.float32)
