"""Build the sdist and from it the wheel, as a package index gets them, and check what is in them.

python scripts/package.py dist
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("jaxnet", "quiz")
#: What the sdist holds beside the packages; the two scripts compile the translations when a wheel is built.
BESIDE = {
    "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", ".gitignore", "pyproject.toml",
    "scripts/hatch_build.py", "scripts/messages.py",
}  # fmt: skip


def build(folder: Path) -> tuple[Path, Path]:
    """Build both into a folder; return sdist and wheel."""
    _hatchling(ROOT, "sdist", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as unpacked:
        with tarfile.open(sdist) as archive:
            archive.extractall(unpacked, filter="data")
        _hatchling(Path(unpacked) / sdist.name.removesuffix(".tar.gz"), "wheel", folder)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


def _hatchling(source: Path, target: str, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    # the sdist needs no compiled translations, and those of a checkout may be in use
    environment = os.environ | ({"HATCH_BUILD_NO_HOOKS": "true"} if target == "sdist" else {})
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"package: the {target} cannot be built: {done.stdout}{done.stderr}")


def expected() -> set[str]:
    """The files of both packages that a user needs: code, stubs, texts, styles; translations compiled too."""
    found = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".mo"
    }
    return found | {name.removesuffix("po") + "mo" for name in found if name.endswith(".po")}


def faults(sdist: Path, wheel: Path) -> list[str]:
    """What is missing in the two, or does not belong there."""
    with tarfile.open(sdist) as archive:
        source = {member.name.partition("/")[2] for member in archive if member.isfile()}
    with zipfile.ZipFile(wheel) as archive:
        installed = set(archive.namelist())
        (about,) = (name for name in installed if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(about))
    place = about.rpartition("/")[0]
    compiled = {name for name in expected() if name.endswith(".mo")}
    beside = {
        f"{place}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    found = _compare("sdist", source - compiled, (expected() - compiled) | BESIDE)
    found += _compare("wheel", installed, expected() | beside)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if set(metadata.get_all("Provides-Extra") or ()) != set(project["optional-dependencies"]):
        found.append("wheel: the extras are not those of pyproject.toml")
    if "# jaxnet" not in str(metadata.get_payload()):
        found.append("wheel: the description is not the README")
    return found


def _compare(name: str, found: set[str], wanted: set[str]) -> list[str]:
    missing = [f"{name}: {path} is missing" for path in sorted(wanted - found)]
    return missing + [f"{name}: {path} does not belong there" for path in sorted(found - wanted)]


def main(arguments: list[str] | None = None) -> int:
    """Build into the folder that is named; 1 if something is wrong."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        print("package: expected one folder, for example: python scripts/package.py dist", file=sys.stderr)
        return 2
    folder = Path(given[0]).resolve()
    if folder.exists() and any(folder.iterdir()):
        print(f"package: {folder} is not empty; name a new folder", file=sys.stderr)
        return 2
    sdist, wheel = build(folder)
    for path in (sdist, wheel):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    found = faults(sdist, wheel)
    print("\n".join(f"package: {fault}" for fault in found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
