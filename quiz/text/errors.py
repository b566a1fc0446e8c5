"""Refusals: one sentence, in the reader's language: what was given, what was expected, how to mend it."""

from typing import Any

from quiz.text.catalog import translate


class Refusal(ValueError):
    """Something that can't be done as asked.

    Attributes:
        template: the sentence, a message of the catalog.
        given: what fills its placeholders; control characters are shown as ``?``.
        code: the command's exit code.
    """

    code = 2

    def __init__(self, template: str, **given: Any):
        """Give the sentence and what fills it."""
        self.template = template
        self.given = {name: _printable(value) for name, value in given.items()}
        super().__init__(template % self.given)

    def message(self, lang: str = "en") -> str:
        """Return the sentence in a language."""
        return translate(self.template, lang) % self.given


class Unknown(Refusal, LookupError):
    """A name that does not exist: an exercise, an ask, a course."""


class Invalid(Refusal):
    """A file that is damaged, foreign or was tampered with."""

    code = 3


class InFile(Invalid):
    """A refusal of what a file holds; the file's name stands before the sentence, which is translated."""

    def __init__(self, file: str, refusal: Refusal):
        """Give the file's name and what is wrong with it."""
        super().__init__("%(file)s: " + refusal.template, file=file, **refusal.given)
        self.refusal = refusal

    def message(self, lang: str = "en") -> str:
        """Return the name and the sentence in a language."""
        return f"{self.given['file']}: {self.refusal.message(lang)}"


class Gone(Refusal, LookupError):
    """A variant that this version can no longer make."""

    code = 4


def _printable(value: Any) -> Any:
    return "".join(c if c.isprintable() else "?" for c in value) if isinstance(value, str) else value


class Malformed(Invalid):
    """A submission that can't be understood.

    Attributes:
        line: where in the file, 0 if that makes no sense.
    """

    line = 0

    def __init__(self, template: str, **given: Any):
        """Give the reason and what fills it, each fit for one line."""
        super().__init__(
            template, **{name: v if isinstance(v, int) else one_line(v) for name, v in given.items()}
        )

    def at(self, line: int) -> "Malformed":
        """Say where."""
        self.line = line
        return self


def one_line(value: object, most: int = 120) -> str:
    """What somebody else wrote, fit for a line on a screen: no control characters, not too long."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"
