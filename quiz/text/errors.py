"""Errors as one sentence in the reader's language: what was given, what was expected, how to fix it."""

import errno
import os
from collections.abc import Mapping
from typing import Any

from quiz.text.catalog import mark as _
from quiz.text.catalog import translate


class Refusal(ValueError):
    """Something that cannot be done as asked.

    Attributes:
        template: the sentence, a message of the catalog.
        given: the values of its placeholders; control characters are shown as ``?``.
        code: the command's exit code.
    """

    code = 2

    def __init__(self, template: str, **given: Any):
        """Give the sentence and the values of its placeholders."""
        self.template = template
        self.given: dict[str, Any] = {name: _printable(value) for name, value in given.items()}
        super().__init__(sentence(template, self.given, "en"))

    def message(self, lang: str = "en") -> str:
        """Return the sentence in a language."""
        return sentence(self.template, self.given, lang)


class Unknown(Refusal, LookupError):
    """A name that does not exist: an exercise, an ask, a course."""


class Invalid(Refusal):
    """A file that is damaged, foreign or was tampered with."""

    code = 3


class InFile(Invalid):
    """A refusal of what a file contains: the file's name, then the sentence."""

    def __init__(self, file: str, refusal: Refusal):
        """Give the file's name and what is wrong with it."""
        super().__init__("%(file)s: %(reason)s", file=file, reason=str(refusal))
        self.refusal = refusal

    def message(self, lang: str = "en") -> str:
        """Return the name and the sentence in a language."""
        return f"{self.given['file']}: {self.refusal.message(lang)}"


class Gone(Refusal, LookupError):
    """A variant that this version can no longer make."""

    code = 4


class Locked(Refusal):
    """Something that another process is using."""

    code = 5


class Machine(Refusal):
    """Something that the machine cannot do now: the disk is full, a file may not be written."""

    code = 6


class Malformed(Invalid):
    """A submission that cannot be understood.

    Attributes:
        line: the line of the file, 0 if there is none.
    """

    line: int = 0

    def __init__(self, template: str, **given: Any):
        """Give the sentence and the values of its placeholders, each cut to fit on one line."""
        super().__init__(template, **one_line_each(given))

    def at(self, line: int) -> "Malformed":
        """Set the line."""
        self.line = line
        return self


def sentence(template: str, given: Mapping[str, Any], lang: str) -> str:
    """Translate a message and fill it in; the value of ``reason``, if there is one, is a message as well.

    Example:
        >>> sentence("cannot be read: %(reason)s", {"reason": "permission denied"}, "ru")
        'не читается: нет доступа'
    """
    if isinstance(reason := given.get("reason"), str):
        given = {**given, "reason": translate(reason, lang)}
    return translate(template, lang) % given


_OS_REASONS = {
    errno.ENOENT: _("there is no such file or folder"),
    errno.EACCES: _("permission denied"),
    errno.EPERM: _("permission denied"),
    errno.EROFS: _("the file system is read-only"),
    errno.ENOSPC: _("no space left on the disk"),
    errno.EISDIR: _("it is a folder"),
    errno.ENOTDIR: _("it is not a folder"),
    errno.EEXIST: _("it already exists"),
    errno.ENAMETOOLONG: _("the name is too long"),
    errno.EBADF: _("the standard output is closed"),
}


#: Errors of the system that are not the fault of the file.
_MACHINE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM,
            errno.EMFILE, errno.ENFILE, errno.EFBIG, errno.EBADF}  # fmt: skip


def os_code(error: OSError) -> int:
    """Return the command's exit code for an error of the operating system.

    Example:
        >>> os_code(PermissionError(13, "")), os_code(FileNotFoundError(2, ""))
        (6, 3)
    """
    return (Machine if error.errno in _MACHINE else Invalid).code


def os_reason(error: OSError) -> str:
    """Return why the operating system refused, as a message: its own text is not in the reader's language.

    Example:
        >>> os_reason(FileNotFoundError(2, "Datei nicht gefunden")), os_reason(OSError(5, ""))
        ('there is no such file or folder', 'EIO')
    """
    number = error.errno or 0
    if number == errno.EEXIST and error.filename and not os.path.isdir(error.filename):
        number = errno.ENOTDIR  # only folders are made where something may be already
    return _OS_REASONS.get(number) or errno.errorcode.get(number, type(error).__name__)


def one_line(value: object, most: int = 120) -> str:
    """Make text from strangers fit for a line on a screen: no control characters, not too long."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"


def one_line_each(given: Mapping[str, Any]) -> dict[str, Any]:
    """Apply `one_line` to all values but numbers."""
    return {name: value if isinstance(value, int) else one_line(value) for name, value in given.items()}


def _printable(value: Any) -> Any:
    return "".join(c if c.isprintable() else "?" for c in value) if isinstance(value, str) else value
