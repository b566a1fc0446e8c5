"""The command ``jaxnet``: train a network on a table, ask it, measure it; thin over `jaxnet.tables`."""

import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jaxnet import __version__
from jaxnet.cli.messages import language, say

if TYPE_CHECKING:
    from jaxnet.data.readers import Table
    from jaxnet.tables import Model

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, to be read by a program.")
lang_option = click.option("--lang", metavar="kk|ru|en", help="Language of what is said.")
target_option = click.option("--target", help="Name of the target column of a .csv; the last one otherwise.")
data_argument = click.argument("data", type=click.Path(path_type=Path))
model_argument = click.argument("model", type=click.Path(path_type=Path))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Train small neural networks on tables: .csv, .npz (x and y) or a folder of IDX files."""


def _sizes(_ctx: Any, _param: Any, text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise click.BadParameter(f"expected sizes such as 64,32, got {text!r}")
    return sizes


@cli.command()
@data_argument
@target_option
@click.option(
    "--task", type=click.Choice(["classification", "regression"]), help="Told by the target otherwise."
)
@click.option("--hidden", default="64,32", show_default=True, callback=_sizes, help="Hidden layers' sizes.")
@click.option("--activation", default="relu", show_default=True, help="Of the hidden layers.")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--batch-size", type=click.IntRange(1), help="Examples a step; 32, or all where there are fewer."
)
@click.option("--optimizer", default="adam", show_default=True, help="sgd, momentum, adam, adamw or rmsprop.")
@click.option("--learning-rate", type=float, help="The optimizer's usual one otherwise.")
@click.option("--l2", type=click.FloatRange(0), default=0.0, show_default=True, help="Weight of the L2 term.")
@click.option("--validation", type=click.FloatRange(0, 1, max_open=True), default=0.2, show_default=True,
              help="Fraction held out to measure on.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the model (.safetensors).")
@lang_option
@json_option
def train(
    data: Path, target: str | None, task: str | None, hidden: tuple[int, ...], lang: str | None,
    as_json: bool, out: Path | None, batch_size: int | None, learning_rate: float | None, **options: Any,
) -> None:  # fmt: skip
    """Train a multi-layer perceptron on DATA."""
    lang = language(lang)
    from jaxnet import tables  # loads JAX

    table = tables.read(data, target, task)
    _say_task(table, lang)
    size = min(batch_size or 32, len(table.x))
    model, run = tables.train(
        table, hidden, batch_size=size, learning_rate=learning_rate, progress=True, **options
    )
    figures = {name: float(values[-1]) for name, values in run.history.items() if len(values)}
    if out is not None:
        tables.save(out, model)
        click.echo(say("written", lang, path=out), err=True)
    _report({**figures, "epochs": run.epochs, "task": model.task}, as_json)


@cli.command()
@model_argument
@data_argument
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write a .csv with the features and the answers."
)
@lang_option
@json_option
def predict(model: Path, data: Path, out: Path | None, lang: str | None, as_json: bool) -> None:
    """Answer each row of DATA with MODEL; a target column in it is left aside."""
    lang = language(lang)
    from jaxnet import tables  # loads JAX

    known = tables.load(model)
    x = _features(known, data)
    said = tables.answer(known, x)
    names = [known.classes[k] for k in said] if known.classes is not None else [float(v) for v in said]
    if out is not None:
        _write_csv(out, known, x, names)
        click.echo(say("written", lang, path=out), err=True)
    elif as_json:
        click.echo(json.dumps({"schema": 1, "target": known.target, "answers": names}, ensure_ascii=False))
    else:
        for name in names:
            click.echo(name)


@cli.command()
@model_argument
@data_argument
@lang_option
@json_option
def evaluate(model: Path, data: Path, lang: str | None, as_json: bool) -> None:
    """Measure MODEL on DATA, which has the target too."""
    language(lang)
    from jaxnet import tables  # loads JAX

    known = tables.load(model)
    target = known.target if data.suffix == ".csv" else None
    table = tables.read(data, target, known.task, known.classes, held_out=True)
    _report(tables.evaluate(known, _in_order(known, table)), as_json)


@cli.command()
@json_option
def info(as_json: bool) -> None:
    """Show versions, devices and where compiled programs are kept."""
    import importlib.metadata

    import jax
    import numpy
    import optax

    _report(
        {
            "jaxnet": __version__,
            "python": sys.version.split()[0],
            "jax": jax.__version__,
            "jaxlib": importlib.metadata.version("jaxlib"),
            "optax": optax.__version__,
            "numpy": numpy.__version__,
            "backend": jax.default_backend(),
            "devices": [str(device) for device in jax.devices()],
            "cache": os.environ.get("JAX_COMPILATION_CACHE_DIR", ""),
        },
        as_json,
    )


def _say_task(table: "Table", lang: str) -> None:
    """Say aloud how the target was understood."""
    rows, features = table.x.shape
    if table.classes is None:
        text = say("regression", lang, target=table.target, rows=rows, features=features)
    else:
        count = len(table.classes)
        text = say("classification", lang, target=table.target, rows=rows, features=features, classes=count)
    click.echo(text, err=True)


def _features(model: "Model", path: Path) -> Any:
    """The features that a model wants, from a table with or without the target."""
    from jaxnet import tables  # loads JAX
    from jaxnet.data import readers  # loads NumPy

    if path.suffix == ".npz":
        stored = readers.read_npz(path)
        x = next((stored[name] for name in ("x_test", "x", "x_train") if name in stored), None)
        if x is None:
            raise ValueError(f"expected an array x in {path}, got {', '.join(stored) or 'none'}")
        scale = 255 if x.dtype == "uint8" else 1
        return x.reshape(len(x), -1).astype("float32") / scale
    if path.is_dir():
        return tables.read(path, task=model.task, classes=model.classes, held_out=True).x
    return _in_order(model, readers.read_csv(path, _target_in(model, path))).x


def _target_in(model: "Model", path: Path) -> str | None:
    """The target's name if the table has it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
    names = [cell.strip(' "\r\n') for cell in first.replace(";", ",").replace("\t", ",").split(",")]
    return model.target if model.target in names else None


def _in_order(model: "Model", table: "Table") -> "Table":
    """The table with its features in the model's order."""
    missing = [name for name in model.features if name not in table.features]
    if missing:
        raise ValueError(
            f"expected a table with the {len(model.features)} features that the model was trained on, "
            f"got none called {missing[0]!r}"
        )
    places = [table.features.index(name) for name in model.features]
    return table._replace(x=table.x[:, places], features=model.features)


def _write_csv(path: Path, model: "Model", x: Any, names: Sequence[Any]) -> None:
    """A table with the answers, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*model.features, model.target])
        writer.writerows([*(f"{value:g}" for value in row), name] for row, name in zip(x, names, strict=True))
    os.replace(part, path)


def _report(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"schema": 1, **figures}, ensure_ascii=False))
        return
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        if isinstance(value, float):
            value = f"{value:.4g}"
        elif isinstance(value, list):
            value = ", ".join(value)
        click.echo(f"{name.ljust(width)}  {value}")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command and turn every refusal into one sentence and exit code 2."""
    from jaxnet.cli.compilation_cache import keep_compiled_programs  # loads JAX

    keep_compiled_programs()
    sys.exit(_guarded(lambda: cli.main(args=argv, prog_name="jaxnet", standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    try:
        command()
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        click.echo(f"jaxnet: {error.filename or ''}: {error.strerror or error}", err=True)
        return 2
    except (ValueError, TypeError, FloatingPointError) as error:
        if type(error).__module__.startswith("jax."):
            raise
        click.echo(f"jaxnet: {error}", err=True)
        return 2
    return 0
