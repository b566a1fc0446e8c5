"""What the plots share: labels in three languages, colours that differ in grey too, empty axes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxnet import _validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LANGUAGES = ("kk", "ru", "en")

#: word -> Kazakh, Russian, English; the terms of the lecture
WORDS: Mapping[str, tuple[str, str, str]] = {
    "accuracy": ("жалпы дәлдік", "доля верных ответов", "accuracy"),
    "claimed probability": ("болжанған ықтималдық", "заявленная вероятность", "claimed probability"),
    "class": ("класс", "класс", "class"),
    "dead": ("өлі нейрондар үлесі", "доля мёртвых нейронов", "share of dead units"),
    "derivative": ("туынды", "производная", "derivative"),
    "epoch": ("эпоха", "эпоха", "epoch"),
    "false positive rate": ("жалған оң үлесі", "доля ложноположительных", "false positive rate"),
    "gradient_norm": ("градиент нормасы", "норма градиента", "norm of the gradient"),
    "hidden layer": ("жасырын қабат", "скрытый слой", "hidden layer"),
    "input layer": ("кіріс қабаты", "входной слой", "input layer"),
    "layer": ("қабат", "слой", "layer"),
    "learning rate": ("оқу жылдамдығы", "скорость обучения", "learning rate"),
    "loss": ("шығын", "потери", "loss"),
    "mistakes": ("қателер", "ошибки", "mistakes"),
    "output layer": ("шығыс қабаты", "выходной слой", "output layer"),
    "precision": ("оң болжам дәлдігі (precision)", "точность (precision)", "precision"),
    "prediction": ("болжам", "прогноз", "prediction"),
    "recall": ("толықтық (recall)", "полнота (recall)", "recall"),
    "share of right answers": ("дұрыс жауаптар үлесі", "доля верных ответов", "share of right answers"),
    "target": ("нысана", "цель", "target"),
    "training": ("оқыту", "обучение", "training"),
    "true positive rate": ("шын оң үлесі", "доля истинно положительных", "true positive rate"),
    "update_ratio": ("жаңарту / салмақ", "обновление / вес", "update / weight"),
    "validation": ("валидация", "валидация", "validation"),
}

#: they differ in brightness too
INK = ("#000000", "#0072b2", "#e69f00", "#7a7a7a", "#56b4e9")
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


def words(who: str, lang: str) -> Mapping[str, str]:
    """The labels of a language; a name that is not among them stays as it is.

    Raises:
        ValueError: if the language is not kk, ru or en.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"plot.{who}: expected a language of {', '.join(LANGUAGES)}, got {lang!r}")
    place = LANGUAGES.index(lang)

    class Words(dict[str, str]):
        def __missing__(self, word: str) -> str:
            return word.replace("_", " ")

    return Words({word: translations[place] for word, translations in WORDS.items()})


def new_figure(who: str, width: float, height: float) -> "Figure":
    """An empty figure without a window or global state.

    Raises:
        ModuleNotFoundError: if matplotlib, of the extra ``[plot]``, is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from jaxnet.plot.notebook import PictureFigure  # needs matplotlib, an extra
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'plot.{who}: drawing needs matplotlib, which is missing; pip install "jaxnet-quiz[plot]"'
        ) from error
    figure = PictureFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def axes_or_new(who: str, ax: "Axes | None", width: float = 5.0, height: float = 4.0) -> "Axes":
    """The axes that were given, or those of a new figure."""
    if ax is not None:
        return ax
    figure = new_figure(who, width, height)
    from jaxnet.plot.notebook import PictureAxes  # needs matplotlib, an extra

    return figure.add_subplot(axes_class=PictureAxes)


def numbers(who: str, what: str, value: Any) -> np.ndarray:
    """``value`` as a finite array on the host."""
    array = np.asarray(_validation.numbers(f"plot.{who}", what, value))
    _validation.check_finite(f"plot.{who}", what, array)
    return array


def shades(count: int) -> list[Any]:
    """Light colours for areas, from pale to medium; they differ in grey too."""
    from matplotlib import colormaps

    return [colormaps["YlGnBu"](v) for v in np.linspace(0.03, 0.45, max(count, 2))][:count]


def greys(count: int) -> list[str]:
    """Colours for points, from white to black."""
    return [f"{v:.3f}" for v in np.linspace(1.0, 0.0, max(count, 2))][:count]


def written(value: float, digits: int = 3) -> str:
    """A number for a picture, with a real minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def names_or_numbers(who: str, names: Sequence[str] | None, count: int) -> list[str]:
    """The names that were given, or 0, 1, 2, ..."""
    if names is None:
        return [str(k) for k in range(count)]
    if len(names) != count:
        raise ValueError(f"plot.{who}: expected {count} names, got {len(names)}")
    return list(names)
