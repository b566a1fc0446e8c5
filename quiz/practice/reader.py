"""Reads answers: from a terminal through the system's line editor, from a pipe line by line."""

import io
import sys
from collections.abc import Callable

from quiz.render.terminal import Screen


class Reader:
    """Shows a prompt and returns what is typed, which may be several lines if they were pasted.

    Attributes:
        interactive: whether a person types, who may try again and ask for hints.
    """

    interactive: bool

    def __init__(self, screen: Screen):
        """Read from standard input; bytes that are not UTF-8 become unreadable signs, not errors."""
        self._screen = screen
        self.interactive = sys.stdin is not None and sys.stdin.isatty()
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        self._forget: Callable[[], None] = lambda: None
        if self.interactive:
            try:
                import readline  # line editing and history for `input`
            except ImportError:
                return
            self._forget = readline.clear_history

    def forget(self) -> None:
        """Forget the lines typed so far: the arrow keys bring back those of one exercise."""
        self._forget()

    def __call__(self, prompt: str) -> str:
        """Show the prompt and return what is typed; raise `EOFError` when nothing more comes."""
        if self.interactive:
            self._screen.file.flush()
            try:
                return input(self._screen.plain(prompt))  # the editor has to know the prompt to redraw it
            except UnicodeDecodeError:
                return "\N{REPLACEMENT CHARACTER}"
        self._screen.say(prompt, end="")
        self._screen.file.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            self._screen.say()
            raise EOFError
        self._screen.say(line.rstrip("\n"))
        return line
