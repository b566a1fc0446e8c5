"""The command ``jaxnet``: train a network on a table, ask it, measure it; thin over `jaxnet.tables`."""

import csv
import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import jaxnet
from jaxnet.cli import output, sequences
from jaxnet.cli.compilation_cache import keep_compiled_programs
from jaxnet.cli.errors import guarded
from jaxnet.cli.interrupts import INTERRUPTED, Interrupts, leave
from jaxnet.cli.messages import language, say
from jaxnet.cli.output import talk

if TYPE_CHECKING:
    from jaxnet.tables import Model, Prepared

Decorator = Callable[[Any], Any]
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, to be read by a program."
)
lang_option: Decorator = click.option("--lang", metavar="kk|ru|en", help="Language of what is said.")
header_option: Decorator = click.option(
    "--header", type=click.Choice(["yes", "no"]), help="Whether the first row holds names; else found out."
)
unreadable_option: Decorator = click.option(
    "--unreadable", type=click.Choice(["refuse", "blank"]), default="refuse", show_default=True,
    help="What to do with texts among numbers.",
)  # fmt: skip
data_argument: Decorator = click.argument("data", type=click.Path(path_type=Path))
model_argument: Decorator = click.argument("model", type=click.Path(path_type=Path))


def names_option(name: str, text: str) -> Callable[[Any], Any]:
    """An option that may be given several times, once per column."""
    return click.option(f"--{name}", multiple=True, metavar="COLUMN", help=text)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(jaxnet.__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Train small neural networks on tables: .csv, .npz (x and y) or a folder of IDX files."""


def _sizes(context: Any, _param: Any, text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise click.BadParameter(say("sizes", language(context.params.get("lang")), given=text))
    return sizes


@cli.command()
@data_argument
@click.option("--target", help="Name of the target column of a .csv; the last one otherwise.")
@click.option(
    "--task", type=click.Choice(["classification", "regression"]), help="Told by the target otherwise."
)
@header_option
@names_option("drop", "Leave this column out; may be given several times.")
@names_option("keep", "Use this column even if it looks like an id.")
@names_option("category", "Numbers of this column are names, as postal codes are.")
@unreadable_option
@sequences.options
@click.option("--hidden", default="64,32", show_default=True, callback=_sizes, help="Hidden layers' sizes.")
@click.option("--activation", default="relu", show_default=True, help="Of the hidden layers.")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), help="Batch size; 32, or all where there are fewer.")
@click.option(
    "--optimizer", type=click.Choice(["sgd", "momentum", "adam", "adamw", "rmsprop"]), default="adam",
    show_default=True,
)  # fmt: skip
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), help="The optimizer's usual one otherwise."
)
@click.option("--l2", type=click.FloatRange(0), default=0.0, show_default=True, help="Weight of the L2 term.")
@click.option("--validation", type=click.FloatRange(0, 1, max_open=True), default=0.2, show_default=True,
              help="Fraction held out to measure on.")  # fmt: skip
@click.option("--seed", type=click.IntRange(-(2**63), 2**63 - 1), default=0, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where to write the model; else DATA.safetensors here."
)
@lang_option
@json_option
@click.pass_obj
def train(
    interrupts: Interrupts, data: Path, target: str | None, task: str | None, header: str | None,
    drop: Sequence[str], keep: Sequence[str], category: Sequence[str], unreadable: str,
    hidden: tuple[int, ...], activation: str, lang: str | None, as_json: bool, out: Path | None,
    batch_size: int | None, validation: float, text: str | None, unit: str, time: str | None, width: int,
    horizon: int, gaps: str, **options: Any,
) -> None:  # fmt: skip
    """Train a network on DATA: an MLP on its columns, a GRU on a column of text or on rows in time."""
    lang = language(lang)
    kind = sequences.check_options(click.get_current_context(), lang)
    out = _place(out, data, lang)
    if activation not in (known := jaxnet.activations.TABLE):
        raise click.UsageError(say("no activation", lang, given=activation, known=", ".join(known)))
    if kind:
        asked = {"target": target, "task": task, "text": text, "unit": unit, "time": time, "drop": drop}
        asked |= {"width": width, "horizon": horizon, "gaps": gaps}
        learn, save, rows = sequences.job(data, kind, _header(header), asked, lang)
    else:
        prepared = jaxnet.tables.prepare(
            data, target, task, header=_header(header), drop=drop, keep=keep, category=category,
            unreadable=unreadable,
        )  # fmt: skip
        _say_what(prepared, lang)
        learn = functools.partial(jaxnet.tables.train, prepared, activation=activation)
        save, rows = jaxnet.tables.save, len(prepared.table.x)
    held = min(max(round(rows * validation), 1), rows - 1) if validation else 0
    talk(say("will write", lang, path=out))
    with interrupts.on_request(say("stopping", lang)):
        model, run = learn(
            hidden=hidden, validation=validation, progress=True,
            batch_size=min(batch_size or 32, rows - held), on_epoch=lambda _: interrupts.asked, **options,
        )  # fmt: skip
    if interrupts.asked:
        if run.epochs:
            kept = out.with_name(f"{out.stem}.interrupted{out.suffix}")
            save(kept, model)
            talk(say("written", lang, path=kept))
        talk(say("interrupted", lang, epochs=run.epochs, path=out))
        leave(INTERRUPTED)
    with interrupts.later():
        save(out, model)
    talk(say("written", lang, path=out))
    figures = {name: float(values[-1]) for name, values in run.history.items() if len(values)}
    figures |= {"epochs": run.epochs, "task": "regression" if model.classes is None else "classification"}
    (output.print_json if as_json else output.print_figures)(figures)


@cli.command()
@model_argument
@data_argument
@click.option("--proba", is_flag=True, help="The probability of each class too.")
@header_option
@unreadable_option
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the table with the answers as last column."
)
@lang_option
@json_option
def predict(
    model: Path, data: Path, proba: bool, header: str | None, unreadable: str, out: Path | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Answer each row of DATA with MODEL; a target column in it is left aside.

    A model of rows in time says how DATA goes on after its last row, from the rows before.
    """
    lang = language(lang)
    known = sequences.load(model)
    if proba and known is not None and known.classes is None:
        raise click.UsageError(say("no probabilities", lang, path=model))
    if known is not None:
        sequences.predict(known, data, proba, _header(header), out, lang, as_json)
        return
    known = jaxnet.tables.load(model)
    if proba and known.classes is None:
        raise click.UsageError(say("no probabilities", lang, path=model))
    applied = jaxnet.tables.apply(known, data, header=_header(header), unreadable=unreadable)
    output.remarks(applied, lang)
    answers: list[Any] = jaxnet.tables.answer(known, applied.table.x).tolist()
    if known.classes is not None:
        answers = [known.classes[k] for k in answers]
    shares = jaxnet.tables.probabilities(known, applied.table.x).tolist() if proba else None
    if out is not None:
        _write(out, known, data, applied, answers, shares)
        talk(say("written", lang, path=out))
    elif as_json:
        more = {} if shares is None else {"classes": known.classes, "probabilities": shares}
        output.print_json({"target": known.target, "answers": answers, **more})
    else:
        for place, answer in enumerate(answers):
            click.echo("\t".join([_text(answer), *_texts(shares, place)]))


@cli.command()
@model_argument
@data_argument
@header_option
@unreadable_option
@lang_option
@json_option
def evaluate(
    model: Path, data: Path, header: str | None, unreadable: str, lang: str | None, as_json: bool
) -> None:
    """Measure MODEL on DATA, which has the target too."""
    lang = language(lang)
    if (series := sequences.load(model)) is not None:
        sequences.evaluate(series, data, _header(header), lang, as_json)
        return
    known = jaxnet.tables.load(model)
    applied = jaxnet.tables.apply(
        known, data, with_target=True, header=_header(header), unreadable=unreadable
    )
    output.remarks(applied, lang)
    report = jaxnet.tables.report(known, applied.table)
    if as_json:
        output.print_json(report)
        return
    output.print_figures({name: value for name, value in report.items() if isinstance(value, float)})
    if known.classes is not None:
        click.echo(output.confusion(report, lang))


@cli.command()
@click.argument("model", type=click.Path(path_type=Path), required=False)
@lang_option
@json_option
def info(model: Path | None, lang: str | None, as_json: bool) -> None:
    """Show what a MODEL holds; without one, versions, devices and where compiled programs are kept."""
    lang = language(lang)
    if model is None:
        figures = _versions()
        (output.print_json if as_json else output.print_figures)(figures)
        return
    if (series := sequences.load(model)) is not None:
        sequences.info(series, as_json)
        return
    known = jaxnet.tables.load(model)
    figures: dict[str, Any] = {
        "task": known.task,
        "target": known.target,
        "classes": known.classes,
        "network": repr(known.net),
        "parameters": sum(part.size for layer in known.params for part in layer.values()),
        "inputs": len(known.features),
    }
    preparation = known.preparation
    if preparation is not None and preparation.scale != 1:
        figures["scale"] = preparation.scale
    listed = () if preparation is None else preparation.columns
    if as_json:
        described = [column.to_data() for column in listed]
        output.print_json({**figures, "features": known.features, "columns": described})
        return
    output.print_figures({name: value for name, value in figures.items() if value is not None})
    if listed:
        click.echo("\n" + output.columns(listed, lang))


def _versions() -> dict[str, Any]:
    import importlib.metadata

    import jax

    return {
        "jaxnet": jaxnet.__version__,
        "python": sys.version.split()[0],
        **{name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "optax", "numpy")},
        "backend": jax.default_backend(),
        "devices": [str(device) for device in jax.devices()],
        "cache": os.environ.get("JAX_COMPILATION_CACHE_DIR", ""),
    }


def _header(given: str | None) -> bool | None:
    return None if given is None else given == "yes"


def _place(out: Path | None, data: Path, lang: str) -> Path:
    """Where the model will be written; refused now if that cannot be, not after the training."""
    if out is None:
        places = (
            Path(f"{data.stem or 'model'}{end}.safetensors")
            for end in ("", *(f"-{n}" for n in range(2, 10**6)))
        )
        out = next(place for place in places if not place.exists())
    if not out.parent.is_dir():
        raise click.UsageError(say("no folder", lang, path=out.parent))
    if out.is_dir():
        raise click.UsageError(say("is a folder", lang, path=out))
    if not os.access(out.parent, os.W_OK):
        raise PermissionError(13, "", str(out.parent))
    return out


def _say_what(prepared: "Prepared", lang: str) -> None:
    """Say how the table was understood."""
    table, columns = prepared.table, prepared.preparation.columns
    if columns:
        talk(say("header" if prepared.preparation.header else "no header", lang))
        talk(output.columns(columns, lang))
    output.remarks(prepared, lang)
    values = {"target": table.target, "rows": len(table.x), "features": len(columns) or table.x.shape[1]}
    if table.classes is None:
        talk(say("regression", lang, **values))
    else:
        talk(say("classification", lang, classes=len(table.classes), **values))


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else f"{answer:.7g}"


def _texts(shares: list[list[float]] | None, place: int) -> list[str]:
    return [] if shares is None else [f"{share:.6f}" for share in shares[place]]


def _write(
    out: Path, model: "Model", data: Path, applied: "Prepared", answers: list[Any], shares: Any
) -> None:
    """The table as it is, text for text, without its target, and the answers behind it."""
    from jaxnet._storage import replacing_text  # imports JAX, which must not be there before `run`

    classes = [f"{model.target}={name}" for name in model.classes or ()] if shares is not None else []
    names, rows, delimiter = jaxnet.tables.cells(data, applied)
    kept = [place for place, name in enumerate(names) if name != model.target]
    with replacing_text(out) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        if applied.header:
            writer.writerow([*(names[place] for place in kept), model.target, *classes])
        for place, (row, answer) in enumerate(zip(rows, answers, strict=True)):
            writer.writerow([*(row[k] for k in kept), _text(answer), *_texts(shares, place)])


def run(arguments: Sequence[str], interrupts: Interrupts) -> int:
    """Run the command line and return the exit code."""
    keep_compiled_programs()
    return guarded(
        lambda: cli.main(args=[*arguments], prog_name="jaxnet", standalone_mode=False, obj=interrupts),
        arguments,
    )
