"""Everything that the project needs has a licence that goes with its own."""

import tomllib
from email.message import Message
from pathlib import Path
from typing import Any

import licences
import pytest

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_all_dependencies_have_compatible_licences():
    found = licences.needed(PROJECT)
    assert {"jax", "numpy", "click", "jaxlib"} <= set(found)
    assert licences.incompatible(found) == {}


class Package:
    """A distribution as `importlib.metadata` gives it."""

    files = None

    def __init__(self, **about: str):
        self.metadata = Message()
        for name, value in {"Name": "a", **about}.items():
            self.metadata[name.replace("_", "-")] = value


@pytest.mark.parametrize(
    ("about", "left"),
    [
        ({"License_Expression": "MIT OR GPL-3.0-only"}, None),
        ({"License_Expression": "BSD-3-Clause AND MIT"}, None),
        ({"License_Expression": "GPL-3.0-only AND MIT"}, {"GPL-3.0-only"}),
        ({"Classifier": "License :: OSI Approved :: Apache Software License"}, None),
        ({"Classifier": "License :: Other/Proprietary License"}, {"Other/Proprietary License"}),
        ({"License": "All rights reserved"}, {"All rights reserved"}),
        ({}, {"unknown"}),
    ],
)
def test_what_does_not_go_with_apache_is_found(about: dict[str, str], left: set[str] | None):
    package: Any = Package(**about)
    assert licences.incompatible({"a": package}) == ({"a": left} if left else {})
