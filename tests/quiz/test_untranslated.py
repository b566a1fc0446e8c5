"""No English is left over in Kazakh and Russian: everything the commands print and write is searched."""

import ast
import csv
import io
import json
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from html import unescape
from pathlib import Path

import click
import pypdf
import pytest

import quiz
from quiz.cli import app, main, quality
from quiz.cli.language import CLICK, CLICK_PLURALS

ROOT = Path(__file__).resolve().parents[2]
#: One exercise of each question; among them every kind of ask and of figure.
EXERCISES = ("q1.true", "q2.boundary", "q3.contradiction", "q4.bump", "q5.step", "q6.phases", "q7.conv-value")
COMMANDS = (
    *(
        "list",
        "take",
        "learn",
        "generate",
        "grade",
        "solve",
        "stats",
        "stress",
        "simulate",
        "export-data",
        "reset",
    ),
    *("web", "serve"),
    *("course", "paper", "preview", "key", "export", "mark", "remark", "analyse"),
)
# what a teacher gets to see of a class: answers of every kind, and files that cannot be read
ANSWERS = ("right", "wrong", "blank", "no number")
#: Not words of a language: formats, programs, units of the interface that are typed as they stand.
NAMES = set(
    re.findall(
        r"\w+",
        """quiz jaxnet moodle qti canvas anki pdf html markdown json csv zip tar toml notebook pack new show
        true false and xor nand nor relu tanh nan softmax sigmoid lstm gru adam rmsprop mse sgd max min exp
        log ann rule override history undo term latest best accept refuse expressions""",
    )
)
#: Messages of click that this command cannot cause.
IMPOSSIBLE = {
    # mistakes in the definition of a command
    "Value must be an iterable.",
    "Could not determine name for option with declarations {decls!r}",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
    "Did you mean to pass '--{name}'?",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
    # options and arguments of several values, deprecated or positional ones, dynamic defaults, variables
    "deprecated",
    "Positional arguments",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "env var: {var}",
    "(dynamic)",
    "Takes {nargs} values but 1 was given.",
    "Takes {nargs} values but {len} were given.",
    "Option {name!r} requires {nargs} arguments.",
    "Argument {name!r} takes {nargs} values.",
    "{len_type} values are required, but {len_value} was given.",
    "{len_type} values are required, but {len_value} were given.",
    # types that are not used: dates, booleans, identifiers, executables
    "Choice({choices})",
    "{value!r} does not match the format {format}.",
    "{value!r} does not match the formats {formats}.",
    "{value!r} is not a valid boolean. Recognized values: {states}",
    "{value!r} is not a valid UUID.",
    "{name} {filename!r} is not executable.",
    "Invalid start character for option ({option})",
    # editors, passwords, pagers, shells
    "{editor}: Editing failed",
    "{editor}: Editing failed: {e}",
    "Do you want to continue?",
    "Confirm the action without prompting.",
    "Press any key to continue...",
    "Repeat for confirmation",
    "Error: The two entered values do not match.",
    "Couldn't detect Bash version, shell completion is not supported.",
    "Shell completion is not supported for Bash versions older than 4.4.",
    "Windows error: {error}",
    "d",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """A function that runs a command in this process and returns what it prints to both streams."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"PYTHONUTF8": "1", "COLUMNS": "400", "QUIZ_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for command in (app.cli, quality.stress, quality.simulate):  # other tests call them directly, in English
        monkeypatch.setattr(command, "_help_option", None)
    monkeypatch.setattr(app.cli, "commands", {})
    monkeypatch.setattr("quiz.cli.app.leave", sys.exit)
    language = os.environ.get("LANGUAGE")

    def run(*arguments: object, lang: str, stdin: str = "") -> str:
        monkeypatch.setenv("QUIZ_LANG", lang)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with redirect_stdout(output), redirect_stderr(output), pytest.raises(SystemExit) as done:
            main([*map(str, arguments)])
        text = output.buffer.getvalue().decode()
        assert done.value.code in (None, 0, 1, 2, 3), (arguments, done.value.code, text)
        return text

    yield run
    for thread in threading.enumerate():
        if thread.name == "quiz-warm":
            thread.join()
    os.environ.pop("LANGUAGE", None)
    if language is not None:
        os.environ["LANGUAGE"] = language


def student(run: Callable[..., str], lang: str, data: Path) -> Iterator[tuple[str, str]]:
    """What the student's commands print."""
    yield "help", run("--help", lang=lang)
    for command in COMMANDS:
        yield f"{command} --help", run(command, "--help", lang=lang)
    yield "list", run("list", lang=lang)
    for exercise in EXERCISES:
        name = f"{exercise}@7"
        asks = quiz.generate(exercise, 7).asks
        wrong = [part for ask in asks for part in ("-a", f"{ask.name}=0,123")]
        yield name, run("generate", exercise, "--seed", 7, lang=lang)
        yield f"grade {name}", run("grade", name, *wrong, lang=lang)
        yield f"solve {name}", run("solve", name, lang=lang)
    answers = "h\n0,5\n?\nx\n\n" * 8
    yield "take", run("take", "-n", 2, "--seed", 3, lang=lang, stdin=answers)
    yield "quiz", run(lang=lang)
    yield "stats", run("stats", lang=lang)
    yield "stress", run("stress", "q2.update", "-n", 3, lang=lang)
    yield "simulate", run("simulate", "--help", lang=lang)
    yield "reset", run("reset", lang=lang, stdin="n\n")
    for wrong in (
        ("generate", "q2.nichts"),
        ("generate", "q2.update", "--seed", "x"),
        ("grade", "q2.update@7", "-a", "z"),
        ("grade", "q2.update@7", "-a", "w1=12 5", "-a", "b=nan"),
        ("solve", "q2.update"),
        ("--nichts",),
        ("take", "-q", "9"),
        ("mark", "./nichts", "--course", "./nichts"),
        ("export", "--nichts", "-o", "."),
    ):
        yield " ".join(wrong), run(*wrong, lang=lang)


def teacher(run: Callable[..., str], lang: str, data: Path) -> Iterator[tuple[str, str]]:
    """What the teacher's commands print and write."""
    course = ("--course", data / "ann")
    rows = "".join(f"s{i};{name};{lang}\n" for i, name in enumerate(["Әлия", "Иван", "Ұлпан", "Ян"]))
    (data / "roster.csv").write_text(f"id;name;lang\n{rows}", encoding="utf-8")
    slots = "".join(f'[[slots]]\nexercises = ["{exercise}"]\n' for exercise in EXERCISES)
    (data / "plan.toml").write_text(f'title = "Бақылау"\n{slots}', encoding="utf-8")
    yield "course new", run("course", "new", data / "ann", "--lang", lang, lang=lang)
    for name, content in (("toml", "[[slots]"), ("slots", "a = 1"), ("utf8", "\udcff")):
        (data / f"{name}.toml").write_text(content, encoding="utf-8", errors="surrogateescape")
        wrong = ("--roster", data / "roster.csv", "--blueprint", data / f"{name}.toml")
        yield f"paper --blueprint {name}", run("paper", *course, *wrong, lang=lang)
    formats = [part for name in ("json", "html", "pdf", "markdown", "notebook") for part in ("-f", name)]
    made = ("--roster", data / "roster.csv", "--blueprint", data / "plan.toml", "-o", data / "papers")
    yield "paper", run("paper", *course, *made, *formats, lang=lang)
    yield "preview", run("preview", "-q", "7", "--key", "-o", data / "papers" / "preview.html", lang=lang)
    yield "key", run("key", *course, "-o", data / "keys", lang=lang)
    handed = data / "handed"
    handed.mkdir()
    for number, path in enumerate(sorted(data.glob("papers/*.json"))):
        paper = json.loads(path.read_text("utf-8"))
        answers = {}
        for place, question in enumerate(paper["questions"], 1):
            given = {"right": None, "wrong": "7", "blank": "", "no number": "12 5"}[
                ANSWERS[(number + place) % 4]
            ]
            if given is not None:
                answers[str(place)] = {ask["name"]: given for ask in question["asks"]}
        paper["answers"] = answers
        (handed / f"{number}.json").write_text(json.dumps(paper, ensure_ascii=False), encoding="utf-8")
    lines = ("{", '{"a" 1}', "[1,]", "1 1", '"\\x"', '"\t"', "NaN", "[" * 99_999, '"\\ud800"', "9" * 9999)
    (handed / "odd.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (handed / "other.json").write_text('{"paper": "x", "answers": {}}', encoding="utf-8")
    (handed / "list.txt").write_text("hello", encoding="utf-8")
    (handed / "more.zip").write_bytes(b"PK nothing")
    yield "mark", run("mark", handed, *course, "--feedback", lang=lang)
    yield "remark", run("remark", *course, lang=lang)
    yield "analyse", run("analyse", *course, lang=lang)
    yield "course show", run("course", "show", data / "ann", lang=lang)
    for name in ("moodle", "qti21", "qti3", "canvas", "anki", "csv", "pdf", "html", "markdown", "notebook"):
        chosen = [part for exercise in EXERCISES for part in ("-e", exercise)][:2]
        files = ("-n", 1, "--lang", lang, "-o", data / "exported", "--check")
        yield f"export {name}", run("export", name, *chosen, *files, lang=lang)
    for path in sorted(data.rglob("*")):
        if path.is_file() and path.parent != handed:
            yield from contents(path)


def contents(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of a file that a person would read."""
    suffix = path.suffix
    if suffix == ".pdf":
        yield path.name, "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    elif suffix == ".ipynb":
        cells = json.loads(path.read_text("utf-8"))["cells"]
        yield path.name, "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    elif suffix in (".html", ".xml"):
        yield path.name, markup(path.read_text("utf-8"))
    elif suffix in (".md", ".txt"):
        yield path.name, path.read_text("utf-8")
    elif suffix == ".csv" and path.parent.name != "exported":  # there the columns have names for programs
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield path.name, "\n".join(cell for row in csv.reader(file, delimiter=";") for cell in row)
    elif suffix in (".zip", ".imscc"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith((".html", ".xml")) and "meta" not in name and "manifest" not in name:
                    yield f"{path.name}/{name}", markup(archive.read(name).decode())


def markup(text: str) -> str:
    """The text between the tags."""
    text = re.sub(r"<(style|script|math|annotation)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return unescape(unescape(re.sub(r"<[^>]*>", " ", unescape(re.sub(r"<[^>]*>", " ", text)))))


def known(lang: str) -> set[str]:
    """Latin words that belong there: those of the translations, and names of exercises, asks and slips."""
    words = {*NAMES, *COMMANDS}
    for path in (ROOT / "quiz" / "text" / lang / "LC_MESSAGES").glob("*.po"):
        entries = re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', path.read_text("utf-8"), re.MULTILINE)
        words |= {word for entry in entries for word in re.findall(r"[a-z]+", entry.lower())}
    for exercise in quiz.exercises():
        names = (exercise.id, *(ask.name for ask in exercise.asks), *(slip.name for slip in exercise.slips))
        words |= {word for name in names for word in re.findall(r"[a-z]+", name.lower())}
    return words


def english(text: str, known: set[str]) -> list[str]:
    """The words of English in a text; what is typed (options, paths, code) is none."""
    text = re.sub(r"`[^`]*`|\S*[/\\@=]\S*|--?[a-z][\w-]*|\b\S+\.\w{2,8}\b|\b[A-Z_]{2,}\b", " ", text)
    return [
        word
        for word in re.findall(r"(?<![\w-])[A-Za-z][a-z]{2,}(?![\w-])", text)
        if word.lower() not in known
    ]


@pytest.mark.parametrize("who", [student, teacher], ids=["student", "teacher"])
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_no_english_is_left_over(who, lang: str, run: Callable[..., str], tmp_path: Path):
    allowed = known(lang)
    left = {name: words for name, text in who(run, lang, tmp_path) if (words := english(text, allowed))}
    assert left == {}


def test_a_word_of_english_is_seen():
    assert english("Баға: Marks, in percent; `code` --option q2.update@7 ReLU", NAMES) == ["Marks", "percent"]


def messages_of_click() -> Iterator[str]:
    """Every message that the source of the installed click marks for translation."""
    for path in Path(click.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "ngettext")
            ):
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str))


def test_every_message_of_click_is_translated_or_cannot_occur():
    ours = {*CLICK, *(text for pair in CLICK_PLURALS for text in pair), "file", "directory", "path"}
    assert ours & IMPOSSIBLE == set()
    assert set(messages_of_click()) - ours - IMPOSSIBLE == set()
