"""The fields of an HTML paper: a line, radio buttons, check boxes, a grid of numbers, a list to sort."""

from html import escape
from typing import Any

from quiz.render import formula
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import strip


def field(ask: dict[str, Any], number: int, lang: str) -> str:
    """Return the field for an answer, with its label.

    The answer is the value of the elements with ``data-question`` and ``data-ask``; a grid and a list keep it
    in a hidden one.

    Args:
        ask: from `quiz.render.sheet.question`.
        number: the place of the question on the sheet.
        lang: ``kk``, ``ru`` or ``en``.
    """
    name = f"{escape(ask['name'])}-{number}"
    about = f'data-question="{number}" data-ask="{escape(ask["name"])}"'
    label = math(ask["label"])
    kind = ask["kind"] if ask["kind"] in _KINDS else "text"
    whole = f'<div class="ask" data-kind="{kind}" id="ask-{name}">'
    if kind == "number":
        box = f'<input id="{name}" {about} {_TYPED} aria-describedby="said-{name}">'
        return f'{whole}<label for="{name}">{label}</label> {box}{_said(name)}</div>'
    how = translate(_HOW[kind], lang) if kind in _HOW else ask["how"] if kind == "text" else ""
    legend = f"<legend>{label}</legend>" + (f'<p class="note">{escape(how)}</p>' if how else "")
    hidden = f'<input type="hidden" {about}>'
    if kind == "choice":
        inner = _options(ask, "radio", name, about)
    elif kind == "several":
        none = (0, translate(_("none of these"), lang))
        inner = _options(ask, "checkbox", name, about, none)
    elif kind in ("order", "blocks"):
        inner = _sortable(ask, name, lang) + hidden
    elif kind == "text":
        listed = "".join(f"<li>{math(option)}</li>" for option in ask["options"])
        box = f'<input id="{name}" {about} {_TYPED} aria-label="{escape(strip(ask["label"]))}">'
        inner = (f'<ol class="listed">{listed}</ol>' if listed else "") + box
    else:
        inner = _grid(ask, name, lang) + hidden + _said(name)
    return f"{whole}<fieldset>{legend}{inner}</fieldset></div>"


_TYPED = 'autocomplete="off" spellcheck="false"'
#: Kinds of ask that have a field of their own; any other is answered in a line of text.
_KINDS = ("number", "vector", "matrix", "choice", "several", "order", "blocks")
_HOW = {
    "choice": _("Choose one."),
    "several": _("Choose all that apply."),
    "order": _("Put the lines in order with the arrows."),
    "blocks": _("Tick the lines that are needed, and put them in order with the arrows."),
}


def math(message: str) -> str:
    """Convert a text with formulas to HTML.

    Example:
        >>> math("`z < 1` & more")
        '<span class="math">z &lt; 1</span> &amp; more'
    """
    made = []
    for is_formula, part in formula.parts(message):
        if is_formula:
            made.append(f'<span class="math{" long" if len(part) > 28 else ""}">{escape(part)}</span>')
        else:
            made.append(escape(part).replace("\n", "<br>"))
    return "".join(made)


def _said(name: str) -> str:
    """A place that says how an answer is understood, while it is typed."""
    return f'<output class="said" id="said-{name}" for="{name}"></output>'


def _options(ask: dict[str, Any], kind: str, name: str, about: str, *more: tuple[int, str]) -> str:
    lines = []
    for value, text in (*enumerate(ask["options"], 1), *more):
        box = f'<input type="{kind}" name="{name}" value="{value}" {about}>'
        place = f'<span class="place">{value}.</span> ' if value else ""
        lines.append(f"<label>{box} <span>{place}{math(text)}</span></label>")
    return f'<div class="options">{"".join(lines)}</div>'


def _sortable(ask: dict[str, Any], name: str, lang: str) -> str:
    up, down = translate(_("move up"), lang), translate(_("move down"), lang)
    use = escape(translate(_("needed"), lang)) if ask["kind"] == "blocks" else ""
    lines = []
    for value, text in enumerate(ask["options"], 1):
        plain = escape(strip(text))
        buttons = "".join(
            f'<button type="button" class="{way}" aria-label="{escape(said)}: {plain}">{sign}</button>'
            for way, said, sign in (("up", up, "↑"), ("down", down, "↓"))
        )
        needed = f'<input type="checkbox" class="use" aria-label="{use}: {plain}"> ' if use else ""
        inner = f'<span>{needed}{math(text)}</span><span class="move">{buttons}</span>'
        lines.append(f'<li data-option="{value}">{inner}</li>')
    taken = translate(_("The order is my answer"), lang)
    box = f'<label class="taken"><input type="checkbox" id="{name}"> {escape(taken)}</label>'
    box = "" if use else box
    return f'<ol class="sortable">{"".join(lines)}</ol>{box}<p class="said" role="status"></p>'


def _grid(ask: dict[str, Any], name: str, lang: str) -> str:
    """A field for each number; the first has the name of the answer."""
    shape = ask["shape"]
    row_of, cell_of = (
        translate(_("row %(row)s, column %(column)s"), lang),
        translate(_("number %(place)s"), lang),
    )
    lines = []
    for row in range(shape[0] if len(shape) > 1 else 1):
        cells = []
        for column in range(shape[-1]):
            where = row_of % {"row": row + 1, "column": column + 1}
            where = where if len(shape) > 1 else cell_of % {"place": column + 1}
            own = f'id="{name}"' if row == column == 0 else ""
            cells.append(
                f'<td><input class="cell" {own} aria-label="{escape(strip(ask["label"]))}, {escape(where)}" '
                f'{_TYPED} aria-describedby="said-{name}"></td>'
            )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    kind = "matrix" if len(shape) > 1 else "vector"
    label = escape(strip(ask["label"]))
    table = f'<table class="grid {kind}" role="presentation">{"".join(lines)}</table>'
    return f'<div class="wide" tabindex="0" role="group" aria-label="{label}">{table}</div>'
