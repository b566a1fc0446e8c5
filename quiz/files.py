"""Writes files atomically, and makes file names and spreadsheet cells safe whatever people type."""

import json
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any


def write_atomic(
    path: Path, content: bytes | str | Iterable[str], *, sync: bool = True, private: bool = False
) -> None:
    """Write a file atomically: a temporary file beside it replaces it once it is on the disk.

    Args:
        path: the file; a link there is replaced, not followed. A device or a pipe is written to.
        content: what to write, also piece by piece.
        sync: whether to wait until the content is on the disk.
        private: whether only the owner may read the file and enter a folder made for it, whatever the umask.
    """
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    pieces = (content,) if isinstance(content, bytes | str) else content
    if _is_device(path):
        with path.open("ab") as file:
            file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
        return
    try:
        number, name = tempfile.mkstemp(prefix=f".new-{os.getpid()}-", dir=path.parent)
    except OSError as error:
        error.filename = str(path)
        raise
    try:
        with os.fdopen(number, "wb") as file:
            file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        if not private:  # mkstemp makes files that only the owner can read
            os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_device(path: Path) -> bool:
    """Return whether a path is a device such as ``/dev/stdout``, or a pipe, which no file may replace."""
    within = os.name == "posix" and path.absolute().is_relative_to("/dev") and path.exists()
    return within or (path.exists() and not path.is_file() and not path.is_dir())


@cache
def _umask() -> int:
    """Return the permissions that new files lack; the system tells them only while they are set."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


#: Seconds after which a temporary file without the number of a process is taken to be left behind.
_FORGOTTEN = 3600


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of `write_atomic` in a folder whose processes were killed."""
    for path in folder.glob(".new-*") if folder.is_dir() else ():
        match = re.fullmatch(r"\.new-([0-9]{1,9})-.*", path.name)
        try:
            if not path.is_symlink() and path.is_file():
                left = not _runs(int(match[1])) if match else time.time() - path.stat().st_mtime > _FORGOTTEN
                if left:
                    path.unlink()
        except OSError:  # another process was faster, or the folder is read-only
            continue


def _runs(process: int) -> bool:
    """Return whether a process exists; where that cannot be found out, it does."""
    if os.name != "posix":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_json(path: Path, value: Any, *, private: bool = False) -> None:
    """Write indented JSON in Unicode."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n", private=private)


#: Names that no file can have on Windows.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))}


def file_name(text: str, unique: str) -> str:
    """Return a file name made from a student's identifier; ``unique`` is added if it cannot stay as it is.

    Example:
        >>> file_name("../Әлия Қ.", "AB12"), file_name("s17", "AB12"), file_name("aux", "AB12")
        ('_Әлия_Қ_-AB12', 's17', 'aux-AB12')
    """
    safe = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", text))
    short = safe.encode()[:80].decode(errors="ignore")
    plain = short == text and short.isascii() and short == short.lower() and short not in _RESERVED
    return short if plain else f"{short}-{unique}"


#: Characters that start a formula in a spreadsheet, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


#: A separator of columns inside a cell, behind which another program may see a formula begin.
_INNER_FORMULA = re.compile('([,;\\t\\r\\n][ \N{NO-BREAK SPACE}"]*)(?=[=+@\N{FULLWIDTH EQUALS SIGN}-])')


def safe_cell(text: str) -> str:
    """Quote a text that a spreadsheet would take for a formula, whichever separator it reads the file with.

    Example:
        >>> safe_cell("=HYPERLINK(1)"), safe_cell("Әлия"), safe_cell("Ann;=1+1")
        ("'=HYPERLINK(1)", 'Әлия', "Ann;'=1+1")
    """
    quoted = _INNER_FORMULA.sub(r"\1'", text)
    return "'" + quoted if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else quoted
