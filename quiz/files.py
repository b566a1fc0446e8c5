"""Writes files atomically, and makes file names and spreadsheet cells safe whatever people type."""

import json
import os
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any


def write_atomic(path: Path, content: bytes | str, *, sync: bool = True) -> None:
    """Write a file atomically: a temporary file beside it replaces it once it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON in Unicode."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def file_name(text: str, unique: str) -> str:
    """Return a file name made from a student's identifier; ``unique`` is added if characters were replaced.

    Example:
        >>> file_name("../Әлия Қ.", "AB12"), file_name("s17", "AB12")
        ('_Әлия_Қ_-AB12', 's17')
    """
    safe = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", text))
    short = safe.encode()[:80].decode(errors="ignore")
    plain = short == text and short.isascii() and short == short.lower()
    return short if plain else f"{short}-{unique}"


#: Characters that start a formula in a spreadsheet, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def safe_cell(text: str) -> str:
    """Quote a text that a spreadsheet would take for a formula.

    Example:
        >>> safe_cell("=HYPERLINK(1)"), safe_cell("Әлия")
        ("'=HYPERLINK(1)", 'Әлия')
    """
    return "'" + text if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text
