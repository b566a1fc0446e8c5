"""Files that appear whole or not at all, written row by row."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

#: a file that is being written changes more often than this, in seconds
_STALE = 10


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a text file beside ``path`` under a name that nobody can guess; at the end it takes its place.

    A link is followed to the file that it names, which keeps its permissions; a new one gets the usual ones.
    """
    target = path.resolve()
    remove_stale(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def remove_stale(path: Path) -> None:
    """Remove what a killed process left beside ``path``."""
    path = path.resolve()
    for left in path.parent.iterdir() if path.parent.is_dir() else ():
        if left.name.startswith(f".{path.name}.") and left.suffix == ".part":
            with suppress(OSError):
                if time.time() - left.lstat().st_mtime > _STALE:
                    left.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
