"""Figures and axes that a notebook shows as a picture when they are the last line of a cell."""

import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure


class PictureFigure(Figure):
    """A figure that shows itself, without pyplot."""

    def _repr_png_(self) -> bytes:
        data = io.BytesIO()
        self.savefig(data, format="png", dpi=100)
        return data.getvalue()


class PictureAxes(Axes):
    """Axes that show their figure."""

    def _repr_png_(self) -> bytes | None:
        figure = self.get_figure(root=True)
        show: Any = getattr(figure, "_repr_png_", None)
        return show() if show is not None else None
