"""The documentation site: pages run, the site builds without warnings, the reference is complete."""

import ast
import html
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import build_site
import cells
import nbformat
import pytest
import snowballstemmer

import jaxnet
import quiz

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "scripts" / "docs"

PAGES = [page.relative_to(DOCS).as_posix() for page in cells.pages()]


@pytest.mark.parametrize("name", PAGES)
def test_cells_run(name: str):
    if os.name == "nt" and any(cell.language == "sh" and cell.runs for cell in cells.cells(DOCS / name)):
        pytest.skip("needs a POSIX shell")
    ran = [cell for cell, _ in cells.run(DOCS / name) if cell.runs]
    assert ran


def test_tutorial_and_how_to_pages_have_cells():
    assert sum(name.startswith("tutorial/") for name in PAGES) >= 10
    assert sum(name.startswith("howto/") for name in PAGES) >= 5


TASK = re.compile(r"^\| (.+) \| \[(.+)\]\((\S*)#(\S+)\) \|$", re.MULTILINE)
TASKS = TASK.findall((DOCS / "howto" / "tasks.md").read_text(encoding="utf-8"))


def test_everyday_tasks_are_many():
    assert len({(where, anchor) for _, _, where, anchor in TASKS}) >= 20


@pytest.mark.parametrize(("words", "title", "where", "anchor"), TASKS, ids=[task[0] for task in TASKS])
def test_each_everyday_task_has_a_short_executed_example(words: str, title: str, where: str, anchor: str):
    file = DOCS / "howto" / (where or "tasks.md")
    text = file.read_text(encoding="utf-8")
    assert re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") == anchor
    before, heading, after = text.partition(f"\n## {title}\n")
    assert heading, f"{file.name} has no section {title!r}"
    length = len(after.partition("\n## ")[0])
    inside = [cell for cell in cells.cells(file) if len(before) < cell.end <= len(before + heading) + length]
    shown = [cell.code for cell in inside if cell.language == "python" and cell.runs]
    assert shown
    assert max(len(code.strip().splitlines()) for code in shown) <= 15


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\n1 / 0\n```\n", "line 2: ZeroDivisionError"),
        ("text\n\n```python\nimport warnings\nwarnings.warn('old')\n```\n", "line 4: UserWarning: old"),
        ("```python raises=ValueError\nint('1')\n```\n", "did not raise ValueError"),
        (
            "```python\nfrom matplotlib.figure import Figure\nFigure()\n```\n",
            "a picture needs alt",
        ),
        ("```sh run\nexit 3\n```\n", "exit status 3"),
    ],
    ids=["error", "warning", "no-error", "no-alt", "shell"],
)
def test_failing_cell_reports_its_line(tmp_path: Path, text: str, message: str):
    with pytest.raises(cells.CellError, match=re.escape(message)):
        list(cells.run(page(tmp_path, text)))


def test_page_shows_outputs(tmp_path: Path):
    text = (
        "# Page\n\n```python\nx = 2\nprint('x is', x)\nx * 21\n```\n\nThen:\n\n```python raises=ValueError\n"
        "int('x')\n```\n\n```sh run\necho $(( 6 * 7 ))\n```\n\n```sh\nfalse\n```\n"
        "\n```python alt='nothing'\nfrom matplotlib.figure import Figure\nFigure(figsize=(2, 1))\n```\n"
    )
    shown = cells.shown(page(tmp_path, text), tmp_path)
    assert "x is 2\n42\n" in shown
    assert "ValueError: invalid literal" in shown
    assert shown.count("````text\n42\n````") == 1
    assert "The tests do not run this block." in shown.partition("false")[2]
    assert "![nothing](page-1.png){width=192px}" in shown
    assert (tmp_path / "page-1.png").stat().st_size > 100
    assert re.sub(r"\n\n:::\{container.*?\n:::", "", shown, flags=re.DOTALL) == text


def test_pages_do_not_share_names(tmp_path: Path):
    list(cells.run(page(tmp_path, "```python\nx = 1\n```\n")))
    with pytest.raises(cells.CellError, match="NameError"):
        list(cells.run(page(tmp_path, "```python\nx\n```\n")))


# without __all__, and their public names are in jaxnet itself
INTERNAL = (jaxnet.checkpoint, jaxnet.layers, jaxnet.networks, jaxnet.training)


def public_names() -> dict[str, set[str]]:
    """Every public name, with all names of the same object: in the packages and in their modules."""
    named = map(jaxnet.__getattribute__, jaxnet.__all__)
    modules = [jaxnet, quiz, jaxnet.estimators, *filter(inspect.ismodule, named)]
    found: dict[str, object] = {}
    for module in modules:
        names = getattr(module, "__all__", None)
        if names is None and module not in INTERNAL:
            names = [
                name
                for name, thing in vars(module).items()
                if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
            ]
        for name in names or ():
            thing = getattr(module, name)
            if not inspect.ismodule(thing) and not name.startswith("_"):
                found[f"{module.__name__}.{name}"] = thing
    return {name: {other for other in found if found[other] is thing} for name, thing in found.items()}


def test_site_builds_and_reference_is_complete(tmp_path: Path):
    # in a subprocess, because Sphinx's dependencies emit warnings of their own
    command = [sys.executable, str(DOCS / "build_site.py"), "--no-run", "--output", str(tmp_path)]
    path = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    index = (tmp_path / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(index[index.index("{") : index.rindex("}") + 1])
    tasks = found["docnames"].index("howto/tasks")
    stem = snowballstemmer.stemmer("english").stemWord
    for word in {word for task in TASKS for word in re.findall(r"[a-z]{4,}", task[0].lower())}:
        # the words of headings are in an index of their own
        places = [found[kind].get(stem(word), []) for kind in ("terms", "titleterms")]
        pages = [page for place in places for page in (place if isinstance(place, list) else [place])]
        assert tasks in pages, f"the search does not find {word!r}"
    built = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "reference").glob("*.html"))
    documented = {html.unescape(name) for name in re.findall(r'id="((?:jaxnet|quiz)\.[\w.]+)"', built)}
    assert [name for name, same in public_names().items() if not same & documented] == []
    assert "problematic" not in built


def test_site_is_replaced_only_on_success(tmp_path: Path):
    source, site = tmp_path / "source", tmp_path / "far" / "site"
    source.mkdir()
    (source / "conf.py").write_text("")
    (source / "index.rst").write_text("First\n=====\n")
    assert build_site.render(source, site) == 0
    (site / "stale.html").write_text("a page that no longer exists")
    (source / "index.rst").write_text("Second\n======\n\n:doc:`nowhere`\n")
    assert build_site.render(source, site) != 0
    assert "First" in (site / "index.html").read_text(encoding="utf-8")
    assert (site / "stale.html").exists()
    (source / "index.rst").write_text("Second\n======\n")
    assert build_site.output_problem(site) == ""
    assert build_site.render(source, site) == 0
    assert "Second" in (site / "index.html").read_text(encoding="utf-8")
    assert not (site / "stale.html").exists()
    assert list(site.parent.iterdir()) == [site]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["thesis.txt"], "contains something other than a built site"),
        ([".buildinfo", "index.html", ".git"], "contains something other than a built site"),
        ([], "is a file; --output needs a folder"),
    ],
    ids=["work", "checkout", "file"],
)
def test_other_folders_are_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: list[str], message: str
):
    output = tmp_path / "output"
    if files:
        output.mkdir()
    for path in [output / name for name in files] or [output]:
        path.write_text("original")
    assert build_site.main(["--no-run", "--output", str(output)]) == 1
    assert message in capsys.readouterr().err
    assert {path.read_text() for path in [output / name for name in files] or [output]} == {"original"}


def test_notebooks_are_up_to_date():
    expected = build_site.notebooks()
    found = {path: path.read_text(encoding="utf-8") for path in build_site.NOTEBOOKS.glob("*.ipynb")}
    assert found == expected, "run scripts/site --notebooks"


@pytest.mark.parametrize("path", sorted(build_site.notebooks()), ids=lambda path: path.stem)
def test_notebook_is_valid_and_has_the_cells_of_its_page(path: Path):
    text = build_site.notebooks()[path]
    nbformat.validate(json.loads(text))
    source = DOCS / "tutorial" / f"{path.stem}.md"
    code = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    codes = ["".join(lines) for lines in code][1:]  # the first cell is %matplotlib inline
    assert codes == [cell.code.rstrip() for cell in cells.cells(source) if cell.language == "python"]
    assert all(ast.parse(code).body for code in codes)


def test_links_of_notebooks_exist():
    broken = []
    for path, text in build_site.notebooks().items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            if not (path.parent / target).exists():
                broken.append((path.name, target))
    assert broken == []


def test_code_fits_the_width_of_the_site():
    wide = [
        (name, line)
        for name in PAGES
        for cell in cells.cells(DOCS / name)
        for line in cell.code.splitlines()
        if len(line) > 90
    ]
    assert wide == []


def test_exercises_named_on_the_pages_exist():
    named = {
        exercise
        for path in DOCS.rglob("*.md")
        for exercise in re.findall(r"quiz take (q\d\.[\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert named <= {exercise.id for exercise in quiz.exercises()}
