"""Feedback: one page per student: each question, the answer beside the right one, and what went wrong."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from quiz import bank
from quiz.course import gradebook, papers
from quiz.course.folder import Course
from quiz.course.ledger import Ledger, Mark
from quiz.exercise import Ask
from quiz.exercise.program import Row, run_many
from quiz.files import file_name, write_atomic
from quiz.marking.answers import read, to_answer
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, WRONG
from quiz.render import html, sheet
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Gone
from quiz.text.expressions import understood
from quiz.text.fill import fill
from quiz.text.numbers import write
from quiz.variants.variant import Variant

#: Papers whose right answers are worked out together.
CHUNK = 200

Record = dict[str, Any]
#: Ask name to the right answer, as `quiz.key` gives it.
Key = dict[str, Any]


def write_feedback(
    course: Course, ledger: Ledger, sitting: str, folder: Path, *, solutions: bool = False
) -> int:
    """Write one HTML page for each marked paper, in the student's language; return their number.

    Args:
        course: whose papers they are.
        ledger: the papers and marks.
        sitting: the name of the sitting.
        folder: the output folder.
        solutions: whether the pages show the worked solutions.
    """
    count = 0
    marked = ((record, mark) for record, mark in ledger.marks(sitting) if mark is not None)
    while chunk := list(islice(marked, CHUNK)):
        drawn = [_variants(course, record) for record, _mark in chunk]
        keys = iter(right_answers([variant for variants in drawn for variant in variants]))
        for (record, mark), variants in zip(chunk, drawn, strict=True):
            own = [(variant, next(keys)) for variant in variants]
            name = file_name(record["student"], record["paper"])
            content = feedback(course, record, mark, own, solutions=solutions)
            write_atomic(folder / f"{name}.html", content, sync=False)
            count += 1
    return count


def _variants(course: Course, record: Record) -> list[Variant]:
    """Return the variants of a paper, or none if this version can no longer make one of them."""
    try:
        return papers.variants(course, record)
    except Gone:
        return []


def right_answers(variants: Sequence[Variant]) -> list[Key]:
    """Return the key of each variant, worked out together."""
    keys: list[Key] = [{}] * len(variants)
    for name in dict.fromkeys(variant.exercise for variant in variants):
        places = [place for place, variant in enumerate(variants) if variant.exercise == name]
        exercise = bank.exercise(name)
        found = run_many(exercise, [(variants[place].givens, [Row()]) for place in places])
        for place, values in zip(places, found, strict=True):
            keys[place] = {a.name: to_answer(a, values[a.step][(0, *a.index)]) for a in exercise.asks}
    return keys


def feedback(
    course: Course, record: Record, mark: Mark, own: Sequence[tuple[Variant, Key]], *, solutions: bool = False
) -> str:
    """Return the page of one student.

    Args:
        course: the course, for its title.
        record: the record of the paper.
        mark: its mark.
        own: the variants of the paper with their keys; empty if they can no longer be made.
        solutions: whether the page shows the worked solutions.
    """
    lang = record["lang"]
    percent = translate(_("Result: %(percent)s of 100"), lang) % {"percent": write(100 * mark.score, lang, 1)}
    body = [
        f"<h1>{html.text(course.title)}</h1>",
        f"<p><b>{escape(record['name'])}</b> ({escape(record['student'])})</p>",
        f'<p class="note">{escape(record["sitting"])} · {escape(mark.paper)}</p>',
        f'<p class="result">{escape(percent)}</p>',
    ]
    about = {name: value for name, value in mark.about.items() if name != "several"}
    if about:
        body.append(f"<p>{escape(gradebook.state(mark._replace(about=about), lang))}</p>")
    if count := mark.about.get("several"):
        said = translate(
            _("Submissions of this paper received: %(count)d. One of them counts, this one."), lang
        )
        body.append(f"<p>{escape(said % {'count': count})}</p>")
    for place, result in enumerate(mark.result["questions"], 1):
        variant, key = own[place - 1] if place <= len(own) else (None, {})
        body += _question(result, place, variant, key, lang, solutions=solutions)
    return html.page(course.title, lang, "\n".join(body))


def _question(
    result: Record, place: int, variant: Variant | None, key: Key, lang: str, *, solutions: bool
) -> Iterator[str]:
    name, givens = result["exercise"], variant.givens if variant else {}
    title = fill(bank.exercise(name).title, givens, lang) if name in bank.ids() else name
    if "points" in result:
        given = {"title": title, "points": write(result["points"], lang, 2)}
        title = translate(_("%(title)s (points: %(points)s)"), lang) % given
    points = translate(_("%(percent)s of 100"), lang) % {"percent": write(100 * result["score"], lang, 1)}
    yield f'<section aria-labelledby="q{place}">'
    yield f'<h2 id="q{place}">{place}. {html.text(title)} · {escape(points)}</h2>'
    asks = {}
    if variant is not None:
        shown = sheet.question(variant, lang, place)
        asks = {ask.name: ask for ask in variant.asks}
        yield f"<p>{html.text(shown['text'])}</p>"
        if shown["figure"]:
            yield html.picture(shown["figure"], shown["alt"])
    for part in result["parts"]:
        ask = asks.get(part["name"])
        right = _written(ask, key[ask.name], variant, lang) if ask and variant else ""
        label = fill(ask.label, givens, lang) if ask and ask.label else part["name"]
        yield _part(part, label, _given(part, ask, variant, lang), right, lang)
    if solutions and variant is not None:
        yield f'<div class="key">{html.steps(sheet.key_of(variant, lang), lang)}</div>'
    yield "</section>"


_VERDICTS = {
    CORRECT: ("✓", _("right")), FOLLOW_THROUGH: ("✓", _("right, carried forward from your own value")),
    WRONG: ("✗", _("wrong")), INVALID: ("?", _("could not be read")), BLANK: ("–", _("not answered")),
}  # fmt: skip


def _part(part: Record, label: str, given: str, right: str, lang: str) -> str:
    """Return an answer beside the right one, with the verdict and what helps."""
    status, credit = part["status"], part["credit"]
    sign, verdict = _VERDICTS[status]
    said = translate(verdict, lang)
    if status == WRONG and credit > 0:
        status, sign = "part", "◐"
        said = translate(_("partly right, %(percent)s %%"), lang) % {"percent": write(100 * credit, lang, 0)}
    pairs = [(_("your answer"), given)] if status != BLANK else []
    if right and status != CORRECT:
        pairs.append((_("right answer"), right))
    shown = "".join(
        f"<div><dt>{escape(translate(name, lang))}</dt><dd>{text}</dd></div>" for name, text in pairs
    )
    message = f"<p>{html.text(part['message'])}</p>" if status not in (CORRECT, BLANK) else ""
    head = f'<span>{html.text(label)}</span><span class="verdict">{sign} {escape(said)}</span>'
    listed = f"<dl>{shown}</dl>" if shown else ""
    return f'<div class="answer {escape(status)}"><h3>{head}</h3>{listed}{message}</div>'


def _given(part: Record, ask: Ask | None, variant: Variant | None, lang: str) -> str:
    """Return what the student answered, and how it was understood where that differs, as HTML."""
    typed = escape(part["given"])
    if ask is None or variant is None:
        return typed
    reading = read(ask, part["given"], variant, lang)
    if reading.exact is None:
        return typed
    if ask.choices(variant.givens):
        exact = reading.exact if isinstance(reading.exact, int) else list(reading.exact)
        return _written(ask, exact, variant, lang)
    meant = understood(part["given"], reading.exact, lang)
    return f"{typed} = {escape(meant)}" if meant else typed


def _written(ask: Ask, value: Any, variant: Variant, lang: str) -> str:
    """Return an answer as HTML: a number as the language writes it, options in words."""
    if not ask.choices(variant.givens):
        return html.text(sheet.answer(ask, value, lang))
    places: Iterable[int] = value if isinstance(value, list) else [value]
    options = [fill(option, variant.givens, lang) for option in ask.choices(variant.givens)]
    lines = [f"{place}. {html.text(options[place - 1])}" for place in places]
    return "<br>".join(lines) or escape(translate(_("none of these"), lang))
