"""The analysis as one HTML page with SVG pictures, without scripts or external files."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from math import atanh, sqrt, tanh
from statistics import mean, median, quantiles
from typing import Any

from quiz import bank
from quiz.course.analysis import FEW as FEW_FOR_DISCRIMINATION
from quiz.course.analysis import Analysis, AskStatistics, ExerciseStatistics
from quiz.course.ledger import Mark
from quiz.render import html
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import write

#: Thresholds of the remarks: mean score above EASY or below HARD, discrimination below WEAK.
EASY, HARD, WEAK = 0.9, 0.3, 0.2
#: Papers below which a mean is not judged.
FEW = 10

#: The record of a paper, and its mark if it has one.
Paper = tuple[dict[str, Any], Mark | None]


def page(analysis: Analysis, title: str, lang: str, marks: Iterable[Paper] = ()) -> str:
    """Return the whole page.

    Args:
        analysis: from `quiz.course.analysis.analyse`.
        title: the title.
        lang: ``kk``, ``ru`` or ``en``.
        marks: the papers of the sitting with their marks, for the list of students.
    """
    papers = list(marks)
    counts = translate(_("Papers marked: %(marked)d of %(papers)d."), lang)
    counts %= {"marked": analysis.marked, "papers": analysis.papers}
    body = [f"<h1>{html.text(title)}</h1>", f"<p>{escape(counts)}</p>"]
    body += _summary([mark.score for _record, mark in papers if mark is not None], lang)
    if analysis.marked:
        heading = translate(_("Marks, in percent"), lang)
        body += [f"<h2>{escape(heading)}</h2>", histogram(analysis.scores, heading)]
    body += students(papers, lang)
    if analysis.marked:
        body += _exercises(analysis, lang)
        for name, statistics in sorted(analysis.exercises.items()):
            body += exercise(name, statistics, lang)
    return html.page(title, lang, "\n".join(body))


def _summary(scores: Sequence[float], lang: str) -> list[str]:
    """Return the mean, the median and where the middle half lies; for one paper there is nothing to say."""
    if len(scores) < 2:
        return []
    low, _middle, high = quantiles(scores, n=4, method="inclusive")
    text = translate(
        _("Median %(median)s, mean %(mean)s, the middle half from %(low)s to %(high)s of 100."), lang
    )
    values = {"median": median(scores), "mean": mean(scores), "low": low, "high": high}
    return [f"<p>{escape(text % {name: write(100 * v, lang, 1) for name, v in values.items()})}</p>"]


def students(papers: Sequence[Paper], lang: str) -> list[str]:
    """Return who handed in nothing, and a table of all students."""
    if not papers:
        return []
    absent = [record["name"] for record, mark in papers if mark is None]
    made = [_heading("h2", _("Students"), lang)]
    if absent:
        said = translate(_("Nothing handed in (%(count)d):"), lang) % {"count": len(absent)}
        made.append(f"<p><b>{escape(said)}</b> {escape(', '.join(absent))}</p>")
    rows = []
    for record, mark in papers:
        percent = write(100 * mark.score, lang, 1) if mark else translate(_("not handed in"), lang)
        rows.append([escape(f"{record['name']} ({record['student']})"), escape(percent)])
    heads = [escape(translate(head, lang)) for head in (_("Student"), _("Percent"))]
    return [*made, _table(heads, rows, translate(_("Students"), lang))]


def _exercises(analysis: Analysis, lang: str) -> list[str]:
    """Return the comparison of the exercises."""
    enough = analysis.marked >= FEW_FOR_DISCRIMINATION
    made = [_heading("h2", _("Difficulty and discrimination") if enough else _("Difficulty"), lang)]
    if enough:
        made.append(f"<p>{escape(translate(_HOW, lang))}</p>")
        title = translate(_("Difficulty and discrimination"), lang)
        picture = scatter(
            analysis, translate(_("mean score, %"), lang), translate(_("discrimination"), lang), lang
        )
        made.append(html.wide(picture, title))
    else:
        said = translate(
            _("How well an exercise tells who knows the subject needs at least %(least)d papers."), lang
        )
        made.append(f"<p>{escape(said % {'least': FEW_FOR_DISCRIMINATION})}</p>")
    return [*made, table(analysis, lang)]


_HOW = _(
    "The mean score is high for easy exercises. The discrimination is the correlation of an exercise with "
    "the rest of the paper: near 1 it shows who knows the subject, near 0 it shows nothing, below 0 "
    "something is wrong with it. Its 95 % interval is in brackets."
)


def table(analysis: Analysis, lang: str) -> str:
    """Return a table with a line per exercise."""
    enough = analysis.marked >= FEW_FOR_DISCRIMINATION
    heads = [_("Exercise"), _("Answers"), _("Mean score, %")]
    heads += [_("Discrimination")] if enough else []
    rows = []
    for name, e in sorted(analysis.exercises.items()):
        row = [_title(name, lang), str(e.moments.count), write(100 * e.facility, lang, 1)]
        rows.append([*row, *([_interval_text(e, lang)] if enough else []), "; ".join(_remarks(e, lang))])
    titles = [escape(translate(head, lang)) for head in (*heads, _("Remarks"))]
    return _table(titles, rows, translate(_("Difficulty"), lang))


def interval(e: ExerciseStatistics) -> tuple[float, float] | None:
    """Return the 95 % confidence interval of the discrimination (Fisher, 1915), if papers are enough."""
    r, count = e.discrimination, e.moments.count
    if r is None or count < FEW_FOR_DISCRIMINATION:
        return None
    middle, half = atanh(max(-0.9999, min(0.9999, r))), 1.96 / sqrt(count - 3)
    return tanh(middle - half), tanh(middle + half)


def _interval_text(e: ExerciseStatistics, lang: str) -> str:
    bounds = interval(e)
    if bounds is None:
        return "–"
    low, high = (write(bound, lang, 2) for bound in bounds)
    return f"{write(e.discrimination or 0.0, lang, 2)} ({low} … {high})"


def remarks(e: ExerciseStatistics) -> list[str]:
    """Return what a teacher should look at, as messages; only what the number of papers carries."""
    found, count = [], e.moments.count
    error = 2 * sqrt(e.moments.xx / (count * (count - 1))) if count >= FEW else None
    if error is not None and e.facility - error > EASY:
        found.append(_("very easy"))
    if error is not None and e.facility + error < HARD:
        found.append(_("very hard"))
    bounds = interval(e)
    if bounds is not None and bounds[1] < WEAK:
        found.append(_("says little about who knows the subject"))
    return found


def _remarks(e: ExerciseStatistics, lang: str) -> list[str]:
    return [escape(translate(remark, lang)) for remark in remarks(e)]


def exercise(name: str, statistics: ExerciseStatistics, lang: str) -> list[str]:
    """Return the section of one exercise: the statuses of its answers and the slips."""
    named = f'<span class="note">{escape(name)}</span>'
    made = [f"<h2>{_title(name, lang)} {named}</h2>", shares(name, statistics, lang)]
    if statistics.slips:
        texts = {slip.name: slip.text for slip in bank.exercise(name).slips} if name in bank.ids() else {}
        made.append(_heading("h3", _("Slips, most frequent first"), lang))
        most = statistics.slips.most_common()
        lines = "".join(
            f"<li>{_bar(count / most[0][1])} {count} · {html.text(_plain(texts.get(slip, slip), lang))}</li>"
            for slip, count in most
        )
        made.append(f'<ol class="slips">{lines}</ol>')
    return made


def _bar(share: float) -> str:
    """Draw how frequent a slip is beside the most frequent one; the number follows as text."""
    return (
        f'<svg class="plot bar-of" width="{6 + 90 * share:.0f}" height="12" aria-hidden="true">'
        '<rect class="warm" width="100%" height="12" rx="2"/></svg>'
    )


def _heading(tag: str, message: str, lang: str) -> str:
    return f"<{tag}>{escape(translate(message, lang))}</{tag}>"


def _title(name: str, lang: str) -> str:
    return html.text(_plain(bank.exercise(name).title, lang)) if name in bank.ids() else escape(name)


def _plain(message: str, lang: str) -> str:
    """Translate a message of an exercise; what differs between students is left out."""
    return re.sub(r"%\(\w+\)s", "…", translate(message, lang)).replace("%%", "%")


def shares(name: str, statistics: ExerciseStatistics, lang: str) -> str:
    """Return a table of the share of each status, a line per ask."""
    heads = {
        "correct": _("right"), "wrong": _("wrong"),
        "follow-through": _("right, carried forward from the student's own value"),
        "invalid": _("unreadable"), "blank": _("blank"),
    }  # fmt: skip
    labels = {ask.name: ask.label for ask in bank.exercise(name).asks} if name in bank.ids() else {}
    rows = [
        [html.text(_plain(labels.get(ask) or ask, lang)), *_percents(a, heads, lang)]
        for ask, a in statistics.asks.items()
    ]
    titles = ["", *(escape(translate(head, lang)) for head in heads.values())]
    return _table(titles, rows, strip_tags(_title(name, lang)))


def _percents(a: AskStatistics, statuses: Iterable[str], lang: str) -> list[str]:
    total = sum(a.statuses.values())
    return [f"{write(100 * a.statuses[status] / total, lang, 0)}\N{NO-BREAK SPACE}%" for status in statuses]


def strip_tags(content: str) -> str:
    """Return the text of HTML of our own."""
    return re.sub("<[^>]*>", "", content)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    head = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in heads)
    lines = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    made = f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
    return html.wide(made, label)


def histogram(counts: Sequence[int], title: str) -> str:
    """Draw a histogram of ten bars from 0 to 100, no wider than a phone."""
    top, parts = max(counts) or 1, [_label(12 + 32 * tick, 176, str(10 * tick)) for tick in range(11)]
    for place, count in enumerate(counts):
        x, height = 14 + 32 * place, 140 * count / top
        parts.append(f'<rect class="ink" x="{x}" y="{160 - height:.1f}" width="28" height="{height:.1f}"/>')
        parts.append(_label(x + 14, 154 - height, str(count)) if count else "")
    told = ", ".join(f"{10 * n}–{10 * n + 10}: {count}" for n, count in enumerate(counts) if count)
    return _picture(344, 190, parts, f"{title}. {told}")


def scatter(analysis: Analysis, x_label: str, y_label: str, lang: str) -> str:
    """Draw every exercise as a point: discrimination against mean score."""
    parts = []
    for tick in range(0, 101, 25):
        x = 60 + 4.6 * tick
        parts.append(f'<line class="pale" x1="{x}" y1="20" x2="{x}" y2="260"/>{_label(x, 276, str(tick))}')
    for tick in (-1, 0, 1):
        y = 140 - 120 * tick
        parts.append(f'<line class="{"pale" if tick else "grey"}" x1="60" y1="{y}" x2="520" y2="{y}"/>')
        parts.append(_label(52, y + 4, str(tick).replace("-", "\N{MINUS SIGN}"), "end"))
    places = sorted(
        (140 - 120 * (e.discrimination or 0), 60 + 460 * e.facility, name)
        for name, e in analysis.exercises.items()
    )
    free = 0.0  # labels are beside the points, one below another, each with a line to its point
    told = []
    for y, x, name in places:
        free = max(free + 13, y)
        title = strip_tags(_title(name, lang))
        warm = "warm" if remarks(analysis.exercises[name]) else "ink"
        dot = f'<circle class="{warm}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        side, anchor = (-1, "end") if x > 290 else (1, "start")
        line = f'<line class="grey" x1="{x:.1f}" y1="{y:.1f}" x2="{x + 40 * side:.1f}" y2="{free - 4:.1f}"/>'
        parts += [line, dot, _label(x + 44 * side, free, _shortened(title), anchor)]
        told.append(title)
    parts += [_label(290, 296, x_label), _label(64, 16, y_label, "start")]
    return _picture(560, max(304, int(free) + 40), parts, f"{y_label}, {x_label}: {', '.join(told)}")


def _shortened(title: str, most: int = 36) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"


def _label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _picture(width: int, height: int, parts: Sequence[str], told: str) -> str:
    inside = "".join(parts)
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{escape(told)}">{inside}</svg>'
    )
