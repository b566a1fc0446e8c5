"""The public names of jaxnet and their signatures stay: ``public_api.json`` is the promise.

A name may be added to it, by ``python tests/jaxnet/test_public_api.py add``, which leaves the entries that
are there as they are. To take out or change an entry by hand is a breaking change: it needs a new major
version and a line in the changelog.
"""

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any, get_origin

import pytest

import jaxnet

MODULES = [name for name in jaxnet.__all__ if inspect.ismodule(getattr(jaxnet, name))] + ["estimators"]
#: the public names of modules that have no ``__all__``
NAMES = {
    "initializers": "ALIASES TABLE Initializer draw get",
    "sharding": "data_mesh start_process",
    "specs": "chosen constructor from_spec replace to_spec walk",
}
FILE = Path(__file__).with_name("public_api.json")
PLAIN = (bool, int, float, str, type(None))


def default(value: Any) -> str:
    """A plain default as it is written; of anything else its name or its type."""
    if isinstance(value, PLAIN) or (isinstance(value, tuple) and all(isinstance(v, PLAIN) for v in value)):
        return repr(value)
    return getattr(value, "__name__", type(value).__name__)


class Written(str):
    """A text that is its own repr."""

    __repr__ = str.__str__


def signature(thing: Any) -> str:
    """Names, kinds and defaults of the parameters; no annotations, whose text depends on the version."""
    try:
        found = inspect.signature(thing)
    except ValueError:
        return "(...)"
    empty = inspect.Parameter.empty
    bare = []
    for parameter in found.parameters.values():
        given = parameter.default if parameter.default is empty else Written(default(parameter.default))
        bare.append(parameter.replace(annotation=empty, default=given))
    return str(inspect.Signature(bare))


def described(thing: Any) -> Any:
    """What a name promises: a signature, the members of a class, the keys of a table, or a kind of value."""
    if inspect.ismodule(thing):
        return "module"
    if inspect.isclass(thing) and thing.__module__.startswith("jaxnet"):
        own = [name for cls in thing.__mro__ if cls.__module__.startswith("jaxnet") for name in vars(cls)]
        members = {name: inspect.getattr_static(thing, name) for name in sorted({*own}) if name[0] != "_"}
        return {
            "call": signature(thing),
            "members": {
                name: signature(getattr(thing, name)) if inspect.isroutine(getattr(thing, name)) else "value"
                for name in members
            },
        }
    if isinstance(thing, jaxnet.Layer):
        return f"layer {thing!r}"
    if isinstance(thing, dict):
        return sorted(map(str, thing))
    if isinstance(thing, PLAIN):
        return type(thing).__name__
    if get_origin(thing) is not None:  # tuple[...], Callable[...]
        return "a type"
    return signature(thing) if callable(thing) else type(thing).__name__


def public() -> dict[str, Any]:
    """Full name -> what it promises, for the package and its public modules."""
    found = {f"jaxnet.{name}": described(getattr(jaxnet, name)) for name in (*jaxnet.__all__, "estimators")}
    for name in MODULES:
        module = importlib.import_module(f"jaxnet.{name}")
        names = NAMES[name].split() if name in NAMES else module.__all__
        found |= {f"jaxnet.{name}.{thing}": described(getattr(module, thing)) for thing in names}
    return dict(sorted(found.items()))


PROMISED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return public()


@pytest.mark.parametrize("name", PROMISED)
def test_the_name_is_there_and_means_what_it_meant(name, found):
    assert name in found, f"{name} was removed or renamed"
    promised, now = PROMISED[name], found[name]
    if isinstance(promised, list):
        assert set(promised) <= set(now), "entries of the table were removed"
    elif isinstance(promised, dict):
        assert now["call"] == promised["call"]
        assert {member: now["members"].get(member) for member in promised["members"]} == promised["members"]
    else:
        assert now == promised


def test_every_public_name_is_promised(found):
    assert sorted(found.keys() - PROMISED.keys()) == [], "new names: see the top of this file"


if __name__ == "__main__":
    if sys.argv[1:] != ["add"]:
        sys.exit("python tests/jaxnet/test_public_api.py add: take up the public names that are new")
    FILE.write_text(
        json.dumps(public() | PROMISED, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
    )
