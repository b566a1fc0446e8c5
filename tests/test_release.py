"""What a release needs is said before anything is built, and its bill of materials names every package."""

import subprocess
import tomllib
from pathlib import Path

import licences
import pytest
import release

import jaxnet

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout from which 1.2.3 can be released."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    (tmp_path / "jaxnet").mkdir()
    (tmp_path / "jaxnet" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n\n- Faster.\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def test_nothing_is_missing(checkout: Path):
    assert list(release.problems(checkout)) == []


def test_what_is_missing_is_said(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    git(checkout, "tag", "v1.2.3")
    assert ["the tag v1.2.3 exists" in said for said in release.problems(checkout)] == [True]
    (checkout / "jaxnet" / "__init__.py").write_text('__version__ = "1.3"\n')
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert [said.partition(";")[0] for said in release.problems(checkout)] == [
        "1.3 is no version such as 1.2.3 or 1.2.3rc1",
        "CHANGELOG.md has no section for 1.3",
        "there are changes that are not committed",
        "twine is missing",
    ]


def test_the_version_is_that_of_the_library():
    assert release.version() == jaxnet.__version__


def test_the_bill_of_materials_names_what_an_installation_brings():
    found = licences.needed(PROJECT, extras=False)
    bill = release.bill_of_materials("1.2.3", found)
    listed = {part["name"]: part for part in bill["components"]}
    assert {"jax", "jaxlib", "numpy", "optax", "click", "rich", "fsrs", "markdown-it-py"} <= set(listed)
    assert not {"pytest", "matplotlib", "sphinx", "torch"} & set(listed)
    assert listed["jax"]["purl"] == f"pkg:pypi/jax@{found['jax'].version}"
    assert listed["jax"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert bill["metadata"]["component"]["version"] == "1.2.3"
