"""Reads the members of archives, one after another; nothing is unpacked to the disk.

An archive costs no more than its budget of unpacked bytes, which are counted before anything looks at them.
"""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from quiz.course.submissions.parse import MAX_SUBMISSION

#: Limits on the members of an archive: their number, and their bytes in all.
MAX_MEMBERS, MAX_BYTES = 50_000, 1 << 30
#: The largest ratio of unpacked to packed bytes.
MAX_RATIO = 200
#: Bytes in a name or in what else a tar archive says about a member at most.
MAX_ABOUT = 65_536


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        name: its name there.
        strange: whether it is a link, encrypted or otherwise no plain file.
        handed: when it was last changed, in UTC, if the archive says so.
        open: opens it.
    """

    name: str
    strange: bool
    handed: str | None
    open: Callable[[], IO[bytes]]


class TooLarge(Exception):
    """The budget is spent, or a part that must be small is not."""


class Budget:
    """How many bytes an archive may still give."""

    def __init__(self, packed: int):
        """Give the size of the archive."""
        self.left: int = min(MAX_BYTES, max(packed * MAX_RATIO, 2 * MAX_SUBMISSION))

    def take(self, count: int) -> None:
        """Count bytes that were read; raise `TooLarge` when there were too many."""
        self.left -= count
        if self.left < 0:
            raise TooLarge


def members(path: Path) -> Iterator[Member]:
    """Yield the files of an archive.

    Raises:
        TooLarge: it has too many members or bytes.
        Exception: whatever a damaged archive makes the modules raise.
    """
    budget = Budget(path.stat().st_size)
    if path.suffix.lower() == ".zip":
        yield from _zip(path, budget)
    else:
        yield from _tar(path, budget)


def _zip(path: Path, budget: Budget) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        found = archive.infolist()
        if len(found) > MAX_MEMBERS:
            raise TooLarge
        for member in sorted(found, key=lambda m: m.filename):
            if not member.filename.endswith("/"):
                strange = stat.S_ISLNK(member.external_attr >> 16) or bool(member.flag_bits & 1)
                opened = lambda member=member: _limited(archive.open(member), budget)  # noqa: E731
                yield Member(member.filename, strange, _zip_time(member), opened)


def _zip_time(member: zipfile.ZipInfo) -> str | None:
    """Return the time of a member, which is local and by default the first one that the format has."""
    try:
        made = datetime(*member.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return made.isoformat(timespec="seconds") if member.date_time[0] > 1980 else None


_DECODERS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}


def _tar(path: Path, budget: Budget) -> Iterator[Member]:
    """Read a tar archive block by block: names and sizes, no sparse maps, no header of any size."""
    with path.open("rb") as packed:
        start = packed.read(2)
        packed.seek(0)
        stream = _limited(_DECODERS.get(start, lambda file: file)(packed), budget)
        about: dict[str, str] = {}
        count = 0
        while len(block := stream.read(tarfile.BLOCKSIZE)) == tarfile.BLOCKSIZE and block.strip(b"\0"):
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            if header.type in (
                tarfile.XHDTYPE,
                tarfile.XGLTYPE,
                tarfile.GNUTYPE_LONGNAME,
                tarfile.GNUTYPE_LONGLINK,
            ):
                if not 0 <= header.size <= MAX_ABOUT:
                    raise TooLarge
                about |= _about(header.type, _padded(stream, header.size))
                continue
            name = about.get("path") or header.name
            size = int(about["size"]) if about.get("size", "").isdigit() else header.size
            about = {}
            count += 1
            if count > MAX_MEMBERS or size < 0 or size > budget.left:
                raise TooLarge
            strange = header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE)
            if strange and header.type != tarfile.DIRTYPE:
                yield Member(name, True, None, io.BytesIO)
            data = _Part(stream, size if header.type != tarfile.DIRTYPE else 0)
            if not strange:
                yield Member(name, False, _tar_time(header.mtime), lambda data=data: io.BufferedReader(data))
            data.skip()
        if count == 0 and not block:
            raise tarfile.ReadError("empty")


def _about(kind: bytes, data: bytes) -> dict[str, str]:
    """Return the name and the size that an extended header gives to the next member."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    made = {}
    for record in data.split(b"\n") if kind == tarfile.XHDTYPE else ():
        name, _sign, value = record.partition(b" ")[2].partition(b"=")
        if name in (b"path", b"size"):
            made[name.decode()] = value.decode("utf-8", "surrogateescape")
    return made


def _tar_time(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _padded(stream: IO[bytes], size: int) -> bytes:
    """Read what fills whole blocks."""
    data = stream.read(size)
    stream.read(-size % tarfile.BLOCKSIZE)
    return data


def _limited(file: IO[bytes], budget: Budget) -> IO[bytes]:
    return io.BufferedReader(_Limited(file, budget))


class _Limited(io.RawIOBase):
    """A file whose bytes are counted as they come, whatever size its header claims."""

    def __init__(self, file: IO[bytes], budget: Budget):
        self._file, self._budget = file, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(min(len(buffer), self._budget.left + 1))
        except (zlib.error, EOFError, lzma.LZMAError) as error:
            raise tarfile.ReadError(str(error)) from error
        self._budget.take(len(data))
        buffer[: len(data)] = data
        return len(data)


class _Part(io.RawIOBase):
    """A member of a tar archive: the next bytes of the stream."""

    def __init__(self, stream: IO[bytes], size: int):
        self._stream, self._left = stream, size
        self._padding = -size % tarfile.BLOCKSIZE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._left))
        if not data and self._left:
            raise tarfile.ReadError("truncated")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def skip(self) -> None:
        """Read the rest, and what fills the last block."""
        while self._left:
            data = self._stream.read(min(self._left, 65_536))
            if not data:
                raise tarfile.ReadError("truncated")
            self._left -= len(data)
        self._stream.read(self._padding)
