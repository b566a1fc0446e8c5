"""Prepare a release; ``scripts/release`` calls it. Needs the package twine; uploads nothing."""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import licences
import package

ROOT = Path(__file__).resolve().parents[1]


def version(root: Path = ROOT) -> str:
    """The version that the library says it has, which is that of the package too."""
    text = (root / "jaxnet" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found
    return found[1]


def notes(changelog: str, number: str) -> str:
    """The section of a version in the changelog; empty if there is none.

    Example:
        >>> notes("## [Unreleased]\\n\\n## [0.2.0] - 2026-12-01\\n\\nFaster.\\n\\n## [0.1.0]\\n", "0.2.0")
        'Faster.'
    """
    found = re.search(rf"^## \[{re.escape(number)}\].*\n([\s\S]*?)(?=^## |\Z)", changelog, re.MULTILINE)
    return found[1].strip() if found else ""


def problems(root: Path = ROOT) -> Iterator[str]:
    """What is missing for a release, in sentences that say how to fix it."""
    number = version(root)
    if not re.fullmatch(r"\d+\.\d+\.\d+(rc\d+)?", number):
        yield f"{number} is no version such as 1.2.3 or 1.2.3rc1; change jaxnet/__init__.py"
    if not notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), number):
        yield f"CHANGELOG.md has no section for {number}; write '## [{number}] - DATE' above what is new"
    if _git(root, "status", "--porcelain"):
        yield "there are changes that are not committed; commit or stash them"
    if _git(root, "tag", "--list", f"v{number}"):
        yield f"the tag v{number} exists; increase the version in jaxnet/__init__.py"
    if importlib.util.find_spec("twine") is None:
        yield "twine is missing; install it with: python -m pip install twine"


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def bill_of_materials(number: str, found: dict[str, metadata.Distribution]) -> dict[str, Any]:
    """The packages that an installation brings along, in the format CycloneDX 1.6."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component("jaxnet-quiz", number, {"Apache-2.0"})},
        "components": [_component(name, one.version, licences.licences(one)) for name, one in found.items()],
    }


def _component(name: str, number: str, named: set[str]) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{number}",
        "name": name,
        "version": number,
        "purl": f"pkg:pypi/{name}@{number}",
        "licenses": [{"license": {"id": licence}} for licence in sorted(named)],
    }


def main(arguments: list[str] | None = None) -> int:
    """Check, and unless only that is asked for, test, build and tag."""
    parser = argparse.ArgumentParser(prog="scripts/release", description="Prepare a release; upload nothing.")
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    options = parser.parse_args(arguments)
    number = version()
    found = list(problems())
    print("\n".join(f"scripts/release: {problem}" for problem in found) or f"{number} can be released")
    if found or options.check:
        return 1 if found else 0
    folder = ROOT / "dist" / number
    subprocess.run([ROOT / "scripts" / "test"], check=True)
    if code := package.main([str(folder)]):
        return code
    built = sorted(map(str, folder.iterdir()))
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *built], check=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bill = bill_of_materials(number, licences.needed(project, extras=False))
    (folder / "sbom.cdx.json").write_text(json.dumps(bill, indent=1), encoding="utf-8")
    said = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), number)
    (folder / "NOTES.md").write_text(said + "\n", encoding="utf-8")
    subprocess.run(
        ["git", "tag", "--annotate", f"v{number}", "--message", f"Version {number}"], cwd=ROOT, check=True
    )
    print(f"{folder} holds the release, and v{number} is tagged; nothing has been uploaded or pushed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
