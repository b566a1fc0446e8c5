"""Moodle XML: numerical, multichoice and cloze questions with tolerances, feedback for slips and pictures.

It contains the keys, so it is for the teacher only. Moodle's importer takes the first answer that matches, so
the correct one comes first, then the slips, then ``*``; cloze weights must be integers, and fractions must be
in Moodle's list; formulas are in ``\\( \\)``; numbers have a decimal point.
"""

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

from quiz.export.items import Field, Item, best_choice, decimal, fields, points
from quiz.export.xml import element, sub, to_bytes
from quiz.render import formula, sheet
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.fill import fill
from quiz.text.numbers import write

#: The fractions that Moodle's importer accepts, besides 0 and their negatives.
FRACTIONS = (
    "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20",
    "16.66667", "14.28571", "12.5", "11.11111", "10", "5",
)  # fmt: skip


def document(items: Iterable[Item], lang: str, title: str) -> bytes:
    """Return the file: per exercise a category with a question per variant, and one with choices."""
    root = element("", "quiz")
    choices: list[tuple[Item, Field]] = []
    before = None
    for item in items:
        if item.exercise.id != before:
            _flush(root, choices, lang, title)
            before = item.exercise.id
            _category(root, item, lang, title)
        found = fields(item, lang)
        if len(found) == 1 and found[0].kind != "several":
            _single(root, item, found[0], lang)
        else:
            _cloze(root, item, found, lang)
        if (choice := best_choice(found)) is not None:
            choices.append((item, choice))
    _flush(root, choices, lang, title)
    return to_bytes(root)


def _flush(root: Any, choices: list[tuple[Item, Field]], lang: str, title: str) -> None:
    """Write the choices from slips of one exercise, in a separate category."""
    if choices:
        _category(root, choices[0][0], lang, title, translate(_("choice"), lang))
        for item, choice in choices:
            _single(root, item, choice, lang, "-choice")
        choices.clear()


def html(message: str) -> str:
    """Return a text as HTML for Moodle, with formulas for MathJax."""
    made = []
    for is_formula, part in formula.parts(message):
        made.append(escape(rf"\({formula.latex(part)}\)" if is_formula else part, quote=False))
    return "".join(made).replace("\n", "<br>")


def _category(root: Any, item: Item, lang: str, title: str, below: str = "") -> None:
    question = sub(root, "question", type="category")
    own = translate(item.exercise.title, lang).replace("`", "")
    number = translate(_("Question %(number)s"), lang) % {"number": item.exercise.question}
    path = [title, number, own, *([below] if below else [])]
    _text(question, "category", "/".join(["$course$", "top", *(part.replace("/", "//") for part in path)]))
    _text(question, "info", "", format="html")
    suffix = "-choice" if below else ""
    sub(question, "idnumber").text = f"{item.exercise.id.replace('.', '-')}{suffix}"


def _begin(root: Any, item: Item, kind: str, lang: str, body: str, suffix: str = "") -> Any:
    question = sub(root, "question", type=kind)
    _text(question, "name", f"{translate(item.exercise.title, lang).replace('`', '')} · {item.number:04d}")
    shown = sheet.question(item.variant, lang, item.number)
    head = f"<p>{html(shown['text'])}</p>"
    if shown["figure"]:
        head += f'<p><img src="@@PLUGINFILE@@/{item.ident}.svg" alt="{escape(shown["alt"])}"></p>'
    text = _text(
        question,
        "questiontext",
        f"{head}{body}<p><small>{html(shown['precision'])}</small></p>",
        format="html",
    )
    if shown["figure"]:
        file = sub(text, "file", name=f"{item.ident}.svg", path="/", encoding="base64")
        file.text = base64.b64encode(shown["figure"].encode()).decode()
    steps = "".join(f"<li>{html(line)}</li>" for line in sheet.key_of(item.variant, lang)["steps"])
    _text(question, "generalfeedback", f"<ol>{steps}</ol>", format="html")
    grade = {} if kind == "cloze" else {"defaultgrade": "1"}
    _subs(question, **grade, penalty="0.1", hidden="0", idnumber=item.ident + suffix)
    return question


def _end(question: Any, item: Item, lang: str) -> None:
    for hint in item.exercise.hints:
        _text(question, "hint", html(fill(hint, item.variant.givens, lang)), format="html")
    tags = sub(question, "tags")
    for tag in ("ann", item.exercise.id, f"level-{item.exercise.level}", lang):
        _text(tags, "tag", tag)


def _single(root: Any, item: Item, field: Field, lang: str, suffix: str = "") -> None:
    """Add a question with one blank."""
    if field.kind == "number":
        question = _begin(root, item, "numerical", lang, f"<p>{html(field.label)} = ?</p>", suffix)
        _answer(
            question, "100", decimal(field.value), translate(_("Correct."), lang), decimal(field.tolerance)
        )
        for value, message in field.wrong:
            _answer(question, "0", decimal(value), html(message), decimal(field.tolerance))
        _answer(question, "0", "*", translate(_("Not correct."), lang), "0")
        _subs(question, unitgradingtype="0", unitpenalty="0.1", showunits="3", unitsleft="0")
    else:
        question = _begin(root, item, "multichoice", lang, f"<p>{html(field.label)} = ?</p>", suffix)
        shuffled = "true" if suffix else "false"
        _subs(
            question,
            single="true",
            shuffleanswers=shuffled,
            answernumbering="123",
            showstandardinstruction="0",
        )
        for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
            _text(question, name, "", format="html")
        for option, fraction in zip(field.options, _fractions(field), strict=True):
            text = write(float(option.text), lang, 6) if suffix else option.text
            _answer(question, fraction, html(text), html(option.feedback), form="html")
    _end(question, item, lang)


def _answer(
    question: Any,
    fraction: str,
    text: str,
    feedback: str,
    tolerance: str = "",
    form: str = "moodle_auto_format",
) -> None:
    answer = sub(question, "answer", fraction=fraction, format=form)
    sub(answer, "text").text = text
    if tolerance:
        sub(answer, "tolerance").text = tolerance
    _text(answer, "feedback", feedback, format="html")


def _fractions(field: Field) -> list[str]:
    """Return the fraction of each option; on average, guessing earns nothing."""
    right = sum(option.right for option in field.options)
    wrong = len(field.options) - right
    least = FRACTIONS[-1]
    share = {
        count: next(f for f in FRACTIONS if abs(float(f) * count - 100) < 0.01)
        for count in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    }
    return [share.get(right, least) if o.right else "-" + share.get(wrong, least) for o in field.options]


def _cloze(root: Any, item: Item, found: list[Field], lang: str) -> None:
    """Add a question with several blanks in its text."""
    lines = [
        f"<p>{html(field.label)} = {_blank(field, weight)}</p>"
        for field, weight in zip(found, points(found), strict=True)
    ]
    _end(_begin(root, item, "cloze", lang, "".join(lines)), item, lang)


def _blank(field: Field, weight: int) -> str:
    """Write a blank in Moodle's notation.

    Example:
        >>> from fractions import Fraction
        >>> _blank(Field("z", "", "number", Fraction(1), 0.35, 0.005, ((-0.15, "the sign"),)), 2)
        '{2:NUMERICAL:=0.35:0.005~%0%-0.15:0.005#the sign}'
    """
    if field.kind == "number":
        tolerance = decimal(field.tolerance)
        answers = [f"={decimal(field.value)}:{tolerance}"]
        answers += [
            f"%0%{decimal(value)}:{tolerance}#{cloze(html(message))}" for value, message in field.wrong
        ]
        return "{" + f"{weight}:NUMERICAL:" + "~".join(answers) + "}"
    answers = []
    for option, fraction in zip(field.options, _fractions(field), strict=True):
        sign = "=" if fraction == "100" else f"%{fraction}%" if field.kind == "several" else "%0%"
        feedback = "#" + cloze(html(option.feedback)) if option.feedback else ""
        answers.append(sign + cloze(html(option.text)) + feedback)
    kind = "MULTIRESPONSE" if field.kind == "several" else "MULTICHOICE_V"
    return "{" + f"{weight}:{kind}:" + "~".join(answers) + "}"


def cloze(text: str) -> str:
    r"""Escape a text within a blank, where ``}``, ``#`` and ``~`` would end it.

    Example:
        >>> cloze(r"\(w_{1}\) # ~")
        '\\(w_{1\\}\\) \\# \\~'
    """
    return text.replace("}", r"\}").replace("#", r"\#").replace("~", r"\~")


def _subs(parent: Any, **texts: str) -> None:
    for name, text in texts.items():
        sub(parent, name).text = text


def _text(parent: Any, name: str, text: str, /, **attributes: str) -> Any:
    made = sub(parent, name, **attributes)
    sub(made, "text").text = text
    return made
