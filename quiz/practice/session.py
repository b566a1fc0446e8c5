"""A sitting: questions one after another, with hints; each answer is marked at once, then the solution shown.

Every change is saved at once, so that Ctrl-C or a kill loses nothing: `Sitting` is data, kept in the store.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from quiz.marking.diagnosis import diagnose, joined
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, Marks
from quiz.marking.seeds import distinguishing_seed, fresh_seed
from quiz.practice import schedule
from quiz.practice.store import Store
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Gone, Refusal, Unknown
from quiz.variants.variant import Variant, generate, parse_name

#: How often an answer may be tried.
MAX_TRIES = 3
HINT, SKIP, LEAVE, ANOTHER = "?", "-", "q", "n"


class Left(Exception):
    """The student leaves the sitting; everything is saved."""


@dataclass
class Sitting:
    """What is still to be asked and what was answered; saved to the store at every change.

    Attributes:
        todo: names of the variants still to be asked, the current one first.
        answers: ask name to the last readable answer to the current variant.
        tried: ask name to the number of wrong answers so far.
        scores: the scores of finished variants.
    """

    todo: list[str]
    answers: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of variants of the sitting, finished or not."""
        return len(self.scores) + len(self.todo)


class Session:
    """Asks a sitting's questions on a screen and reads the answers.

    Attributes:
        screen: where the questions are shown.
        store: where attempts and the open sitting are kept.
        read: shows a prompt and returns what is typed; raises `EOFError` at the end of the input.
        interactive: whether a person types, who may try again and ask for hints.
        lang: the language of the screen.
    """

    screen: Screen
    store: Store
    read: Callable[[str], str]
    interactive: bool
    lang: str

    def __init__(self, screen: Screen, store: Store, read: Callable[[str], str], interactive: bool):
        """Use a screen, a store and ``read(prompt)``, which raises `EOFError` when nothing more comes."""
        self.screen, self.store, self.read, self.interactive = screen, store, read, interactive
        self.lang = screen.lang

    def run(self, sitting: Sitting) -> bool:
        """Ask all remaining questions; return whether every answer was correct.

        Raises:
            Left: the student stopped before the end.
            Gone: a variant that this version can no longer make.
        """
        while sitting.todo:
            self.store.save_session(asdict(sitting))
            exercise, seed = parse_name(sitting.todo[0])
            variant = generate(exercise.id, seed)
            place = f"{len(sitting.scores) + 1}/{sitting.total} · " if sitting.total > 1 else ""
            marks = self._ask(variant, sitting, place)
            if self.interactive and (another := self._another(marks)):
                sitting.todo.insert(0, another)
        return all(score >= schedule.PASSED for score in sitting.scores)

    def _ask(self, variant: Variant, sitting: Sitting, place: str) -> Marks:
        warm = threading.Thread(target=_compile_ahead, args=(variant,), name="quiz-warm", daemon=True)
        self.screen.question(variant, place)
        if self.interactive:
            self.screen.tell(
                _("Type an answer; `?` for a hint, `-` to skip one, `q` to stop and resume later.")
            )
        started = time.monotonic()
        warm.start()
        for ask in variant.asks:
            if ask.name not in sitting.answers:
                self._answer(variant, ask.name, sitting)
        from quiz.marking.grading import grade  # loads NumPy, while the student reads
        from quiz.variants.solution import solution  # loads NumPy, as above

        marks = grade(variant, sitting.answers, self.lang)
        sitting.scores.append(marks.score)
        sitting.todo.pop(0)
        sitting.answers, sitting.tried = {}, {}
        state = asdict(sitting) if sitting.todo else None
        # stored once, and before it is shown: a kill while it is shown changes nothing
        self.store.add(marks, self.lang, time.monotonic() - started, session=state)
        self.screen.say()
        self.screen.score(marks)
        self.screen.tell(_("Worked solution:"))
        for number, step in enumerate((s for s in solution(variant).steps if s.text(self.lang)), 1):
            self.screen.say(f"  {number}. {step.text(self.lang)}")
        self.screen.say()
        return marks

    def _answer(self, variant: Variant, name: str, sitting: Sitting) -> None:
        """Read an answer until it is settled or tried `MAX_TRIES` times; unreadable ones do not count."""
        from quiz.marking.grading import grade  # loads NumPy, as above

        hints = self._hints(variant, name)
        while True:
            typed = self.read(f"{name} = ").strip()
            if typed == LEAVE:
                raise Left
            if typed == HINT:
                self.screen.say(next(hints, translate(_("There are no more hints."), self.lang)), "italic")
                continue
            if typed in (SKIP, ""):
                typed = ""
            part = grade(variant, {**sitting.answers, name: typed}, self.lang).parts[name]
            if part.status == INVALID:
                self.screen.mark(part)
                continue
            if part.status != BLANK:
                sitting.answers[name] = typed
            sitting.tried[name] = sitting.tried.get(name, 0) + 1
            self.store.save_session(asdict(sitting))
            self.screen.mark(part)
            settled = part.status in (CORRECT, FOLLOW_THROUGH, BLANK)
            if settled or not self.interactive or sitting.tried[name] >= MAX_TRIES:
                return
            self.screen.tell(_("Try again, or type `?` for a hint or `-` to skip."))

    def _another(self, marks: Marks) -> str:
        """Offer another variant; if several slips are suspected, one that distinguishes them."""
        suspects = [joined(slips) for slips in diagnose(marks)]
        if len(suspects) > 1:
            self.screen.tell(
                _("Two mistakes would explain an answer; one more variant would show which it was.")
            )
        self.screen.tell(_("Enter to continue; `n` for another variant of the same exercise."))
        try:
            typed = self.read("> ").strip().lower()
        except (EOFError, KeyboardInterrupt):
            return ""  # everything is already marked and saved
        if typed != ANOTHER:
            return ""
        exercise, answered, salt = marks.variant.exercise, self.store.answered(), time.time_ns()
        if len(suspects) > 1:
            return f"{exercise}@{distinguishing_seed(exercise, suspects, answered, salt)}"
        return f"{exercise}@{fresh_seed(exercise, answered, salt)}"

    def _hints(self, variant: Variant, name: str) -> Iterator[str]:
        from quiz.variants.hints import hints  # loads NumPy, as above

        yield from hints(variant, self.lang, name)


def _compile_ahead(variant: Variant) -> None:
    """Load JAX and compile the exercise while the student reads the question."""
    from quiz.marking.grading import key  # in this thread, so that the other one need not wait

    key(variant)


def new_sitting(
    store: Store,
    question: int | None = None,
    level: int | None = None,
    count: int = 1,
    seed: int | None = None,
    exercise: str | None = None,
) -> Sitting:
    """Choose what to ask: an exercise by name, or those that most need practice.

    Args:
        store: the student's attempts.
        question: only this question.
        level: only this level.
        count: how many variants.
        seed: the seed of the first variant, the next ones for the others; new ones if ``None``.
        exercise: only this exercise.

    Raises:
        Refusal: there is no exercise of that question and level.
    """
    attempts = store.attempts()
    chosen = [exercise] * count if exercise else schedule.pick(attempts, question, level, count)
    if not chosen:
        raise Refusal(_("there is no exercise of that question and level; `quiz list` shows them all"))
    salt, answered = time.time_ns(), {a.variant for a in attempts}
    names = [
        f"{name}@{fresh_seed(name, answered, salt + number) if seed is None else seed + number}"
        for number, name in enumerate(chosen)
    ]
    parse_name(names[0])  # a seed too long for a name is refused before anything is saved
    return Sitting(names)


def reader(screen: Screen) -> tuple[Callable[[str], str], bool]:
    """Return the function that reads answers, and whether it reads from a terminal.

    A terminal gets the line editor of the system; from a pipe each line is an answer.
    """
    interactive = sys.stdin is not None and sys.stdin.isatty()
    if interactive:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  (line editing for input())

    def read(prompt: str) -> str:
        screen.say(prompt, end="")
        screen.file.flush()
        if interactive:
            return input()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            screen.say()
            raise EOFError
        screen.say(line.rstrip("\n"))
        return line

    return read, interactive


def resume(state: dict[str, Any]) -> Sitting:
    """Return the unfinished sitting.

    Raises:
        Gone: one of its variants belongs to an exercise that no longer exists.
    """
    try:
        sitting = Sitting(**state)
        for name in sitting.todo:
            parse_name(name)
    except (TypeError, Unknown) as error:
        other_version = isinstance(error, TypeError)
        reason = (
            _("saved by another version") if other_version else _("one of its exercises no longer exists")
        )
        raise Gone(
            _("the unfinished session cannot be resumed (%(reason)s); `quiz take` starts a new one"),
            reason=reason,
        ) from None
    return sitting
