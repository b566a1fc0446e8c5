"""Docstrings of all public names are complete, and the README shows the actual outputs."""

import contextlib
import importlib
import inspect
import io
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import jaxnet
import quiz

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

SECTION = re.compile(r"^ *(Args|Attributes|Returns|Yields|Raises|Example|Examples|Reference|References):")


def public_modules() -> list[ModuleType]:
    """Both packages, and the modules that jaxnet exports."""
    named = map(jaxnet.__getattribute__, jaxnet.__all__)
    return [jaxnet, quiz, jaxnet.estimators, *filter(inspect.ismodule, named)]


def public_objects() -> dict[str, object]:
    """Every public function and class by its full name: those in ``__all__`` of the public modules."""
    found = {}
    for module in public_modules():
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            home = getattr(thing, "__module__", None) or ""
            if callable(thing) and not isinstance(thing, tuple) and home.split(".")[0] in ("jaxnet", "quiz"):
                found[f"{home}.{getattr(thing, '__qualname__', name)}"] = thing
    return dict(sorted(found.items()))


OBJECTS = public_objects()


def section(doc: str, title: str) -> str:
    """The section of a docstring with the given title."""
    lines, inside = [], False
    for line in doc.splitlines():
        if match := SECTION.match(line):
            inside = match[1] == title
        if inside:
            lines.append(line)
    return "\n".join(lines)


def documented(text: str) -> set[str]:
    """The names that a section describes: ``x:``, ``x, y:`` or ``*layers:`` at the start of a line."""
    names: set[str] = set()
    for match in re.finditer(r"^\s+([*\w][\w`*, /]*)(?: \([^)]*\))?:", text, re.MULTILINE):
        names.update(re.findall(r"\w+", match[1]))
    return names


def gaps(thing: object) -> Iterator[str]:
    """What is missing in the docstring of a public object."""
    doc = inspect.getdoc(thing) or ""
    first = doc.partition("\n")[0]
    if not first:
        yield "no docstring"
        return
    if not first.endswith((".", "?", ":")) and "\n\n" not in doc:
        yield "no first sentence"
    if inspect.isclass(thing):
        fields = getattr(thing, "_fields", None) or getattr(thing, "__dataclass_fields__", {})
        for name in [name for name in fields if not name.startswith("_")]:
            if name not in documented(doc) and not isinstance(getattr(thing, name, None), property):
                yield f"attribute {name} not described"
        if not fields and not issubclass(thing, Exception) and ">>>" not in doc:
            yield "no example"
        return
    if ">>>" not in doc:
        yield "no example"
    signature = inspect.signature(thing)  # pyright: ignore[reportArgumentType]
    described = documented(section(doc, "Args"))
    for name in signature.parameters:
        if name not in described:
            yield f"argument {name} not described"
    if signature.return_annotation not in (None, "None") and not section(doc, "Returns"):
        yield "no Returns"


@pytest.mark.parametrize("name", OBJECTS)
def test_docstring_is_complete(name: str):
    assert list(gaps(OBJECTS[name])) == []


def test_public_modules_have_docstrings():
    assert [module.__name__ for module in public_modules() if not (module.__doc__ or "").strip()] == []


def test_exported_names_exist():
    missing = []
    for name in (*jaxnet.__all__, "estimators"):
        with contextlib.suppress(AttributeError, ModuleNotFoundError):
            getattr(jaxnet, name)
            continue
        missing.append(name)
    assert missing == []


@pytest.mark.parametrize("package", [jaxnet, quiz], ids=lambda p: p.__name__)
def test_all_modules_have_docstrings(package: ModuleType):
    names = [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    assert [name for name in names if not (importlib.import_module(name).__doc__ or "").strip()] == []


def examples() -> list[tuple[str, str]]:
    """The Python blocks of the README, each with the output shown below it."""
    return re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", README, re.DOTALL)


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def test_every_readme_example_shows_its_output():
    assert examples()
    assert len(examples()) == README.count("```python")


@pytest.mark.parametrize(("code", "shown"), examples(), ids=lambda text: text.splitlines()[-1][:30])
def test_readme_examples_print_the_shown_output(code: str, shown: str):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    got = printed.getvalue()
    assert NUMBER.sub("#", got) == NUMBER.sub("#", shown)
    # the last digits depend on the processor and the versions
    expected = [float(number) for number in NUMBER.findall(shown)]
    assert [float(number) for number in NUMBER.findall(got)] == pytest.approx(expected, abs=0.02)


def test_readme_shows_the_actual_quiz_session(tmp_path: Path):
    session = re.search(r"```console\n\$ (.*)\n([^`]*)```", README)
    assert session
    command, shown = session[1].split(), session[2].strip()
    names = "|".join(ask.name for ask in quiz.generate("q2.update", seed=7).asks)
    typed = re.findall(rf"^(?:{names}) = (.+)$", shown, re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", "quiz.cli", *command[1:]],
        input="".join(f"{answer}\n" for answer in typed),
        env={**os.environ, "QUIZ_DATA_DIR": str(tmp_path), "PYTHONIOENCODING": "utf-8", "QUIZ_LANG": "en"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip() == shown


def test_the_page_on_installation_lists_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "scripts/docs/installation.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(project["optional-dependencies"])


def test_links_of_the_readme_exist():
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []
    for script in set(re.findall(r"scripts/[\w./]+\w", README)):
        assert (ROOT / script).exists(), script


def blocks(text: str) -> list[str]:
    """The code blocks of a page, without the comments."""
    return [
        re.sub(r"  +#.*", "", block)
        for block in re.findall(r"```.*?```|^    [^\n]*$", text, re.DOTALL | re.MULTILINE)
    ]


def names(text: str) -> list[str]:
    """Where the links of a README lead, from the root of the checkout."""
    found = re.findall(r"\]\(([^)#]+)\)", text)
    return [re.sub(r"^(\.\./\.\./|scripts/docs/)", "", target) for target in found]


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_the_readmes_are_in_step(lang: str):
    other = (ROOT / f"scripts/docs/README.{lang}.md").read_text(encoding="utf-8")
    headings = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (README, other)]
    assert headings[0] == headings[1]
    assert blocks(other) == blocks(README)
    prose = [
        re.sub(r"```.*?```|^    [^\n]*$", "", text, flags=re.DOTALL | re.MULTILINE)
        for text in (README, other)
    ]
    assert NUMBER.findall(prose[0]) == NUMBER.findall(prose[1])
    assert [text.count("\n|") for text in prose] == [prose[0].count("\n|")] * 2
    # after the links to the other languages
    assert names(other)[2:] == names(README)[2:]
    for target in names(other):
        places = (ROOT / target, ROOT / "scripts" / "docs" / target)
        assert "://" in target or any(place.exists() for place in places), target
