"""An exercise: a small pure program of named steps, the values it asks for and the slips it recognises.

Running the steps gives the answer key; printing them gives the worked solution. With a student's number in
place of a step, the rest gives follow-through marks. With a wrong rule in place of a step, a slip, it gives
the answer of a student with that misconception. `quiz.exercise.program` runs the steps.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from quiz.exercise.stream import Stream

#: Names to numbers (fractions), vectors and matrices of numbers, or texts.
Givens = Mapping[str, Any]
#: A function whose parameters are named after givens and earlier steps; it works on float64 arrays.
Rule = Callable[..., Any]

KINDS = ("number", "vector", "matrix", "choice", "several", "order", "blocks")


@dataclass(frozen=True)
class Step:
    """One step of the program.

    Attributes:
        name: the name of its value in later steps and texts.
        rule: returns the value; its parameters are named after givens and earlier steps. It must be a pure
            function that JAX can trace, and call `jaxnet` wherever the library knows the concept.
        text: this line of the worked solution, a message with placeholders; empty if the step is not shown.
            Several messages if the line depends on the values.
        places: decimals shown in the worked solution.
        case: maps all values by name to the index of the message that applies.
        base: for a step that changes a value, the rule that returns the value before. Two slips in one step
            are then combined as factors of the change.
    """

    name: str
    rule: Rule
    text: str | tuple[str, ...] = ""
    places: int = 4
    case: Callable[[Mapping[str, Any]], int] = lambda known: 0
    base: Rule | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """All messages of this step."""
        return (self.text,) if isinstance(self.text, str) else self.text


@dataclass(frozen=True)
class Ask:
    """One value that is asked for.

    Attributes:
        name: what the student types before ``=``.
        step: the step whose value it is.
        index: the component of that value; ``()`` for the whole value.
        label: the message before the answer; the name if empty.
        kind: one of `KINDS`. The value of a choice is the index of the option from 0; of several, 1 or 0 for
            each option; of an order, the indices of the options in the correct order; of blocks, those of
            the options that are needed, in a correct order, then -1 for each option left out.
        tolerance: the largest accepted error; 0 for exact answers.
        options: the messages to choose from, or a function of the givens that returns them.
        weight: its share of the score.
        chance: the share of the parts of this answer that guessing gets right; it earns no credit.
        before: for an order, the pairs of options (indices from 0) of which the first must come before the
            second, as a function of the givens; every order that keeps to them is correct. Without it there
            is one correct order.
        check: for an ask with many correct answers, the step that judges one of them; empty if only the
            value of ``step`` is correct. Its value is 0 if the answer is correct. Otherwise it is the share
            of the credit that is lost, or a vector with 1 for each case in which the answer fails.
        cases: the messages that name these cases.
    """

    name: str
    step: str
    index: tuple[int, ...] = ()
    label: str = ""
    kind: str = "number"
    tolerance: float = 0.005
    options: Sequence[str] | Callable[[Givens], Sequence[str]] = ()
    weight: float = 1.0
    chance: float = 0.0
    before: Callable[[Givens], Sequence[tuple[int, int]]] | None = None
    check: str = ""
    cases: Sequence[str] = ()

    def choices(self, givens: Givens) -> tuple[str, ...]:
        """Return the options in a variant with these givens, as messages."""
        return tuple(self.options(givens) if callable(self.options) else self.options)


@dataclass(frozen=True)
class Slip:
    """A mistake that students make: wrong rules in place of correct ones.

    Attributes:
        name: its identifier within the exercise.
        rules: step name to wrong rule.
        text: a sentence that helps a student who made it, a message.
        alike: names of slips of the same exercise that cannot always be distinguished from this one.
        effect: what the mistake does to its step's result: ``factor`` if it changes a factor, ``term`` if it
            changes a term. Two slips of one effect can then be recognised in one step.
        when: whether the mistake changes anything in a variant with these givens; always, if ``None``.
    """

    name: str
    rules: Mapping[str, Rule]
    text: str
    alike: tuple[str, ...] = ()
    effect: str = ""
    when: Callable[[Givens], bool] | None = None

    def acts(self, givens: Givens) -> bool:
        """Return whether the mistake changes anything in a variant with these givens."""
        return self.when is None or bool(self.when(givens))


@dataclass(frozen=True, eq=False)
class Exercise:
    """A family of variants of one question.

    Attributes:
        id: such as ``q2.update``; the part before ``@`` in the name of a variant.
        question: the lecture's question, 1 to 6; 7 for the topics ahead.
        level: 1 easy, 2 medium, 3 hard.
        title: a message of a few words.
        text: the question, a message; formulas between backticks, values as ``%(name)s``.
        draw: draws the givens of a variant from a stream; ``None`` if the numbers drawn are not suitable.
        steps: the program, in order.
        asks: what is asked, in the order of the program.
        slips: the mistakes it recognises.
        hints: messages: what to look at, then the rule that answers the question. Between them
            `quiz.variants.hints` shows the step that comes next with other numbers, unless a third message
            stands there.
        places: decimals that a student should keep in intermediate results; the tolerances allow for it. 0
            if no number has to be rounded.
        minutes: the time that a student needs by hand, or a function of the givens that returns it.
        figure: draws the picture of the question from the givens.
        revision: increased by every change after which a seed gives another variant.
    """

    id: str
    question: int
    level: int
    title: str
    text: str
    draw: Callable[[Stream], Givens | None]
    steps: tuple[Step, ...]
    asks: tuple[Ask, ...]
    slips: tuple[Slip, ...] = ()
    hints: tuple[str, ...] = ()
    places: int = 3
    figure: Callable[[Givens], Any] | None = None
    minutes: float | Callable[[Givens], float] = 5.0
    revision: int = field(default=1)

    def __post_init__(self) -> None:
        """Reject names used twice, and slips or asks without their step."""
        steps = [step.name for step in self.steps]
        for what, names in (
            ("step", steps),
            ("ask", [a.name for a in self.asks]),
            ("slip", [s.name for s in self.slips]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"{self.id}: expected different names, got {what} {name!r} twice")
        wanted = {a.step: f"ask {a.name!r}" for a in self.asks}
        wanted |= {a.check: f"ask {a.name!r}" for a in self.asks if a.check}
        wanted |= {step: f"slip {s.name!r}" for s in self.slips for step in s.rules}
        for step, who in wanted.items():
            if step not in steps:
                raise ValueError(f"{self.id}: {who} names step {step!r}; the steps are {', '.join(steps)}")
        for ask in self.asks:
            if ask.kind not in KINDS:
                raise ValueError(
                    f"{self.id}: ask {ask.name!r} is of kind {ask.kind!r}; expected one of {KINDS}"
                )

    def minutes_of(self, givens: Givens) -> float:
        """Return the time that a variant with these givens takes by hand."""
        return self.minutes(givens) if callable(self.minutes) else self.minutes

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """Step name to the names of all earlier steps that its value depends on."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            direct = [name for name in inspect.signature(step.rule).parameters if name in found]
            found[step.name] = frozenset(direct).union(*(found[name] for name in direct))
        return found
