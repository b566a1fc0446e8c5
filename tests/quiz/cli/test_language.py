"""The language of the command line: which one is chosen, and what click says in it."""

import io
import os
import sqlite3
import sys

import pytest

from quiz.cli import app, courses, main
from quiz.cli.console import complain
from quiz.cli.language import language
from quiz.course import folder
from quiz.text.errors import InFile, Refusal


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run ``quiz`` in this process in a language; return the exit code and what it prints."""
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)

    def run(lang, *arguments):
        monkeypatch.setenv("QUIZ_LANG", lang)
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        out, err = capsys.readouterr()
        return left.value.code, out + err

    return run


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("kk", ["quiz take [ПАРАМЕТРЛЕР] [ЖАТТЫҒУ]", "--count БҮТІН САН ", "[1<=x<=1000]"]),
        ("ru", ["quiz take [ПАРАМЕТРЫ] [УПРАЖНЕНИЕ]", "--count ЦЕЛОЕ ЧИСЛО ", "[1<=x<=1000]"]),
        ("en", ["quiz take [OPTIONS] [EXERCISE]", "--count INTEGER RANGE ", "[1<=x<=1000]"]),
    ],
)
def test_the_names_of_types_and_arguments_are_translated(run, lang, wanted):
    code, text = run(lang, "take", "--help")
    assert code == 0
    assert [part for part in wanted if part not in text] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["take", "-n", "x"], "«x» — это не целое число."),
        (["generate"], "Не указан аргумент 'УПРАЖНЕНИЕ'."),
        (["tak"], "Нет команды «tak»."),
        (["export", "csv", "-o", __file__, "-e", "q2.update"], "— это файл."),
        (["grade"], "quiz grade [ПАРАМЕТРЫ] ВАРИАНТ"),
        (["course"], "quiz course [ПАРАМЕТРЫ] КОМАНДА [АРГУМЕНТЫ]..."),
    ],
)
def test_errors_of_click_are_translated(run, arguments, sentence):
    code, text = run("ru", *arguments)
    assert code == 2
    assert sentence in text


def test_the_command_speaks_another_language_in_the_next_call(run):
    assert "ПАРАМЕТРЛЕР" in run("kk", "--help")[1]
    assert "ПАРАМЕТРЫ" in run("ru", "--help")[1]
    assert "OPTIONS" in run("en", "--help")[1]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_reported_in_the_language(run, tmp_path, monkeypatch):
    monkeypatch.setenv("QUIZ_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir(mode=0o000)
    assert "нет доступа" in run("ru", "reset", "--yes")[1]


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (FileNotFoundError(2, "No such file", "a.csv"), 3, "quiz: a.csv: нет такого файла или папки\n"),
        (OSError(28, "No space left on device"), 6, "quiz: на диске нет места\n"),
        (Refusal("no question asks for %(name)s", name="x"), 2, "quiz: ни один вопрос не спрашивает x\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["file", "disk", "refusal", "interrupt"],
)
def test_every_error_is_one_sentence_and_an_exit_code(capsys, error, code, text):
    def fail():
        raise error

    assert app._exit_code(fail, "ru") == code
    assert capsys.readouterr().err == text


def test_an_error_in_letters_that_the_terminal_lacks(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    complain("жаттығу `q2` жоқ")
    stream.flush()
    assert stream.buffer.getvalue() == b"quiz: zhattyghu q2 zhoq\n"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("database is locked", "it is in use by another program"),
        ("malformed", "it is damaged or not a database"),
    ],
)
def test_the_database_of_a_course_cannot_be_read(tmp_path, monkeypatch, message, reason):
    folder.new(tmp_path / "ann")

    def fail(_path):
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr(courses, "Ledger", fail)
    with (
        pytest.raises(InFile, match=rf"^course\.sqlite: cannot be read: {reason}$"),
        courses.opened(tmp_path / "ann"),
    ):
        pass


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LC_ALL": "kk_KZ.UTF-8", "LANG": "ru_RU"}, "kk"),
        ({"QUIZ_LANG": "ru_RU.UTF-8", "LC_ALL": "kk_KZ"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_environment(environ, expected):
    assert language(None, environ) == expected


def test_an_unknown_language_is_refused():
    with pytest.raises(Refusal, match=r'^QUIZ_LANG: expected one of kk, ru, en, got "de"$'):
        language(None, {"QUIZ_LANG": "de"})
