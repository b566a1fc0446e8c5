"""Writes papers for the command `quiz paper`, and the command `quiz preview`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from quiz.cli.console import progress, say
from quiz.cli.options import lang_option
from quiz.course import blueprint as blueprints
from quiz.course import papers
from quiz.course.ledger import Ledger
from quiz.export.formats import FORMATS, KEYS, PAPERS
from quiz.files import file_name, write_atomic
from quiz.render import sheet, typst
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.variants.variant import generate


def write(
    ledger: Ledger, issued: Iterable[tuple[dict[str, Any], sheet.Sheet]], count: int, formats: Sequence[str],
    output: Path, lang: str, *, combined: bool = False, send: str = "", force: bool = False,
) -> list[str]:  # fmt: skip
    """Write the papers of a class; return the names of files that were changed and are left as they are.

    Args:
        ledger: where it stands what was written before.
        issued: the record and the sheet of each paper.
        count: how many there are.
        formats: the formats of the files, one file per student and format.
        output: the output folder.
        lang: the language of messages.
        combined: whether to write one PDF with all papers too.
        send: what an HTML paper says about where its answers go; a general sentence if empty.
        force: whether to overwrite files that were changed, perhaps filled in.
    """
    sheets, foreign, changed = [], [], []
    with progress(_("papers"), count, lang) as step:
        for record, made in issued:
            name = file_name(record["student"], record["paper"])
            for kind in dict.fromkeys(formats):
                shown = made | {"send": send} if kind == "html" and send else made
                path = output / f"{name}{FORMATS[kind].suffix}"
                if not papers.put(ledger, path, PAPERS[kind](shown), force=force):
                    changed.append(path.name)
            if combined:
                sheets.append(made)
            if (combined or "pdf" in formats) and typst.uncovered(made):
                foreign.append(record["name"])
            step(1)
    if combined:
        write_atomic(output / "combined.pdf", typst.combined(sheets))
        say(_("All papers for printing are in %(path)s."), lang, path=output / "combined.pdf")
    if foreign:
        message = _("The fonts of the PDF may lack letters of these names, please look at them: %(names)s")
        say(message, lang, names=", ".join(foreign))
    return changed


@click.command()
@click.option(
    "--blueprint", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("TOML with [[slots]]: question, level, count, vary or exercises."),
)  # fmt: skip
@click.option(
    "-q", "--question", "questions", multiple=True, metavar="QUESTION[:LEVEL[:COUNT]]",
    help=_("Instead of a blueprint; may be repeated. Without either, one exercise of each question."),
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 10**9), default=1, help=_("Other seeds give other numbers."))
@click.option("--key", is_flag=True, help=_("Add the answers and worked solutions."))
@click.option(
    "-f", "--format", "kind", type=click.Choice(KEYS), default="html", show_default=True,
    help=_("The format of the file."),
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=_("The file to write."))
@lang_option
def preview(  # noqa: D103
    blueprint: Path | None, questions: tuple[str, ...], seed: int, key: bool, kind: str, output: Path | None,
    lang: str,
) -> None:  # fmt: skip
    if blueprint and questions:
        raise Refusal(_("give either --blueprint or --question, not both"))
    if blueprint:
        plan = blueprints.read(blueprint)
    elif questions:
        plan = blueprints.Blueprint("", tuple(slot for q in questions for slot in blueprints.shorthand(q)))
    else:
        plan = blueprints.standard()
    title = plan.title or translate(_("Preview of a paper"), lang)
    # a slot that chooses among several exercises shows the next one for the next seed
    chosen = [slot.exercises[(seed - 1) % len(slot.exercises)] for slot in plan.slots]
    made = [
        sheet.question(generate(name, seed), lang, place, key=key) for place, name in enumerate(chosen, 1)
    ]
    path = output or Path(f"preview{FORMATS[kind].suffix}")
    write_atomic(path, PAPERS[kind](sheet.sheet(title, lang, made)))
    say(_("The preview is %(path)s; its numbers are not those of any student."), lang, path=path)
