"""Standard streams that are closed or full, outputs that are devices: a sentence and the right exit code."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from quiz.files import write_atomic

CLOSED = "quiz: the standard output is closed\n"


def shell(tmp_path, redirections):
    """Run the command by a shell that redirects its streams."""
    return subprocess.run(
        ["sh", "-c", f"{sys.executable} -m quiz.cli {redirections}"],
        capture_output=True,
        text=True,
        env={**os.environ, "QUIZ_DATA_DIR": str(tmp_path), "QUIZ_LANG": "en", "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.skipif(os.name != "posix", reason="the shell closes the streams")
@pytest.mark.parametrize(
    ("redirections", "code", "errors"),
    [
        ("list >&-", 6, CLOSED),
        ("stats --lang en >&- <&-", 6, CLOSED),
        ("stats >&- 2>&- <&-", 6, ""),
        ("reset --yes >&-", 0, "Deleted: 0.\n"),  # nothing to print
        ("list --json >/dev/full", 6, "quiz: no space left on the disk\n"),
        ("export csv -e q2.update -n 1 -o /dev/null", 3, "quiz: /dev/null: it is not a folder\n"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path, redirections, code, errors):
    done = shell(tmp_path, redirections)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", errors)


@pytest.mark.skipif(os.name != "posix", reason="the shell closes the streams")
@pytest.mark.parametrize("redirections", ["reset <&-", "reset </dev/null"])
def test_without_an_answer_nothing_is_deleted(tmp_path, redirections):
    done = shell(tmp_path, redirections)
    assert done.returncode == 2
    assert "nothing was deleted: there is no answer; --yes deletes without a question" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there are no such devices")
def test_a_device_is_written_to_and_never_replaced(tmp_path):
    for name in ("null", "full"):
        before = os.stat(f"/dev/{name}")
        if name == "full":
            with pytest.raises(OSError, match="28"):
                write_atomic(Path("/dev/full"), "x")
        else:
            write_atomic(Path("/dev/null"), "x", private=True)
        after = os.stat(f"/dev/{name}")
        assert stat.S_ISCHR(after.st_mode)
        assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomic(pipe, ["a", "b"])
    assert os.read(reading, 9) == b"ab"
    os.close(reading)
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)


def test_where_nothing_can_be_made_the_file_is_named_not_the_temporary_one(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "", ".new-1-x")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(PermissionError) as raised:
        write_atomic(tmp_path / "page.html", "x")
    assert raised.value.filename == str(tmp_path / "page.html")
