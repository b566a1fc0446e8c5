"""Jupyter notebooks without keys: for practice, checked by the installed library, or papers to fill in."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from quiz.export.items import Item
from quiz.extras import import_extra
from quiz.marking.answers import read_lines
from quiz.marking.grading import grade
from quiz.render import markdown, sheet
from quiz.text import mark as _
from quiz.text import translate
from quiz.variants.variant import generate, parse_name


def document(items: Iterable[Item], lang: str, title: str) -> str:
    """Return a notebook for practice: per question a cell for the answers and one that checks them."""
    cells = [_markdown(f"# {markdown.text(title)}\n\n{translate(_HOW, lang)}")]
    cells.append(_code_cell("from quiz.export.notebook import check\n\nanswers = {}"))
    public = True
    for place, item in enumerate(items, 1):
        public = public and item.public
        cells += _question(sheet.question(item.variant, lang, place, name=item.name), lang)
        if item.public:
            cells.append(_code_cell(f"check({json.dumps(item.name)}, answers[{place}], {json.dumps(lang)})"))
    return _write(cells)


def paper(made: sheet.Sheet) -> str:
    """Return a paper as a notebook to fill in and submit."""
    lang, labels = made["lang"], sheet.labels(made["lang"])
    head = [f"# {markdown.text(made['title'])}"]
    if student := made.get("student"):
        head.append(
            f"{labels['student']}: **{markdown.escape(student['name'])}** ({markdown.escape(student['id'])})"
        )
    cells = [_markdown("\n\n".join([*head, translate(_HOW, lang)]))]
    cells.append(
        _code_cell(f'paper, mac = "{made.get("paper", "")}", "{made.get("mac", "")}"\nanswers = {{}}')
    )
    for question in made["questions"]:
        cells += _question(question, lang)
    return _write(cells)


_HOW = _("Write each answer after its `=` sign, one per line; leave everything else unchanged.")


def _question(question: sheet.Question, lang: str) -> list[dict[str, Any]]:
    blanks = "".join(f"{ask['name']} = \n" for ask in question["asks"])
    return [
        _markdown("\n".join(markdown.question(question, lang))),
        _code_cell(f'answers[{question["number"]}] = """\n{blanks}"""'),
    ]


def _markdown(text: str) -> dict[str, Any]:
    return import_extra("nbformat.v4").new_markdown_cell(text)


def _code_cell(text: str) -> dict[str, Any]:
    return import_extra("nbformat.v4").new_code_cell(text)


def _write(cells: list[dict[str, Any]]) -> str:
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # reproducible
    about = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    made = import_extra("nbformat.v4").new_notebook(cells=cells, metadata=about)
    return import_extra("nbformat").writes(made) + "\n"


def check(variant: str, answers: str | Mapping[str, Any], lang: str = "en") -> float:
    """Mark answers to a variant and print the feedback on each; called by the cells of a notebook.

    Args:
        variant: its name, such as ``q2.update@7``.
        answers: lines ``name = answer``, or names to answers.
        lang: ``kk``, ``ru`` or ``en``.

    Returns:
        The score, from 0 to 1.
    """
    exercise, seed = parse_name(variant)
    given = read_lines("1", answers) if isinstance(answers, str) else answers
    marks = grade(generate(exercise.id, seed), given, lang)
    for part in marks.parts.values():
        print(f"{part.name} = {part.given.strip()}: {part.message(lang).replace('`', '')}")
    return marks.score
