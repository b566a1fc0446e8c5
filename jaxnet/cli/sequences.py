"""The commands on a column of text and on a table in the order of time; thin over `jaxnet.tables`."""

import csv
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import jaxnet
from jaxnet.cli import output
from jaxnet.cli.messages import say
from jaxnet.cli.output import talk

if TYPE_CHECKING:
    from jaxnet.tables.sequence_model import SequenceModel
    from jaxnet.tables.sequences import SequenceTable

#: options of `train` that need another one
_NEEDS = {"unit": ("text",), "width": ("time",), "horizon": ("time",), "gaps": ("time",)}
#: options that do not go with --text, with --time
_AGAINST = {
    "text": ("time", "drop", "keep", "category", "unreadable", "activation"),
    "time": ("task", "keep", "category", "unreadable", "activation"),
}


def options(command: Any) -> Any:
    """The options of `train` on a column of text and on rows in time."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--text", metavar="COLUMN", help="Learn from the text of this column alone."),
    click.option(
        "--unit", type=click.Choice(["characters", "words"]), default="characters", show_default=True,
        help="How --text is read.",
    ),
    click.option("--time", metavar="COLUMN", help="Rows in the order of this column: learn how they go on."),
    click.option(
        "--width", type=click.IntRange(1), default=12, show_default=True, help="With --time: rows seen."
    ),
    click.option(
        "--horizon", type=click.IntRange(1), default=1, show_default=True,
        help="With --time: values predicted.",
    ),
    click.option(
        "--gaps", type=click.Choice(["refuse", "previous"]), default="refuse", show_default=True,
        help="With --time: refuse blank cells, or take the value before.",
    ),
)  # fmt: skip


def check_options(context: click.Context, lang: str) -> str:
    """Refuse options that do not fit together; return "text", "time" or ""."""
    given = {
        name
        for name in context.params
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }
    for name, needs in _NEEDS.items():
        if name in given and not given & {*needs}:
            raise click.UsageError(say("needs option", lang, given=f"--{name}", needed=f"--{needs[0]}"))
    for kind, others in _AGAINST.items():
        if kind in given and (wrong := [name for name in others if name in given]):
            raise click.UsageError(say("against option", lang, given=f"--{wrong[0]}", other=f"--{kind}"))
    return next((kind for kind in _AGAINST if kind in given), "")


def prepare(
    data: Path, kind: str, header: bool | None, options: dict[str, Any], lang: str
) -> "SequenceTable":
    """Read the table to train on, and say how it was understood."""
    target = options["target"]
    if kind == "text":
        table = jaxnet.tables.sequences.prepare_text(
            data, options["text"], target, options["task"], unit=options["unit"], header=header
        )
        vocabulary = table.source.vocabulary  # type: ignore[union-attr]
        talk(say(f"text {options['unit']}", lang, column=options["text"], count=len(vocabulary.tokens)))  # type: ignore[union-attr]
    else:
        table = jaxnet.tables.sequences.prepare_series(
            data, options["time"], target, width=options["width"], horizon=options["horizon"],
            gaps=options["gaps"], drop=options["drop"], header=header,
        )  # fmt: skip
        seen = ", ".join(table.source.columns)  # type: ignore[union-attr]
        talk(say("series", lang, time=options["time"], columns=seen, width=options["width"],
                 horizon=options["horizon"]))  # fmt: skip
    remarks(table, lang)
    values = {"target": table.target, "rows": table.rows}
    if table.classes is not None:
        talk(say("text classes", lang, classes=len(table.classes), **values))
    else:
        talk(say("text values", lang, **values))
    return table


def remarks(table: "SequenceTable", lang: str) -> None:
    """Say what was passed over or moved."""
    if table.sorted:
        talk(say("sorted", lang))
    if table.left_out:
        talk(say("not used", lang, names=", ".join(table.left_out)))
    if table.without_target:
        talk(say("without target", lang, count=table.without_target))


def load(path: Path) -> "SequenceModel | None":
    """The model of a file, or None where it is none of sequences."""
    return jaxnet.tables.sequence_model.load(path)


def job(
    data: Path, kind: str, header: bool | None, options: dict[str, Any], lang: str
) -> tuple[Any, Any, int]:
    """What trains on the table, what saves the model, and how many examples there are."""
    table = prepare(data, kind, header, options, lang)
    rows = table.rows - (options["width"] + options["horizon"] - 1 if kind == "time" else 0)
    return (
        functools.partial(jaxnet.tables.sequence_model.train, table),
        jaxnet.tables.sequence_model.save,
        rows,
    )


def predict(
    model: "SequenceModel", data: Path, proba: bool, header: bool | None, out: Path | None, lang: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Answer each text, or say how a table in time goes on."""
    table = jaxnet.tables.sequence_model.apply(model, data, header=header)
    remarks(table, lang)
    answers: list[Any] = jaxnet.tables.sequence_model.answer(model, table).tolist()
    if model.classes is not None:
        answers = [model.classes[k] for k in answers]
    shares = jaxnet.tables.sequence_model.probabilities(model, table).tolist() if proba else None
    written = [answer if isinstance(answer, str) else f"{answer:.7g}" for answer in answers]
    if out is not None:
        _write(out, model, data, header, written, shares)
        talk(say("written", lang, path=out))
    elif as_json:
        more = {} if shares is None else {"classes": model.classes, "probabilities": shares}
        output.print_json({"target": model.target, "answers": answers, **more})
    else:
        for place, answer in enumerate(written):
            click.echo("\t".join([answer, *_texts(shares, place)]))


def _texts(shares: Sequence[Sequence[float]] | None, place: int) -> list[str]:
    return [] if shares is None else [f"{share:.6f}" for share in shares[place]]


def _write(
    out: Path, model: "SequenceModel", data: Path, header: bool | None, answers: list[str], shares: Any
) -> None:
    """The texts as they are with the answers behind them; of a series the steps after its end."""
    classes = [f"{model.target}={name}" for name in model.classes or ()] if shares is not None else []
    from jaxnet._storage import replacing_text  # imports JAX, which must not be there before `run`

    with replacing_text(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        if isinstance(model.source, jaxnet.tables.sequences.Series):
            writer.writerow(["step", model.target])
            writer.writerows([str(step), answer] for step, answer in enumerate(answers, 1))
            return
        names, named, rows, delimiter = jaxnet.tables.sequences.cells(data, model.source, header)
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        kept = [place for place, name in enumerate(names) if name != model.target]
        if named:
            writer.writerow([*(names[place] for place in kept), model.target, *classes])
        for place, (row, answer) in enumerate(zip(rows, answers, strict=True)):
            writer.writerow([*(row[k] for k in kept), answer, *_texts(shares, place)])


def evaluate(model: "SequenceModel", data: Path, header: bool | None, lang: str, as_json: bool) -> None:
    """Measure the model."""
    table = jaxnet.tables.sequence_model.apply(model, data, with_target=True, header=header)
    remarks(table, lang)
    figures = jaxnet.tables.sequence_model.report(model, table)
    (output.print_json if as_json else output.print_figures)(figures)


def info(model: "SequenceModel", as_json: bool) -> None:
    """Show what a model holds."""
    figures: dict[str, Any] = {
        "task": "regression" if model.classes is None else "classification",
        "target": model.target,
        "classes": model.classes,
        "network": repr(model.net),
        "parameters": jaxnet.tables.sequence_model.size(model),
    }
    if isinstance(model.source, jaxnet.tables.sequences.Series):
        figures |= model.source._asdict()
    else:
        vocabulary = model.source.vocabulary
        assert vocabulary is not None
        figures |= {"text": model.source.column, vocabulary.unit: len(vocabulary.tokens)}
    (output.print_json if as_json else output.print_figures)(
        {name: value for name, value in figures.items() if value is not None}
    )
