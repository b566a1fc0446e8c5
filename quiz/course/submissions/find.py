"""Finds submissions in files, folders and archives, one after another; nothing is unpacked to the disk."""

import hashlib
import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from quiz.course.submissions import spreadsheet
from quiz.course.submissions.parse import MAX_SUBMISSION
from quiz.text import mark as _
from quiz.text.errors import one_line, one_line_each, os_reason

#: Limits on the members of an archive: their number, and their bytes in all.
MAX_MEMBERS, MAX_BYTES = 50_000, 1 << 30
#: The largest ratio of unpacked to packed bytes.
MAX_RATIO = 200


@dataclass(frozen=True)
class Entry:
    """One submission as it was found, before it is read.

    Attributes:
        source: the name of the file, relative to the path or archive it was found in.
        line: the line where it begins, 0 if the whole file is one submission.
        kind: ``json``, ``ipynb`` or ``problem``.
        data: its content; for a problem, the reason.
    """

    source: str
    line: int
    kind: str
    data: bytes


def find(path: Path) -> Iterator[Entry]:
    """Yield every submission of a file, a folder or an archive, in the order of names.

    Links are not followed; hidden files are skipped.
    """
    if not path.is_dir():
        yield from _file(path, _named(path.name))
        return
    for found in _walk(path):
        yield from _file(found, _named(found.relative_to(path).as_posix()))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _named(name: str) -> str:
    """Return a file's name fit for one line; a digest distinguishes names that were shortened."""
    shown = one_line(name)
    if shown == name:
        return name
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{shown} [{digest}]"


def _file(path: Path, name: str) -> Iterator[Entry]:
    suffix = path.suffix.lower()
    try:
        if suffix == ".zip":
            yield from _zip(path, name)
        elif suffix in (".tar", ".tgz", ".gz", ".xz", ".bz2"):
            yield from _tar(path, name)
        else:
            with path.open("rb") as file:
                yield from _content(name, suffix, file)
    except OSError as error:
        yield _unreadable(name, error)


def _content(name: str, suffix: str, file: IO[bytes]) -> Iterator[Entry]:
    if suffix in (".jsonl", ".ndjson"):
        yield from _lines(name, file)
    elif suffix == ".csv":
        yield from (
            Entry(name, line, "json", content)
            if isinstance(content, bytes)
            else _problem(name, line, content)
            for line, content in spreadsheet.read(file)
        )
    elif suffix in (".json", ".ipynb"):
        data = file.read(MAX_SUBMISSION + 1)
        yield Entry(name, 0, suffix[1:], data)
    else:
        yield _problem(name, 0, _("not a submission; expected .json, .jsonl, .csv, .ipynb, .zip or .tar"))


def _lines(name: str, file: IO[bytes]) -> Iterator[Entry]:
    number = 0
    while line := file.readline(MAX_SUBMISSION + 1):
        number += 1
        if line.strip():
            yield Entry(name, number, "json", line)
        while len(line) > MAX_SUBMISSION and not line.endswith(
            b"\n"
        ):  # skip the rest of a line that is too long
            line = file.readline(MAX_SUBMISSION + 1)


def _zip(path: Path, name: str) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                yield _problem(name, 0, _("more than %(most)s files in the archive"), most=MAX_MEMBERS)
                return
            budget = _Budget(path.stat().st_size)
            for member in sorted(members, key=lambda m: m.filename):
                if member.filename.endswith("/"):
                    continue
                link = stat.S_ISLNK(member.external_attr >> 16)
                secret = bool(member.flag_bits & 1)
                yield from _member(
                    name, member.filename, link or secret, budget, lambda member=member: archive.open(member)
                )
                if budget.spent():
                    yield _problem(name, 0, _("the archive is too large"))
                    return
    except Exception as error:  # whatever a damaged archive makes the module raise
        yield _unreadable(name, error)


def _tar(path: Path, name: str) -> Iterator[Entry]:
    try:
        with tarfile.open(path, "r|*") as archive:
            budget = _Budget(path.stat().st_size)
            for count, member in enumerate(archive):
                # skipping a member of a stream means reading it, so its size counts as well
                budget.left -= member.size
                if count >= MAX_MEMBERS or budget.spent():
                    yield _problem(name, 0, _("the archive is too large"))
                    return
                budget.left += member.size
                if not member.isdir():
                    yield from _member(
                        name,
                        member.name,
                        not member.isreg(),
                        budget,
                        lambda member=member: archive.extractfile(member),
                    )
    except Exception as error:  # whatever a damaged archive makes the module raise
        yield _unreadable(name, error)


class _Budget:
    """How many bytes an archive may still give."""

    def __init__(self, size: int):
        self.left = min(MAX_BYTES, max(size * MAX_RATIO, 16 * MAX_SUBMISSION))

    def spent(self) -> bool:
        return self.left < 0


def _member(
    archive: str, member: str, strange: bool, budget: _Budget, opened: Callable[[], IO[bytes] | None]
) -> Iterator[Entry]:
    inner = PurePosixPath(member.replace("\\", "/"))
    source = f"{archive}/{_named(member)}"
    outside = inner.is_absolute() or ".." in inner.parts or ":" in "".join(inner.parts[:1])
    if strange or outside or not inner.parts:
        yield _problem(source, 0, _("a link, an encrypted file or a path outside the archive"))
        return
    if inner.name.startswith(".") or "__MACOSX" in inner.parts:
        return
    try:
        file = opened()
        if file is None:
            return
        with file, io.BufferedReader(_Limited(file, budget)) as limited:
            yield from _content(source, inner.suffix.lower(), limited)
    except Exception as error:  # one member must never stop the others
        yield _unreadable(source, error)


class _Limited(io.RawIOBase):
    """A file that ends when the budget is spent, whatever size its header claims."""

    def __init__(self, file: IO[bytes], budget: _Budget):
        self._file, self._budget = file, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._budget.left < 0:
            return 0
        data = self._file.read(min(len(buffer), self._budget.left + 1))
        self._budget.left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _unreadable(source: str, error: Exception) -> Entry:
    """A file that the system refuses, or an archive or a member of one that is damaged."""
    reason = _("the archive is damaged")
    if isinstance(error, OSError) and error.errno:
        reason = os_reason(error)
    return _problem(source, 0, _("cannot be read: %(reason)s"), reason=reason)


def _problem(source: str, line: int, template: str, **given: object) -> Entry:
    reason = {"kind": "malformed", "template": template, "given": one_line_each(given)}
    return Entry(source, line, "problem", json.dumps(reason).encode())
