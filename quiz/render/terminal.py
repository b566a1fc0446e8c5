"""A screen with colours, tables and Unicode, as far as the terminal has them."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

from quiz import bank
from quiz.exercise.figure import Figure
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, Marks, Part
from quiz.render import figure_text
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.expressions import understood
from quiz.text.fill import fill
from quiz.text.numbers import write, write_value
from quiz.variants import statement
from quiz.variants.variant import Variant

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {CORRECT: "green", FOLLOW_THROUGH: "yellow", INVALID: "magenta", BLANK: "dim"}
_SIGNS = {CORRECT: "✓", FOLLOW_THROUGH: "≈", INVALID: "?", BLANK: "·"}


class Screen:
    """Writes to a stream, in colour and Unicode if the stream supports them.

    Attributes:
        lang: the language of what is written.
        file: the stream.
        unicode: whether the stream encodes more than ASCII.
        console: the `rich` console that writes to it.
    """

    lang: str
    file: IO[str]
    unicode: bool
    console: "Console"

    def __init__(self, lang: str, file: IO[str] | None = None):
        """Write in a language to ``file``, by default standard output."""
        from rich.console import Console

        self.lang = lang
        self.file = file or sys.stdout
        self.unicode = _has_unicode(self.file)
        self.console = Console(
            file=self.file, highlight=False, emoji=False, safe_box=True,
            width=None if _is_terminal(self.file) else 80,
        )  # fmt: skip

    def say(self, text: str = "", style: str = "", end: str = "\n") -> None:
        """Write a line; formulas between backticks are coloured."""
        self.console.print(self._rich(text, style), end=end, soft_wrap=False)

    def tell(self, message: str, **values: Any) -> None:
        """Write a translated message."""
        self.say(translate(message, self.lang) % values)

    def head(self, title: str) -> None:
        """Show a heading."""
        text = self._rich(title, "bold")
        if text.cell_len + 4 > self.console.width:  # a rule would cut it
            self.console.print(text)
        else:
            self.console.rule(text, characters="─" if self.unicode else "-")

    def question(self, variant: Variant, place: str = "") -> None:
        """Show a question: its head, its text, its givens, its asks and the precision."""
        exercise = bank.exercise(variant.exercise)
        head = translate(_("Question %(question)d, level %(level)d"), self.lang) % {
            "question": exercise.question,
            "level": exercise.level,
        }
        self.head(f"{place}{head} · {translate(exercise.title, self.lang)}")
        self.say(variant.name, "dim")
        if tall := _is_terminal(self.file):  # what is read last stands nearest to the prompt
            self._figure(variant)
        self.say()
        self.say(fill(exercise.text, variant.givens, self.lang))
        self._givens(variant)
        if not tall:
            self._figure(variant)
        self.say()
        for ask in exercise.asks:
            label = f" {fill(ask.label, variant.givens, self.lang)}" if ask.label else ""
            how = statement.how_to_answer(ask.kind, self.lang)
            self.say(f"  [{ask.name}]{label}" + (f" — {how}" if how else ""))
            for number, option in enumerate(statement.options(ask, variant.givens, self.lang), 1):
                self.say(f"      {number}) {option}")
        self.say()
        self.say(statement.precision(exercise, self.lang), "dim")

    def mark(self, part: Part) -> None:
        """Show the mark of one answer, and how it was understood where that is not what was typed."""
        read = understood(part.given, part.read, self.lang)
        echo = f" ({read})" if read else ""
        sign = _SIGNS.get(part.status, "✗")
        self.say(f"  {sign} {part.name}{echo}: {part.message(self.lang)}", _COLOURS.get(part.status, "red"))

        if part.cells and isinstance(part.read, tuple) and not isinstance(part.read[0], int):
            self._cells(part)

    def _cells(self, part: Part) -> None:
        """Show a wrong vector or matrix with the mark of each number."""
        rows = part.read if isinstance(part.read[0], tuple) else (part.read,)
        signs = iter(part.cells)
        shown = [[f"{write(cell, self.lang, 4)} {self.sign(next(signs))}" for cell in row] for row in rows]
        widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
        for row in shown:
            self.say("      " + "   ".join(cell.rjust(wide) for cell, wide in zip(row, widths, strict=True)))

    def sign(self, right: bool) -> str:
        """Return the sign of what is right or wrong."""
        return "✓" if right else "✗"

    def statements(self, marks: Marks) -> None:
        """Show, for a wrong choice of several options, whether each option was judged correctly."""
        exercise = bank.exercise(marks.variant.exercise)
        for ask in exercise.asks:
            part = marks.parts[ask.name]
            if ask.kind != "several" or not part.cells:
                continue
            self.tell(_("What you chose in %(name)s, option by option:"), name=ask.name)
            options = statement.options(ask, marks.variant.givens, self.lang)
            for number, (option, right) in enumerate(zip(options, part.cells, strict=True), 1):
                chosen = translate(_("chosen") if number in part.read else _("not chosen"), self.lang)
                self.say(f"  {self.sign(right)} {number}) {option} ({chosen})", "green" if right else "red")

    def solution(self, variant: Variant) -> None:
        """Show the worked solution of a variant."""
        from quiz.variants.solution import solution  # loads NumPy

        self.tell(_("Worked solution:"))
        texts = (text for step in solution(variant).steps if (text := step.text(self.lang)))
        for number, text in enumerate(texts, 1):
            self.say(f"  {number}. {text}")
        self.say()

    def score(self, marks: Marks) -> None:
        """Show the score in percent."""
        self.say(
            translate(_("Score: %(percent)s %%"), self.lang)
            % {"percent": write(100 * marks.score, self.lang, 0)},
            "bold",
        )

    def table(self, header: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
        """Show a table."""
        from rich import box
        from rich.table import Table

        table = Table(
            box=box.SIMPLE_HEAD if self.unicode else box.ASCII,
            title=self._rich(title, "bold") if title else None,
            title_justify="left",
            pad_edge=False,
        )
        for number, name in enumerate(header):
            table.add_column(self._rich(name), no_wrap=number == 0, overflow="fold")  # names are typed
        for row in rows:
            table.add_row(*(self._rich(cell) for cell in row))
        self.console.print(table)

    def _givens(self, variant: Variant) -> None:
        """Show the givens: each symbol of the text with its value, matrices row by row."""
        text = translate(bank.exercise(variant.exercise).text, self.lang)
        shown = {sign: variant.givens[name] for sign, name in symbols(text) if name in variant.givens}
        if len(shown) < 2:
            return
        self.say()
        for sign, value in shown.items():
            label = f"  {sign} = "
            if isinstance(value, tuple) and value and isinstance(value[0], tuple):
                cells = [[write(cell, self.lang) for cell in row] for row in value]
                widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
                for number, row in enumerate(cells):
                    line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                    self.say(f"{label if number == 0 else ' ' * len(label)}`[ {line} ]`")
            else:
                self.say(f"{label}`{write_value(value, self.lang)}`")

    def _figure(self, variant: Variant) -> None:
        """Show the picture of a question, drawn with characters."""
        draw = bank.exercise(variant.exercise).figure
        if draw is not None:
            self.say()
            self.figure(draw(variant.givens), variant.givens)

    def figure(self, figure: Figure, givens: Mapping[str, Any]) -> None:
        """Show a picture, drawn with characters, no larger than the terminal has room for."""
        rows = 11 if _is_terminal(self.file) and self.console.height <= 40 else 19
        width = min(72, self.console.width)
        drawing = figure_text.draw(figure, givens, self.lang, width=width, rows=rows, unicode=self.unicode)
        self.console.print(self._rich(drawing), soft_wrap=True)

    def plain(self, text: str) -> str:
        """Return a text in characters that the stream encodes."""
        if self.unicode:
            return text
        from anyascii import anyascii

        return anyascii(text)

    def _rich(self, text: str, style: str = ""):
        from rich.text import Text

        text = self.plain(text)
        shown = Text(style=style)
        for number, piece in enumerate(text.split("`")):
            shown.append(piece, "cyan" if number % 2 else None)
        return shown


def symbols(text: str) -> list[tuple[str, str]]:
    """Return the symbols that a text introduces, each with the name of its value.

    A symbol that stands for several values is left out: alone it would say nothing.

    Example:
        >>> symbols("From `x = %(l)s` to `x = %(r)s`, with `η = %(eta)s` and `f(1, 0) = %(f)s`, `%(moved)s`")
        [('η', 'eta'), ('f(1, 0)', 'f')]
    """
    pairs = [
        pair
        for formula in text.split("`")[1::2]
        for pair in re.findall(r"(?:^|[;,] )(\([^()]*\)|[^\s=()]+(?:\([^()]*\))?) = %\((\w+)\)s$", formula)
    ]
    signs = [sign for sign, _ in dict.fromkeys(pairs)]
    return [(sign, name) for sign, name in dict.fromkeys(pairs) if signs.count(sign) == 1]


def _is_terminal(file: IO[str]) -> bool:
    return hasattr(file, "isatty") and file.isatty()


def _has_unicode(file: IO[str]) -> bool:
    try:
        "ң₁ø✓".encode(getattr(file, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
