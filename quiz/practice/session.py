"""A sitting at a terminal or from a pipe: questions one after another, each answer marked at once.

Every change is saved at once, so that Ctrl-C or a kill loses nothing.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict

from quiz.marking.diagnosis import diagnose, joined
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, Marks
from quiz.marking.seeds import distinguishing_seed, fresh_seed
from quiz.practice import keys, paste, schedule, summary
from quiz.practice.sitting import Sitting, new_sitting
from quiz.practice.store import Open, Store
from quiz.render.terminal import Screen
from quiz.text import mark as _
from quiz.text import translate
from quiz.variants.variant import Variant, generate, parse_name

#: How often an answer may be tried.
MAX_TRIES = 3
_NEXT = "next"
_KEYS = _("Keys: `?` hint, `-` skip, `u` back, `r` question, `t` theory, `s` solution, `help`, `q` quit")
_HELP = (
    _("`?` shows a hint for this answer; each hint says more than the one before."),
    _("`-` skips this answer; if you have given a wrong value, you go on with that value."),
    _("`u` goes back to the answer before; an empty line asks again."),
    _("`r` shows the question again, with your answers so far."),
    _("`t` shows the lesson on this question; `t` again, this exercise solved with other numbers."),
    _("`s` gives up: the exercise is marked as it is, and the solution is shown."),
    _("`q` stops; everything is saved, and `quiz` resumes from here."),
    _("Several answers at once: one per line, or `z = 1.2; y = 1`."),
    _("The keys also work at their place on a Cyrillic keyboard."),
)


class Left(Exception):
    """The student leaves the sitting; everything is saved."""


class Session:
    """Asks a sitting's questions on a screen and reads the answers.

    Attributes:
        screen: where the questions are shown.
        store: where attempts and open sittings are kept.
        read: shows a prompt and returns what is typed; raises `EOFError` at the end of the input.
        interactive: whether a person types, who may try again and ask for hints.
        lang: the language of the screen.
    """

    screen: Screen
    store: Store
    read: Callable[[str], str]
    interactive: bool
    lang: str

    def __init__(
        self,
        screen: Screen,
        store: Store,
        read: Callable[[str], str],
        interactive: bool,
        forget: Callable[[], None] = lambda: None,
    ):
        """Use a screen, a store, ``read(prompt)``, and ``forget()``, called where an exercise begins."""
        self._forget = forget
        self.screen, self.store, self.read, self.interactive = screen, store, read, interactive
        self.lang = screen.lang
        self._held: Open | None = None
        self._pasted: dict[str, str] = {}
        self._lessons = 0

    def run(self, sitting: Sitting, held: Open | None = None) -> bool:
        """Ask all remaining questions; return whether every answer was correct.

        Args:
            sitting: what to ask.
            held: the open sitting in the store that it was read from; ``None`` if it is new.

        Raises:
            Left: the student stopped; a summary was shown.
            Gone: a variant that this version can no longer make.
            Locked: another terminal has resumed this sitting.
        """
        self._held = held
        try:
            while sitting.todo:
                if self._held is None:
                    self._held = self.store.open_sitting(asdict(sitting))
                exercise, seed = parse_name(sitting.todo[0])
                marks = self._ask(generate(exercise.id, seed), sitting)
                if self.interactive:
                    self._between(marks, sitting)
                if sitting.endless and not sitting.todo:
                    sitting.todo = new_sitting(self.store, sitting.question, sitting.level).todo
        finally:
            if self.interactive and sitting.scores:
                summary.show(self.screen, self.store, sitting)
        return all(score >= schedule.PASSED for score in sitting.scores)

    def _ask(self, variant: Variant, sitting: Sitting) -> Marks:
        warm = threading.Thread(target=_compile_ahead, args=(variant,), name="quiz-warm", daemon=True)
        self._show(variant, sitting)
        if self.interactive:
            self.screen.tell(_KEYS)
        warm.start()
        self._pasted, self._lessons = {}, 0
        self._forget()
        started = time.monotonic() - sitting.seconds
        names = [ask.name for ask in variant.asks]
        given_up = False
        while not given_up and (left := [name for name in names if name not in sitting.passed]):
            move = self._answer(variant, left[0], sitting, started)
            if move == keys.BACK:
                self._back(names, left[0], sitting)
            given_up = move == keys.SOLUTION
        from quiz.marking.grading import grade  # loads NumPy, while the student reads

        marks = grade(variant, sitting.answers, self.lang)
        effort = sitting.effort(given_up)
        sitting.finish(marks.score)
        # stored once, and before it is shown: a kill while it is shown changes nothing
        state = asdict(sitting) if sitting.todo else None
        self.store.add(
            marks, self.lang, time.monotonic() - started, effort=effort, held=self._held, left=state
        )
        if state is None:
            self._held = None
        self.screen.say()
        self.screen.statements(marks)
        self.screen.score(marks)
        self.screen.solution(variant)
        return marks

    def _show(self, variant: Variant, sitting: Sitting) -> None:
        """Show the question, and the answers that were given before a pause."""
        self.screen.question(variant, sitting.place)
        if sitting.answers:
            self.screen.tell(_("Your answers so far:"))
            for name, typed in sitting.answers.items():
                self.screen.say(f"  {name} = {typed}")
            self.screen.say()

    def _back(self, names: list[str], name: str, sitting: Sitting) -> None:
        """Take back the answer before ``name``."""
        if before := names[: names.index(name)]:
            sitting.passed.remove(before[-1])
            typed = sitting.answers.pop(before[-1], "")
            self._save(sitting)
            if typed:
                self.screen.tell(_("Your answer was %(typed)s."), typed=f"{before[-1]} = {typed}")
        else:
            self.screen.tell(_("This is the first answer; there is nothing to go back to."))

    def _save(self, sitting: Sitting) -> None:
        assert self._held is not None
        self.store.save_sitting(self._held, asdict(sitting))

    def _answer(self, variant: Variant, name: str, sitting: Sitting, started: float) -> str:
        """Read an answer until it is settled or tried `MAX_TRIES` times; unreadable ones do not count."""
        from quiz.marking.grading import grade  # loads NumPy, as above

        while True:
            typed = self._typed(variant, name, sitting)
            if not typed and self.interactive:
                self.screen.tell(_("Type an answer, `?` for a hint, or `-` to skip this one."))
                continue
            action = keys.action_of(typed) if typed else keys.SKIP
            if action in (keys.BACK, keys.SOLUTION):
                return action
            if action == keys.LEAVE:
                sitting.seconds = time.monotonic() - started
                self._save(sitting)
                raise Left
            if action and action != keys.SKIP:
                self._help(action, variant, name, sitting)
                continue
            part = grade(variant, {**sitting.answers, name: "" if action else typed}, self.lang).parts[name]
            if part.status == INVALID:
                self.screen.mark(part)
                continue
            if part.status != BLANK:
                sitting.answers[name] = typed
            right = part.status in (CORRECT, FOLLOW_THROUGH)
            if not right and not action:
                sitting.tried[name] = sitting.tried.get(name, 0) + 1
            again = self.interactive and not right and not action and sitting.tried[name] < MAX_TRIES
            if not again:
                sitting.passed.append(name)
            sitting.seconds = time.monotonic() - started
            self._save(sitting)
            self._respond(part, name, sitting, again)
            if not again:
                return _NEXT

    def _respond(self, part, name: str, sitting: Sitting, again: bool) -> None:
        """Show the mark of an answer, and what can be done now."""
        kept = part.status == BLANK and name in sitting.answers
        if not kept:
            self.screen.mark(part)
        if again:
            self.screen.tell(_("Try again; `?` shows a hint, `-` goes on with your value."))
        elif kept or (self.interactive and part.name in sitting.tried and not part.credit):
            self.screen.tell(
                _("You go on with your value: what follows from it correctly earns full credit.")
            )

    def _typed(self, variant: Variant, name: str, sitting: Sitting) -> str:
        """Return what was typed for an answer; several answers at once are kept for their turn."""
        if name in self._pasted:
            typed = self._pasted.pop(name)
            self.screen.say(f"{name} = {typed}")
            return typed
        typed = self.read(f"{name} = ").strip()
        found = paste.split(variant, name, typed, sitting.passed)
        if not found:
            return typed
        for other in (other for other in found if other in sitting.passed):
            self.screen.tell(_("%(name)s is already answered; `u` goes back."), name=other)
        self._pasted |= {other: text for other, text in found.items() if other not in sitting.passed}
        return self._typed(variant, name, sitting)

    def _help(self, action: str, variant: Variant, name: str, sitting: Sitting) -> None:
        """Show a hint, the question, the theory or the keys."""
        if action == keys.HINT:
            self._hint(variant, name, sitting)
        elif action == keys.AGAIN:
            self._show(variant, sitting)
        elif action == keys.THEORY:
            self._theory(variant)
        else:
            for line in _HELP:
                self.screen.tell(line)

    def _hint(self, variant: Variant, name: str, sitting: Sitting) -> None:
        from quiz.variants.hints import hints  # loads NumPy, as above

        every = list(hints(variant, self.lang, name))
        shown = sitting.hints.get(name, 0)
        if shown >= len(every):
            self.screen.tell(_("There are no more hints; `s` gives up and shows the solution."))
            return
        sitting.hints[name] = shown + 1
        self._save(sitting)
        head = translate(_("Hint %(number)d of %(all)d for %(name)s:"), self.lang)
        head %= {"number": shown + 1, "all": len(every), "name": name}
        self.screen.say(f"{head} {every[shown]}", "italic")

    def _theory(self, variant: Variant) -> None:
        """Show the lesson of a question; the second time, this exercise with other numbers, solved."""
        from quiz.lessons import show  # loads JAX, as above

        if self._lessons % 2:
            show.worked(self.screen, variant)
        else:
            show.lesson_of(self.screen, variant.exercise)
            self.screen.tell(_("`t` again shows this exercise solved with other numbers; `r` the question."))
        self._lessons += 1

    def _between(self, marks: Marks, sitting: Sitting) -> None:
        """Ask how to go on; if several slips are suspected, offer a variant that distinguishes them."""
        suspects = [joined(slips) for slips in diagnose(marks)]
        if len(suspects) > 1:
            self.screen.tell(
                _("Two mistakes would explain an answer; one more variant would show which it was.")
            )
        summary.today(self.screen, self.store)
        self.screen.tell(_("Enter: continue, `n` another of this kind, `t` theory, `q` quit"))
        while True:
            try:
                typed = self.read("> ")
            except (EOFError, KeyboardInterrupt):
                typed = "q"  # everything is already marked and saved
            action = keys.action_of(typed)
            if action == keys.LEAVE:
                sitting.endless = False
                if sitting.todo:
                    raise Left
                return
            if action == keys.THEORY:
                self._theory(marks.variant)
            elif action == keys.ANOTHER:
                sitting.todo.insert(0, self._another(marks.variant.exercise, suspects))
                return
            elif not typed.strip():
                return
            else:
                self.screen.tell(_("Press Enter to continue, or type `n`, `t` or `q`."))

    def _another(self, exercise: str, suspects: list[str]) -> str:
        answered, salt = self.store.answered(), time.time_ns()
        if len(suspects) > 1:
            return f"{exercise}@{distinguishing_seed(exercise, suspects, answered, salt)}"
        return f"{exercise}@{fresh_seed(exercise, answered, salt)}"


def _compile_ahead(variant: Variant) -> None:
    """Load JAX and compile the exercise while the student reads the question."""
    from quiz.marking.grading import key  # in this thread, so that the other one need not wait

    key(variant)
