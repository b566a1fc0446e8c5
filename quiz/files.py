"""Files: written whole or not at all, with names and cells that are safe whatever people type."""

import json
import os
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any


def write_atomic(path: Path, content: bytes | str, *, sync: bool = True) -> None:
    """Write a file whole or not at all: a new one beside it takes its place once it is on the disk."""
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
    """Write JSON for people too: indented, in Unicode."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def file_name(text: str, unique: str) -> str:
    """A name for a file that shows a student's identifier, whatever it is made of; ``unique`` keeps it apart.

    Example:
        >>> file_name("../Әлия Қ.", "AB12"), file_name("s17", "AB12")
        ('_Әлия_Қ_-AB12', 's17')
    """
    safe = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", text))
    short = safe.encode()[:80].decode(errors="ignore")
    plain = short == text and short.isascii() and short == short.lower()
    return short if plain else f"{short}-{unique}"


#: What a spreadsheet takes for the beginning of a formula, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    Example:
        >>> cell("=HYPERLINK(1)"), cell("Әлия")
        ("'=HYPERLINK(1)", 'Әлия')
    """
    return "'" + text if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text
