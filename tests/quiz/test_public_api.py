"""No public name of `quiz` is removed and no signature changes unnoticed.

``public_api.json`` holds the names and signatures, without annotations and without the modules where things
are defined. What is recorded there stays; further parameters are allowed if they have defaults. To record
what was added (nothing that is recorded already is overwritten)::

    python tests/quiz/test_public_api.py
"""

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

RECORD = Path(__file__).with_name("public_api.json")
#: Modules to the names that are public there; ``None`` for all of ``__all__``.
PUBLIC: dict[str, tuple[str, ...] | None] = {
    "quiz": None,
    "quiz.bank": ("exercise", "exercises", "ids"),
    "quiz.cli": ("main",),
    "quiz.exercise": ("Ask", "Exercise", "Givens", "KINDS", "Slip", "Step", "Stream", "jnp"),
    "quiz.export.notebook": ("check",),
    "quiz.text": ("LANGUAGES", "mark", "translate"),
}


def parameters(function: Any) -> list[str]:
    """The parameters in order: ``name``, ``name=default`` or, by name only, ``*name=default``."""
    found = []
    for p in inspect.signature(function).parameters.values():
        if p.name.startswith("_"):
            continue
        mark = {p.KEYWORD_ONLY: "*", p.VAR_POSITIONAL: "**", p.VAR_KEYWORD: "***"}.get(p.kind, "")
        plain = isinstance(p.default, str | int | float | tuple | None)
        default = "" if p.default is p.empty else f"={p.default!r}" if plain else "=…"
        found.append(f"{mark}{p.name}{default}")
    return found


def describe(value: Any) -> Any:
    """A public object as plain data."""
    if inspect.isclass(value):
        members = {
            name: parameters(member) if callable(member) else "value"
            for name, member in inspect.getmembers(value)
            if not name.startswith("_") and not hasattr(BaseException, name)
        }
        errors = [base.__name__ for base in value.__mro__ if issubclass(base, Exception)]
        return {"parameters": parameters(value), "members": members, "errors": errors}
    if inspect.isroutine(value):
        return parameters(value)
    kind = type(value)
    return f"a {kind.__name__}" if kind.__module__ == "builtins" else "an object"


def now() -> dict[str, dict[str, Any]]:
    """The public names as they are."""
    found = {}
    for module, names in PUBLIC.items():
        loaded = importlib.import_module(module)
        names = sorted(loaded.__all__) if names is None else names
        found[module] = {name: describe(getattr(loaded, name)) for name in names if hasattr(loaded, name)}
    return found


def changes(path: str, before: Any, after: Any) -> list[str]:
    """Return what was removed or changed, one line each."""
    if isinstance(before, dict) and isinstance(after, dict):
        lines = [f"{path}.{name} was removed or renamed" for name in before if name not in after]
        return lines + [
            line
            for name in before
            if name in after
            for line in changes(f"{path}.{name}", before[name], after[name])
        ]
    if isinstance(before, list) and isinstance(after, list) and not path.endswith(".errors"):
        kept = [p for p in after if p in before]
        added = [p for p in after if p not in before and "=" not in p and not p.startswith("**")]
        same = kept == before and not added
    else:
        same = before == after
    return [] if same else [f"{path} changed from {before} to {after}"]


def unrecorded(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return public names that are not in the list."""
    return [f"{module}.{name}" for module in after for name in after[module].keys() - before.get(module, {})]


def test_nothing_public_was_removed_renamed_or_changed():
    assert changes("public", json.loads(RECORD.read_text("utf-8")), now()) == []


def test_every_public_name_is_recorded():
    new = unrecorded(json.loads(RECORD.read_text("utf-8")), now())
    assert new == [], "record them: python tests/quiz/test_public_api.py"


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"m": {"f": ["x", "y=1", "z=2"]}}, []),
        ({"m": {"f": ["x", "*z", "y=1"]}}, ["p.m.f changed from ['x', 'y=1'] to ['x', '*z', 'y=1']"]),
        ({"m": {"f": ["x"]}}, ["p.m.f changed from ['x', 'y=1'] to ['x']"]),
        ({"m": {}}, ["p.m.f was removed or renamed"]),
    ],
    ids=["optional", "required", "dropped", "removed"],
)
def test_it_says_what_changed(after: dict[str, Any], told: list[str]):
    assert changes("p", {"m": {"f": ["x", "y=1"]}}, after) == told


if __name__ == "__main__":
    recorded = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    made = {module: names | recorded.get(module, {}) for module, names in now().items()}
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)
    RECORD.write_text(text + "\n", "utf-8")
