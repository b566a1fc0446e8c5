"""Hostile files and failing machines cost what they weigh, and stop nobody else."""

import bz2
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import class_simulation
import pytest

from quiz.course import limits, outcomes, sitting
from quiz.course.ledger import Ledger
from quiz.course.submissions import find, parse
from quiz.text.errors import Machine, Malformed


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    return class_simulation.issue(tmp_path_factory.mktemp("hostile") / "ann", 2)


def quick(call, seconds=3.0):
    begun = time.perf_counter()
    made = call()
    assert time.perf_counter() - begun < seconds
    return made


@pytest.mark.parametrize(
    "source",
    [
        "paper" + "\n" * 1_000_000,
        "answers" + "\n" * 1_000_000,
        'answers[1] = """' * 100_000,
        "answers[1] = '''\n" * 100_000,
        "answers[" * 200_000,
        "answers[1] = " + "(" * 60_000,
        "answers[1] = " + "-" * 60_000 + "1",
        "answers[1] = " + "[1, " * 15_000,
        "answers = {" + "1:" * 30_000,
        "answers[1] = 'a'" + " + 'a'" * 10_000,
    ],
    ids=["lines", "more lines", "unclosed", "closed", "brackets", "nested", "minus", "lists", "dict", "sum"],
)
def test_reading_a_notebook_takes_time_in_proportion_to_its_size(source):
    data = json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()
    with pytest.raises(Malformed):
        quick(lambda: parse.parse("ipynb", data))


def test_reading_json_and_pages_takes_time_in_proportion_to_their_size():
    keys = ", ".join(f'"{n}": 1' for n in range(100_000)) + ', "99999": 1'
    for kind, data in (
        ("json", "{" + keys + "}"), ("html", "<script " * 200_000), ("html", "<input " + "a=" * 900_000),
        ("html", '<script id="about">{"paper": "A", "mac": "B"}</script>' + "<input data-ask=x " * 90_000),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            quick(lambda kind=kind, data=data: parse.parse(kind, data.encode()))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a timer is a matter of POSIX")
def test_one_submission_has_limited_time(issued, tmp_path, monkeypatch):
    course, (one, other, *_rest) = issued

    def slow(kind, data):
        if b"slow" in data:
            while True:
                pass
        return parse.parse(kind, data)

    monkeypatch.setattr(limits, "SECONDS", 0.05)
    monkeypatch.setattr(outcomes, "parse", slow)
    (tmp_path / "a.json").write_bytes(one.body(one.right, note="slow"))
    (tmp_path / "b.json").write_bytes(other.body(other.right))
    with Ledger(course.database) as ledger:
        (problem,) = quick(lambda: list(sitting.mark(course, ledger, tmp_path, sitting="1", jobs=1)), 30)
    assert problem["source"] == "a.json"
    assert "seconds" in problem["template"]


# -- archives


def tar_header(name, size, kind=tarfile.REGTYPE):
    about = tarfile.TarInfo(name)
    about.size, about.type = size, kind
    return about.tobuf(tarfile.GNU_FORMAT)


HEADERS = {
    "extended": tar_header("x", 512 << 20, tarfile.XHDTYPE),
    "global": tar_header("x", 512 << 20, tarfile.XGLTYPE),
    "long name": tar_header("x", 512 << 20, tarfile.GNUTYPE_LONGNAME),
    "member": tar_header("x.json", 512 << 20),
    "skipped": tar_header("x.txt", 1 << 40),
    "sparse": tar_header("x.json", 512 << 20, tarfile.GNUTYPE_SPARSE),
}


@pytest.mark.parametrize("name", HEADERS)
def test_what_a_header_claims_is_not_believed(tmp_path, name):
    (tmp_path / "a.tar.bz2").write_bytes(bz2.compress(HEADERS[name] + b" " * (4 << 20)))
    tracemalloc.start()
    found = quick(lambda: list(find.find(tmp_path / "a.tar.bz2")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20
    assert [e.kind for e in found if e.source == "a.tar.bz2"] == ["problem"]


def test_sparse_and_extended_members_are_read_or_refused(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("ә" * 120 + ".json", "b.json"):
            about = tarfile.TarInfo(name)
            about.size, about.mtime = 2, 1_700_000_000.5
            archive.addfile(about, io.BytesIO(b"{}"))
    found = list(find.find(path))
    assert [(e.data, e.handed) for e in found] == [(b"{}", "2023-11-14T22:13:20+00:00")] * 2
    assert found[1].source == "a.tar/b.json"


def test_a_small_zip_of_very_many_lines_is_not_read_to_its_end(issued, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", b"{\n" * 300_000)
    assert (tmp_path / "a.zip").stat().st_size < 2000
    course, _papers = issued
    with Ledger(course.database) as ledger:
        found = quick(lambda: list(sitting.mark(course, ledger, tmp_path, sitting="1", jobs=1)), 10)
    assert len(found) == find.MAX_PROBLEMS + 1
    assert "not read" in found[-1]["template"]


def test_a_file_with_few_bad_lines_is_read_to_its_end(issued, tmp_path):
    course, (one, *_rest) = issued
    bad = b"{\n" * (find.MAX_PROBLEMS + 5)
    (tmp_path / "a.jsonl").write_bytes(bad + one.body(one.right).replace(b"\n", b" "))
    with Ledger(course.database) as ledger:
        found = list(sitting.mark(course, ledger, tmp_path, sitting="1", jobs=1))
        assert {r["student"] for r, m in ledger.marks("1") if m} >= {one.record["student"]}
    assert (found[-1]["given"], len(found)) == ({"count": 5}, find.MAX_PROBLEMS + 1)


# -- folders and processes


def test_folders_may_be_deep(tmp_path):
    path = tmp_path
    for _level in range(find.MAX_DEPTH + 5):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "a.json").write_text("{}")
    (tmp_path / "z.json").write_text("{}")
    found = list(find.find(tmp_path))
    assert [e.kind for e in found] == ["problem", "json"]


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b.json").write_text("{}")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "a":
            raise PermissionError(13, "Zugriff verweigert")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(find.find(tmp_path))
    assert [(e.source, e.kind) for e in found] == [("a", "problem"), ("b.json", "json")]
    assert json.loads(found[0].data)["given"] == {"reason": "permission denied"}


def test_a_machine_that_cannot_compute_stops_the_run(issued, tmp_path, monkeypatch):
    course, (one, *_rest) = issued
    (tmp_path / "a.json").write_bytes(one.body({"1": one.right["1"]}))

    def fail(*_arguments):
        raise RuntimeError("no backend")

    with monkeypatch.context() as patch, Ledger(course.database) as ledger:
        patch.setattr(outcomes, "grade_many", fail)
        patch.setattr("jax.numpy.zeros", fail)
        with pytest.raises(Machine, match="JAX cannot compute"):
            list(sitting.mark(course, ledger, tmp_path, sitting="1", jobs=1))
        patch.setattr(outcomes, "parse", lambda *_a: (_ for _ in ()).throw(MemoryError()))
        (tmp_path / "b.json").write_bytes(one.body(one.right))
        with pytest.raises(Machine, match="memory"):
            list(sitting.mark(course, ledger, tmp_path, sitting="1", jobs=1))


_KILLED = """
import os, sys
from pathlib import Path
from quiz.course import folder, outcomes, sitting, workers
from quiz.course.ledger import Ledger
from quiz.text.errors import Machine
if __name__ == "__main__":
    workers.PARALLEL_FROM, workers.CHUNK = 2, 1
    course = folder.open_course(Path(sys.argv[1]))
    with Ledger(course.database) as ledger:
        try:
            for _problem in sitting.mark(course, ledger, Path(sys.argv[2]), sitting="1", jobs=2):
                pass
        except Machine as error:
            print("refused:", error.code)
else:  # a worker
    import time

    def mark_chunk(*_arguments):
        if sys.argv[3] == "killed":
            os.kill(os.getpid(), 9)
        print(os.getpid(), flush=True)
        time.sleep(60)

    workers.mark_chunk = mark_chunk
"""


def _runs(process):
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        return ") Z" not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="signals and process numbers as Linux has them")
@pytest.mark.parametrize("what", ["killed", "SIGTERM", "SIGKILL"])
def test_workers_end_with_their_parent_and_their_end_is_a_sentence(issued, tmp_path, what):
    course, (one, *_rest) = issued
    (tmp_path / "in").mkdir()
    for name in "abcd":
        (tmp_path / f"in/{name}.json").write_bytes(one.body({"1": {"z": name}}))
    script = tmp_path / "run.py"
    script.write_text(_KILLED)
    root = str(Path(sitting.__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    arguments = [sys.executable, str(script), str(course.path), str(tmp_path / "in"), what]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        if what == "killed":
            assert process.stdout.read() == "refused: 6\n"
            return
        started = [int(process.stdout.readline())]
        process.send_signal(getattr(signal, what))
        process.wait()
        until = time.monotonic() + 20
        while any(map(_runs, started)):
            assert time.monotonic() < until, "a worker is left behind"
            time.sleep(0.05)
