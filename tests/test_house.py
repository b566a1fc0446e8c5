"""The house itself: what lies where, lock files, the environment that the scripts make for themselves."""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import jaxnet

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "scripts" / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def load(name: str) -> ModuleType:
    """A file of scripts/ as a module."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


environment = load("environment")


def locked(kind: str) -> dict[str, set[str]]:
    """The packages of a lock file: name -> its "version ; marker" lines."""
    found: dict[str, set[str]] = {}
    for line in (LOCKS / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==(.*?) *\\$", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert match
    return match[0].lower().replace("_", "-")


def files_in_git() -> list[str]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listing = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True)
    return listing.splitlines()


def test_the_top_level_holds_the_packages_and_nothing_else():
    top = {name.split("/")[0] for name in files_in_git()}
    allowed = {"LICENSE", "CHANGELOG.md", "README.md", "pyproject.toml", "jaxnet", "quiz", "tests", "scripts"}
    assert {name for name in top if not name.startswith(".")} == allowed


def test_nothing_compiled_is_kept():
    assert [name for name in files_in_git() if name.endswith((".mo", ".pyc", ".so"))] == []


@pytest.mark.parametrize("kind", ["run", "test"])
def test_a_lock_file_has_hashes_and_no_address(kind: str):
    text = (LOCKS / f"{kind}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"--(index|extra|find|trusted)", text)
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert re.match(r"[a-z0-9-]+==", entry), entry
            assert "--hash=sha256:" in entry, entry


def test_one_environment_can_hold_both_locks():
    run, test = locked("run"), locked("test")
    assert {name: test.get(name) for name in run} == run


def asked(extra: str | None = None) -> set[str]:
    """The names of what the project needs, or one of its extras, which may contain others."""
    needed = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    inner = {part for r in needed for part in re.findall(r"[\w-]+", r.partition("[")[2].partition("]")[0])}
    own = {name_of(r) for r in needed}
    return (own - {"jaxnet-quiz"}).union(*(asked(part) for part in inner if "jaxnet-quiz" in own))


@pytest.mark.parametrize(("kind", "extras"), [("run", ["plot", "sklearn"]), ("test", ["test"])])
def test_a_lock_file_holds_what_pyproject_asks_for(kind: str, extras: list[str]):
    assert asked().union(*map(asked, extras)) - locked(kind).keys() == set(), "run scripts/lock"


@pytest.mark.parametrize("command", PROJECT["scripts"])
def test_a_command_is_there(command: str):
    module, _, function = PROJECT["scripts"][command].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_ci_runs_the_script_that_everybody_runs():
    assert "/../scripts/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all(os.access(ROOT / name, os.X_OK) for name in (".ci/run", "scripts/test", "scripts/demo"))


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", "index cannot be reached"),
        (
            "ERROR: Could not find a version ... [Errno -3] Temporary failure in name resolution",
            "cannot be reached",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
            "    rich==15.0.0 from ADDRESS (from -r run.txt):\n        Expected sha256 0a",
            "rich==15.0.0 as downloaded is not the file that was locked",
        ),
        ("ERROR: No matching distribution found for jaxlib==0.10.2", "no ready-made jaxlib==0.10.2"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        ("      ValueError: Unknown classifier", "pip failed: Unknown classifier"),
    ],
    ids=["refused", "no-name-server", "hash", "no-wheel", "disk", "other"],
)
def test_what_pip_says_becomes_one_sentence(log: str, sentence: str):
    said = environment.explain(log)
    assert sentence in said
    assert "\n" not in said


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The environment script, pointed at a folder with a space in its name and a finished environment."""
    module = load("environment")
    root = tmp_path / "a b"
    (root / "scripts" / "locks").mkdir(parents=True)
    (root / ".venv").mkdir()
    for name in ("scripts/locks/run.txt", "scripts/hatch_build.py", "pyproject.toml"):
        (root / name).write_text("as it was")
    monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(module, "SCRIPTS", root / "scripts")
    monkeypatch.setattr(module, "VENV", root / ".venv")
    monkeypatch.setattr(module, "VERSION", "3.12")
    monkeypatch.setattr(module, "STAMP", root / ".venv" / "stamp.json")
    (root / ".venv" / "pyvenv.cfg").write_text("home = /somewhere\nversion = 3.12.1\n")
    stamp = '{{"root": "{}", "python": "3.12", "run": "{}"}}'
    module.STAMP.write_text(stamp.format(root.as_posix(), module.fingerprint("run")))
    return module


def test_a_finished_environment_is_ready(checkout: ModuleType):
    assert checkout.main(["--check", "run"]) == 0
    assert checkout.main(["run"]) == 0


def test_an_interrupted_environment_is_not_ready(checkout: ModuleType):
    checkout.STAMP.unlink()
    assert checkout.main(["--check", "run"]) == 1


@pytest.mark.parametrize("name", ["scripts/locks/run.txt", "scripts/hatch_build.py", "pyproject.toml"])
def test_a_change_in_what_is_installed_counts(checkout: ModuleType, name: str):
    (checkout.ROOT / name).write_text("changed")
    assert checkout.main(["--check", "run"]) == 1


def test_another_python_or_place_makes_it_afresh(checkout: ModuleType):
    assert checkout.stamped()
    assert checkout.main(["--made"]) == 0
    checkout.VERSION = "3.13"  # PYTHON=python3.13 scripts/test
    assert checkout.stamped() == {}
    assert checkout.main(["--made"]) == 1
    assert checkout.main(["--check", "run"]) == 1
    checkout.VERSION = "3.12"
    (checkout.VENV / "pyvenv.cfg").write_text("version = 3.13.0\n")
    assert checkout.stamped() == {}
    (checkout.VENV / "pyvenv.cfg").write_text("version = 3.12.1\n")
    checkout.ROOT = checkout.ROOT.with_name("moved")
    assert checkout.stamped() == {}


def test_a_folder_that_is_no_environment_is_left_alone(
    checkout: ModuleType, capsys: pytest.CaptureFixture[str]
):
    checkout.STAMP.unlink()
    (checkout.VENV / "pyvenv.cfg").unlink()
    (checkout.VENV / "thesis.txt").write_text("five years of work")
    assert checkout.main(["run"]) == 1
    assert "is no environment of Python; move it away" in capsys.readouterr().err
    assert (checkout.VENV / "thesis.txt").read_text() == "five years of work"


def test_a_newer_translation_is_compiled_again(checkout: ModuleType):
    folder = checkout.ROOT / "quiz" / "text" / "kk" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, compiled = folder / "quiz.po", folder / "quiz.mo"
    source.write_text("")
    assert checkout.main(["--check", "run"]) == 1
    compiled.write_text("")
    os.utime(source, (100, 100))
    assert checkout.main(["--check", "run"]) == 0
    os.utime(compiled, (50, 50))
    assert checkout.main(["--check", "run"]) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({}, "no python3 was found"),
        ({"python3": 3, "python": 3}, "found were only older ones: python3 python."),
        ({"python3": 3, "python3.12": 4}, "python3.12 has no venv module"),
    ],
    ids=["none", "too-old", "no-venv"],
)
@pytest.mark.parametrize("script", ["demo", "test"])
def test_a_missing_python_is_said_in_one_sentence(
    tmp_path: Path, script: str, found: dict[str, int], sentence: str
):
    scripts = tmp_path / "a b" / "scripts"
    shutil.copytree(ROOT / "scripts", scripts, ignore=shutil.ignore_patterns("__pycache__"))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "dirname").symlink_to(shutil.which("dirname") or "")
    for name, status in found.items():  # a stand-in that answers as such a Python would
        (programs / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (programs / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", scripts / script],
        env={"PATH": str(programs)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("found", "wanted", "chosen"),
    [
        ({"python3": 0, "python3.11": 0, "python3.12": 0, "python3.13": 0}, "", "python3.13"),
        ({"python3": 0, "python3.11": 0, "python3.13": 4}, "", "python3.11"),
        ({"python3": 0, "python3.9": 0}, "", "python3"),
        ({"python3": 3, "python": 0}, "", "python"),
        ({"python3": 0, "python3.11": 0, "python3.13": 0}, "python3.11", "python3.11"),
        ({"python3": 0, "my python": 0}, "my python", "my python"),
        ({"python3": 0, "python3.13": 0}, "python3.12", "PYTHON=python3.12 names no Python that runs"),
        ({"python3": 0, "python2": 3}, "python2", "found were only older ones: python2."),
    ],
    ids=["newest", "newest-that-can", "plain", "python", "wanted", "a-space", "wanted-missing", "wanted-old"],
)
def test_the_newest_python_is_taken_unless_one_is_named(
    tmp_path: Path, found: dict[str, int], wanted: str, chosen: str
):
    for name, status in found.items():  # a stand-in that answers as such a Python would
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$0"\nexit {status}\n')
        (tmp_path / name).chmod(0o755)
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "")
    done = subprocess.run(
        ["/bin/sh", "-c", f'here="{ROOT}/scripts"; . "$here/environment.sh"; find_python; echo "$base"'],
        env={"PATH": str(tmp_path), "PYTHON": wanted},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        assert chosen in done.stderr
    else:
        assert done.stdout == f"{tmp_path / chosen}\n"
        assert done.stderr == ""


def test_the_wheel_holds_both_packages_and_every_translation(tmp_path: Path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"jaxnet/__init__.py", "jaxnet/py.typed", "quiz/py.typed"} <= names
    sources = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("quiz/text/*/LC_MESSAGES/*.po")}
    assert {name.removesuffix(".mo") for name in names if name.endswith(".mo")} == {s[:-3] for s in sources}
    pages = {p.relative_to(ROOT).as_posix() for part in ("templates", "static")
             for p in (ROOT / "quiz" / "web" / part).iterdir()}  # fmt: skip
    assert pages <= names
    assert {name.split("/")[0] for name in names} == {
        "jaxnet",
        "quiz",
        f"jaxnet_quiz-{jaxnet.__version__}.dist-info",
    }
