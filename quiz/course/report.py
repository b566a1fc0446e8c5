"""The analysis as one HTML page with SVG pictures, without scripts or external files."""

from collections.abc import Sequence
from html import escape

from quiz import bank
from quiz.course.analysis import Analysis, ExerciseStatistics
from quiz.render import html
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.numbers import write

_INK, _WARM, _GREY, _PALE = "#0b3c6f", "#c25e00", "#6b6b6b", "#e2e2e2"
#: Thresholds of the remarks: mean score above EASY or below HARD, discrimination below WEAK.
EASY, HARD, WEAK = 0.9, 0.3, 0.2


def page(analysis: Analysis, title: str, lang: str) -> str:
    """Return the whole page."""

    def say(message: str) -> str:
        return translate(message, lang)

    counts = say(_("Papers marked: %(marked)d of %(papers)d.")) % {
        "marked": analysis.marked,
        "papers": analysis.papers,
    }
    body = [f"<h1>{html.text(title)}</h1>", f"<p>{escape(counts)}</p>"]
    if analysis.marked:
        marks = [f"{10 * i}–{10 * i + 10}" for i in range(10)]
        body += [_heading("h2", _("Marks, in percent"), lang), histogram(marks, analysis.scores)]
        body += [_heading("h2", _("Difficulty and discrimination"), lang), f"<p>{escape(say(_HOW))}</p>"]
        body += [scatter(analysis, say(_("mean score, %")), say(_("discrimination"))), table(analysis, lang)]
        for name, statistics in sorted(analysis.exercises.items()):
            body += exercise(name, statistics, lang)
    return html.page(title, lang, "\n".join(body))


_HOW = _(
    "The mean score is high for easy exercises. The discrimination is the correlation of an exercise with "
    "the rest of the paper: near 1 it shows who knows the subject, near 0 it shows nothing, below 0 "
    "something is wrong with it."
)


def table(analysis: Analysis, lang: str) -> str:
    """Return a table with a line per exercise."""
    heads = (_("Exercise"), _("Title"), _("Answers"), _("Mean score, %"), _("Discrimination"), _("Remarks"))
    rows = ["<tr>" + "".join(f"<th>{escape(translate(head, lang))}</th>" for head in heads) + "</tr>"]
    for name, e in sorted(analysis.exercises.items()):
        correlation = "–" if e.discrimination is None else write(e.discrimination, lang, 2)
        cells = [
            escape(name),
            _title(name, lang),
            str(e.moments.count),
            write(100 * e.facility, lang, 1),
            correlation,
        ]
        cells.append(escape("; ".join(translate(r, lang) for r in remarks(e))))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "<table>" + "\n".join(rows) + "</table>"


def remarks(e: ExerciseStatistics) -> list[str]:
    """Return what a teacher should look at, as messages."""
    analysis = []
    if e.facility > EASY:
        analysis.append(_("very easy"))
    if e.facility < HARD:
        analysis.append(_("very hard"))
    if e.discrimination is not None and e.discrimination < WEAK:
        analysis.append(_("says little about who knows the subject"))
    return analysis


def exercise(name: str, statistics: ExerciseStatistics, lang: str) -> list[str]:
    """Return the section of one exercise: the statuses of its answers and the slips."""
    made = [f"<h2>{escape(name)}: {_title(name, lang)}</h2>", shares(statistics, lang)]
    if statistics.slips:
        texts = {slip.name: slip.text for slip in bank.exercise(name).slips} if name in bank.ids() else {}
        most = statistics.slips.most_common()
        made.append(_heading("h3", _("Slips, most frequent first"), lang))
        made.append(bars([slip for slip, _count in most], [count for _slip, count in most]))
        slips = "".join(
            f"<li><b>{escape(slip)}</b> ({count}): {html.text(translate(texts.get(slip, ''), lang))}</li>"
            for slip, count in most
        )
        made.append(f"<ul>{slips}</ul>")
    return made


def _heading(tag: str, message: str, lang: str) -> str:
    return f"<{tag}>{escape(translate(message, lang))}</{tag}>"


def _title(name: str, lang: str) -> str:
    return html.text(translate(bank.exercise(name).title, lang)) if name in bank.ids() else ""


def shares(statistics: ExerciseStatistics, lang: str) -> str:
    """Return a table of the share of each status, a line per ask."""
    heads = {
        "correct": _("right"), "wrong": _("wrong"),
        "follow-through": _("right, carried forward from the student's own value"),
        "invalid": _("unreadable"), "blank": _("blank"),
    }  # fmt: skip
    rows = [
        "<tr><th></th>" + "".join(f"<th>{escape(translate(h, lang))}</th>" for h in heads.values()) + "</tr>"
    ]
    for ask, a in statistics.asks.items():
        total = sum(a.statuses.values())
        cells = "".join(f"<td>{write(100 * a.statuses[s] / total, lang, 0)} %</td>" for s in heads)
        rows.append(f"<tr><th>{escape(ask)}</th>{cells}</tr>")
    return "<table>" + "\n".join(rows) + "</table>"


def histogram(names: Sequence[str], counts: Sequence[int]) -> str:
    """Draw a histogram."""
    top, parts = max(counts) or 1, []
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        x, height = 20 + 52 * place, 140 * count / top
        parts.append(f'<rect x="{x}" y="{160 - height:.1f}" width="44" height="{height:.1f}" fill="{_INK}"/>')
        parts.append(_label(x + 22, 176, name))
        parts.append(_label(x + 22, 154 - height, str(count)))
    return _picture(560, 190, parts)


def bars(names: Sequence[str], counts: Sequence[int]) -> str:
    """Draw a horizontal bar for each name."""
    top, parts = max(counts) or 1, []
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        y, width = 8 + 22 * place, 300 * count / top
        parts.append(_label(190, y + 12, name, "end"))
        parts.append(f'<rect x="200" y="{y}" width="{width:.1f}" height="16" fill="{_WARM}"/>')
        parts.append(_label(206 + width, y + 12, str(count), "start"))
    return _picture(560, 16 + 22 * len(names), parts)


def scatter(analysis: Analysis, x_label: str, y_label: str) -> str:
    """Draw every exercise as a point: discrimination against mean score."""
    parts = []
    for tick in range(0, 101, 25):
        x = 60 + 4.6 * tick
        parts.append(
            f'<line x1="{x}" y1="20" x2="{x}" y2="260" stroke="{_PALE}"/>{_label(x, 276, str(tick))}'
        )
    for tick in (-1, 0, 1):
        y = 140 - 120 * tick
        parts.append(f'<line x1="60" y1="{y}" x2="520" y2="{y}" stroke="{_GREY if not tick else _PALE}"/>')
        parts.append(_label(52, y + 4, str(tick).replace("-", "\N{MINUS SIGN}"), "end"))
    places = [
        (140 - 120 * (e.discrimination or 0), 60 + 460 * e.facility, name, e)
        for name, e in analysis.exercises.items()
    ]
    free = 0.0  # labels are beside the points, one below another, each with a line to its point
    for y, x, name, e in sorted(places, key=lambda place: place[:3]):
        free = max(free + 13, y)
        ink = _WARM if remarks(e) else _INK
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{ink}"><title>{escape(name)}</title></circle>'
        side, anchor = (-1, "end") if x > 290 else (1, "start")
        line = (
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x + 40 * side:.1f}" y2="{free - 4:.1f}" stroke="{_GREY}"/>'
        )
        parts += [line, dot, _label(x + 44 * side, free, name, anchor)]
    parts += [_label(290, 296, x_label), _label(64, 16, y_label, "start")]
    return _picture(560, 304, parts)


def _label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _picture(width: int, height: int, parts: Sequence[str]) -> str:
    style = 'font-family="sans-serif" font-size="11" style="max-width:100%"'
    inside = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" {style}>{inside}</svg>'
