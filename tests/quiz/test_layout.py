"""The layout of the source of quiz; import-linter checks its layers, see pyproject.toml."""

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import quiz

ROOT = Path(quiz.__file__).parent
FILES = {
    ".".join(("quiz", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}
PACKAGES = {name for name, path in FILES.items() if path.name == "__init__.py"}

LONGEST_FILE, LONGEST_FUNCTION, MOST_LATE_IMPORTS, MOST_ENTRIES, WIDTH = 350, 60, 30, 20, 110


def imports(tree: ast.AST) -> Iterator[tuple[ast.ImportFrom, str, str]]:
    """Imports of the project's own modules: the statement, the module, the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("quiz", "jaxnet"):
            for alias in node.names:
                yield node, node.module or "", alias.name


def typing_only(tree: ast.AST) -> set[ast.AST]:
    """The statements under ``if TYPE_CHECKING``."""
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    return {inner for block in blocks for inner in ast.walk(block)}


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_no_import_goes_in_a_circle():
    """Imports inside functions count."""
    graph = {
        name: {
            f"{module}.{one}" if f"{module}.{one}" in FILES else module
            for node, module, one in imports(tree)
            if node not in typing_only(tree)
        }
        for name, tree in TREES.items()
    }
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_private_names_stay_in_their_module():
    private = [
        f"{n}: {m}.{one}"
        for n, tree in TREES.items()
        for _, m, one in imports(tree)
        if re.match("_[^_]", one)
    ]
    assert private == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_package_says_what_lives_there_and_none_of_its_modules_hides_a_name(package: str):
    tree = TREES[package]
    assert ast.get_docstring(tree), f"{package}/__init__.py: expected a docstring"
    public = set(quiz.__all__) if package == "quiz" else {one for _, _, one in imports(tree)}
    own = {alias for node, module, alias in imports(tree) if f"{module}.{alias}" in FILES}
    modules = {name.rpartition(".")[2] for name in FILES if name.rpartition(".")[0] == package}
    assert (public - own) & modules == set()


def test_files_and_functions_are_short():
    long = [name for name, path in FILES.items() if path.read_text("utf-8").count("\n") > LONGEST_FILE]
    for name, tree in TREES.items():
        code = set()
        for token in tokenize.generate_tokens(io.StringIO(FILES[name].read_text("utf-8")).readline):
            if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE):
                code.update(range(token.start[0], token.end[0] + 1))
        for function in functions(tree):
            lines = set(range(function.lineno, (function.end_lineno or 0) + 1)) & code
            if ast.get_docstring(function):
                lines -= set(range(function.body[0].lineno, (function.body[0].end_lineno or 0) + 1))
            if len(lines) > LONGEST_FUNCTION:
                long.append(f"{name}.{function.name}")
    assert long == []


def test_few_imports_stand_inside_functions_each_with_its_reason():
    late = {
        (name, node.lineno)
        for name, tree in TREES.items()
        for function in functions(tree)
        for node, _, _ in imports(function)
    }
    lines = {name: ["", *FILES[name].read_text("utf-8").splitlines()] for name, _ in late}
    silent = [
        f"{name}:{number}"
        for name, number in sorted(late)
        if "#" not in lines[name][number] and "#" not in lines[name][number - 1]
    ]
    assert silent == [], "a comment on the line or above it says why"
    assert len(late) <= MOST_LATE_IMPORTS


def test_the_top_of_the_package_stays_small():
    assert len([p for p in ROOT.iterdir() if not p.name.startswith(("__pycache__", "."))]) <= MOST_ENTRIES


def test_messages_are_filled_to_the_width_of_the_line():
    """Each line of a long text takes all the words that fit: what the screen says can be searched for."""
    ragged = []
    for name, path in FILES.items():
        lines = path.read_text("utf-8").splitlines()
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        kept = (t for t in tokens if t.type not in (tokenize.NL, tokenize.COMMENT))
        for one, other in itertools.pairwise(kept):
            if (
                {one.type, other.type} == {tokenize.STRING}
                and one.string[0] in "\"'"
                and "\\" not in one.string
            ):
                word = ast.literal_eval(other.string).partition(" ")
                if len(lines[one.end[0] - 1]) + len(word[0] + word[1]) <= WIDTH:
                    ragged.append(f"{name}:{other.start[0]}")
    assert ragged == []
