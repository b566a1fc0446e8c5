"""Finds submissions in files, folders and archives, one after another; nothing is unpacked to the disk."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from quiz.course.submissions import archives, spreadsheet
from quiz.course.submissions.notes import note
from quiz.course.submissions.parse import MAX_SUBMISSION
from quiz.text import mark as _
from quiz.text.errors import one_line, one_line_each, os_reason

#: Folders inside each other at most.
MAX_DEPTH = 64
#: Messages about the lines of one file at most, where most of its lines cannot be read.
MAX_PROBLEMS = 200


@dataclass(frozen=True)
class Entry:
    """One submission as it was found, before it is read.

    Attributes:
        source: the name of the file, relative to the path or archive it was found in.
        line: the line where it begins, 0 if the whole file is one submission.
        kind: ``json``, ``ipynb``, ``html``, ``problem`` or ``note``.
        data: its content; for a problem or a note, its message.
        handed: when it was handed in, in UTC, if that is known.
    """

    source: str
    line: int
    kind: str
    data: bytes
    handed: str | None = None


def find(path: Path) -> Iterator[Entry]:
    """Yield every submission of a file, a folder or an archive, in the order of names.

    Links are not followed; hidden files are skipped.
    """
    if not path.is_dir():
        yield from _file(path, _named(path.name))
        return
    for found in _walk(path):
        if isinstance(found, Path):
            yield from _file(found, _named(found.relative_to(path).as_posix()))
        else:
            yield replace(found, source=_named(os.path.relpath(found.source, path)))


def _walk(top: Path) -> Iterator[Path | Entry]:
    """Yield the files below a folder, and a problem for each folder that cannot be read."""
    waiting = [(top, 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth and not path.is_dir():
            yield path
            continue
        if depth > MAX_DEPTH:
            yield _problem(str(path), 0, _("folders are nested too deeply"))
            continue
        try:
            with os.scandir(path) as found:
                inside = [
                    entry.name
                    for entry in found
                    if not entry.name.startswith(".")
                    and not entry.is_symlink()
                    and (entry.is_dir() or entry.is_file())
                ]
        except OSError as error:
            yield _unreadable(str(path), error)
            continue
        waiting += [(path / name, depth + 1) for name in sorted(inside, reverse=True)]


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
        if suffix in (".zip", ".tar", ".tgz", ".gz", ".xz", ".bz2"):
            yield from _archive(path, name)
        else:
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
            with path.open("rb") as file:
                yield from _content(name, suffix, file, changed)
    except OSError as error:
        yield _unreadable(name, error)


def _content(name: str, suffix: str, file: IO[bytes], changed: str | None) -> Iterator[Entry]:
    """Yield the submissions of a file; the time of a file with many says nothing about each."""
    if suffix in (".jsonl", ".ndjson"):
        yield from _lines(name, file)
    elif suffix in (".csv", ".tsv"):
        for row in spreadsheet.read(file):
            if row.data:
                yield Entry(name, row.line, "json", row.data, row.handed)
            elif row.data is None:
                yield _problem(name, row.line, row.template, **row.given)
            else:
                yield Entry(name, row.line, "note", json.dumps(note(row.template, **row.given)).encode())
    elif suffix in (".json", ".ipynb", ".html", ".htm"):
        kind = "html" if suffix == ".htm" else suffix[1:]
        yield Entry(name, 0, kind, file.read(MAX_SUBMISSION + 1), changed)
    else:
        yield _problem(
            name, 0, _("not a submission; expected .json, .jsonl, .csv, .ipynb, .html, .zip or .tar")
        )


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


def _archive(path: Path, name: str) -> Iterator[Entry]:
    empty = True
    try:
        for member in archives.members(path):
            empty = False
            yield from _member(name, member)
        if empty:
            yield _problem(name, 0, _("the archive holds no file; hand over the files themselves"))
    except archives.TooLarge:
        yield _problem(name, 0, _("the archive is too large"))
    except Exception as error:  # whatever a damaged archive makes the modules raise
        yield _unreadable(name, error)


def _member(archive: str, member: archives.Member) -> Iterator[Entry]:
    inner = PurePosixPath(member.name.replace("\\", "/"))
    source = f"{archive}/{_named(member.name)}"
    outside = inner.is_absolute() or ".." in inner.parts or ":" in "".join(inner.parts[:1])
    if member.strange or outside or not inner.parts:
        yield _problem(source, 0, _("a link, an encrypted file or a path outside the archive"))
        return
    if inner.name.startswith(".") or "__MACOSX" in inner.parts:
        return
    try:
        with member.open() as file:
            yield from _content(source, inner.suffix.lower(), file, member.handed)
    except archives.TooLarge:
        raise
    except Exception as error:  # one member must never stop the others
        yield _unreadable(source, error)


def _unreadable(source: str, error: Exception) -> Entry:
    """A file that the system refuses, or an archive or a member of one that is damaged."""
    reason = _("the archive is damaged")
    if isinstance(error, OSError) and error.errno:
        reason = os_reason(error)
    return _problem(source, 0, _("cannot be read: %(reason)s"), reason=reason)


def _problem(source: str, line: int, template: str, **given: object) -> Entry:
    reason = {"kind": "malformed", "template": template, "given": one_line_each(given)}
    return Entry(source, line, "problem", json.dumps(reason).encode())


class Caps:
    """Stops reading a file whose lines are nearly all refused, so that it costs what it weighs."""

    def __init__(self) -> None:
        """Nothing was read."""
        self._read: dict[str, list[int]] = {}

    def count(self, source: str, *, refused: bool) -> bool:
        """Count a line of a file; return whether its message is still to be shown."""
        counts = self._read.setdefault(source, [0, 0])
        counts[refused] += 1
        return not refused or counts[1] <= MAX_PROBLEMS

    def stopped(self, source: str) -> bool:
        """Return whether a file is read no further: very many lines are refused, and more than are read."""
        read, refused = self._read.get(source, (0, 0))
        return refused > 10 * MAX_PROBLEMS and refused > read

    def problems(self) -> Iterator[tuple[str, int, bool]]:
        """Yield each file with more messages than are shown: how many more, whether the rest was read."""
        for source, (_read, refused) in self._read.items():
            if refused > MAX_PROBLEMS:
                yield source, refused - MAX_PROBLEMS, self.stopped(source)
