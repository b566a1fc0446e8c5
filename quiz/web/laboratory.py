"""The pages of the labs: everything stands in the address, so that a link holds the whole state."""

import csv
import io
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, PlainTextResponse, Response

from quiz.exercise.figure import Plot
from quiz.render import figure_svg
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.text.fill import fill
from quiz.text.numbers import write
from quiz.variants.variant import find
from quiz.web import guard, pages
from quiz.web.site import Visit

#: Frames of one answer at most.
AT_ONCE = 40
_FILES = ("frames", "table.csv", "program.py")


def overview(visit: Visit) -> Response:
    """Show which labs there are."""
    from quiz.web.labs import table  # loads JAX

    labs = [
        {
            "name": lab.name,
            "title": translate(lab.title, visit.lang),
            "intro": translate(lab.intro, visit.lang),
        }
        for lab in table.LABS.values()
    ]
    return pages.show(visit, "labs.html", {"labs": labs})


def _lab(visit: Visit) -> Any:
    from quiz.web.labs import table  # loads JAX

    name = visit.request.path_params["lab"]
    if name not in table.LABS:
        raise guard.not_found()
    return table.LABS[name]


@lru_cache(maxsize=256)
def _film(name: str, given: tuple[tuple[str, str], ...], lang: str) -> tuple[Mapping[str, Any], Any]:
    from quiz.web.labs import table  # loads JAX

    lab = table.LABS[name]
    state = lab.state(dict(given), lang)
    return state, lab.film(state)


def _seen(visit: Visit) -> tuple[Any, dict[str, str], Mapping[str, Any], Any]:
    """Return the lab, the settings of the address, the state that they are, and its film."""
    lab = _lab(visit)
    names = [setting.name for setting in lab.settings]
    given = {name: text for name, text in visit.request.query_params.items() if name in names}
    state, film = _film(lab.name, tuple(sorted(given.items())), visit.lang)
    return lab, given, state, film


def _whole(visit: Visit, name: str, default: int) -> int:
    text = visit.request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default


def show(visit: Visit) -> Response:
    """Show one frame of a lab, with its settings, or what is wrong with them."""
    lab = _lab(visit)
    query, lang = visit.request.query_params, visit.lang
    wrong = ""
    try:
        _lab_of, given, state, film = _seen(visit)
    except Refusal as error:
        wrong = error.message(lang)
        given, (state, film) = {}, _film(lab.name, (), lang)
    place = min(_whole(visit, "frame", 0), film.length - 1)
    hidden = place > 0 and lab.judge is not None and query.get("hide") == "1"

    def link(frame: int, **more: str) -> str:
        return f"/labs/{lab.name}?" + urlencode({**given, "frame": frame, **more})

    ends = [0, *film.stops, film.length - 1]
    moves = {
        "first": 0, "back": max(place - 1, 0), "on": min(place + 1, film.length - 1),
        "stop": min((end for end in ends if end > place), default=film.length - 1), "last": film.length - 1,
    }  # fmt: skip
    shown = _frame(lab, film, place, lang, hidden=hidden)
    return pages.show(visit, "lab.html", {
        "lab": lab.name, "heading": translate(lab.title, lang), "intro": translate(lab.intro, lang),
        "fields": _fields(lab, query, lang), "wrong": wrong, "place": place, "length": film.length,
        "frame": shown, "moves": {name: link(frame) for name, frame in moves.items()},
        "outcome": [fill(text, values, lang) for text, values in film.outcome],
        "tasks": [(translate(task.text, lang), bool(task.done(state, film))) for task in lab.tasks],
        "files": {kind: f"/labs/{lab.name}/{kind}?{urlencode(given)}" for kind in _FILES},
        "program": lab.program(state), "given": given,
        "hide": link(place, hide="1") if lab.judge and place else "", "hidden": hidden,
        "judged": _judged(visit, lab, film, place) if hidden else None,
        "answer": query.get("answer", "")[:100], "here": link(place),
        "exercises": [(name, translate(find(name).title, lang)) for name in lab.exercises],
    }, status=400 if wrong else 200)  # fmt: skip


def _fields(lab: Any, query: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """Return the settings with what was typed, or their defaults as the language writes numbers."""
    fields = []
    for s in lab.settings:
        default = s.default if s.choices or s.read else write(Fraction(s.default), lang)
        choices = {word: translate(text, lang) for word, text in s.choices.items()}
        fields.append({
            "name": s.name, "label": translate(s.label, lang), "choices": choices, "long": s.read is not None,
            "value": (query.get(s.name) or default)[:2000],
        })  # fmt: skip
    return fields


def _judged(visit: Visit, lab: Any, film: Any, place: int) -> dict[str, Any] | None:
    """Return whether the answer is the hidden number; None as long as there is no answer."""
    answer = visit.request.query_params.get("answer", "").strip()
    if not answer:
        return None
    try:
        return {"right": lab.judge(film, place, answer, visit.lang), "reason": ""}
    except Refusal as error:
        return {"right": False, "reason": error.message(visit.lang)}


def _frame(lab: Any, film: Any, place: int, lang: str, *, hidden: bool = False) -> dict[str, Any]:
    """Return a frame as plain data: pictures with their descriptions, sentences.

    A hidden number is shown neither in its own frame nor in the picture.
    """

    def area(figure: Any) -> tuple[float, ...] | None:
        return figure_svg.area(figure) if isinstance(figure, Plot) and lab.clicks else None

    frame = film.frame(place)
    pictures = film.frame(place - 1).figures if hidden else frame.figures
    sentences = frame.sentences[:-1] if hidden else frame.sentences
    return {
        "pictures": [
            {
                "svg": figure_svg.draw(figure, values, lang), "alt": figure_svg.alt(figure, values, lang),
                "area": area(figure) if not number else None,
            }
            for number, (figure, values) in enumerate(pictures)
        ],
        "sentences": [fill(text, values, lang) for text, values in sentences],
    }  # fmt: skip


def frames(visit: Visit) -> Response:
    """Send some frames, for a page that shows them one after another."""
    lab, _given, _state, film = _seen(visit)
    first = min(_whole(visit, "frame", 0), film.length - 1)
    places = range(first, min(first + AT_ONCE, film.length))
    found = [_frame(lab, film, place, visit.lang) for place in places]
    for frame in found:
        frame["sentences"] = [str(pages.math(sentence)) for sentence in frame["sentences"]]
    return JSONResponse({"first": first, "length": film.length, "stops": list(film.stops), "frames": found})


def numbers(visit: Visit) -> Response:
    """Send the numbers of a lab as a table."""
    lab, _given, _state, film = _seen(visit)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(film.columns)
    writer.writerows(film.rows)
    response = PlainTextResponse(text.getvalue(), media_type="text/csv")
    response.headers["content-disposition"] = f'attachment; filename="{lab.name}.csv"'
    return response


def program(visit: Visit) -> Response:
    """Send the program that does the same."""
    lab, _given, state, _film_of = _seen(visit)
    response = PlainTextResponse(lab.program(state), media_type="text/x-python")
    response.headers["content-disposition"] = f'attachment; filename="{lab.name}.py"'
    return response
