"""The sdist and the wheel: built as a package index gets them, complete, and without anything else."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import package
import pytest
from packaging.metadata import Metadata

import jaxnet


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return package.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(folder)
    return folder


def test_both_hold_what_users_need_and_nothing_else(built: tuple[Path, Path]):
    assert package.faults(*built) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("quiz/text/kk/LC_MESSAGES/quiz.mo", "is missing"),
        ("quiz/render/page.css", "is missing"),
        ("tests/test_package.py", "does not belong there"),
        ("scripts/messages.py", "does not belong there"),
    ],
)
def test_a_file_too_few_or_too_many_is_found(built: tuple[Path, Path], tmp_path: Path, name: str, fault: str):
    changed = tmp_path / "changed.whl"
    with zipfile.ZipFile(built[1]) as old, zipfile.ZipFile(changed, "w") as new:
        kept = [entry for entry in old.namelist() if entry != name]
        for entry in kept:
            new.writestr(entry, old.read(entry))
        if len(kept) == len(old.namelist()):
            new.writestr(name, "")
    assert package.faults(built[0], changed) == [f"wheel: {name} {fault}"]


def test_the_metadata_are_valid_and_say_the_version_of_the_library(unpacked: Path):
    (about,) = unpacked.glob("*.dist-info/METADATA")
    metadata = Metadata.from_email(about.read_bytes(), validate=True)
    assert str(metadata.version) == jaxnet.__version__
    assert metadata.description_content_type == "text/markdown"
    assert metadata.license_expression == "Apache-2.0"
    tested = {"Programming Language :: Python :: 3.11", "Programming Language :: Python :: 3.13"}
    assert tested <= set(metadata.classifiers or ())


@pytest.mark.parametrize(
    ("lang", "said"),
    [("kk", "Жасанды нейрондық"), ("ru", "Что такое"), ("en", "What is")],
    ids=["kk", "ru", "en"],
)
def test_the_installed_quiz_speaks_the_language(unpacked: Path, tmp_path: Path, lang: str, said: str):
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "QUIZ_LANG": lang, "PYTHONIOENCODING": "utf-8"}
    code = "import quiz; print(quiz.__file__); from quiz.cli import main; main(['list', '--all'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "QUIZ_DATA_DIR": str(tmp_path)}, cwd=tmp_path, capture_output=True,
        encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stdout.startswith(str(unpacked))
    assert f"1. {said}" in done.stdout


@pytest.mark.parametrize("given", [[], ["a", "b"]], ids=["none", "two"])
def test_one_folder_is_named(given: list[str], capsys: pytest.CaptureFixture[str]):
    assert package.main(given) == 2
    assert "expected one folder" in capsys.readouterr().err


def test_files_that_are_there_are_not_mixed_with_new_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "old.whl").write_text("")
    assert package.main([str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
