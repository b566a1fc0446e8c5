"""What a lab is: its settings, its frames, its tasks, and the program that does the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from quiz.exercise.figure import Figure
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.text.fill import fill
from quiz.text.numbers import Refused, parse

#: A message and the values of its placeholders.
Sentence = tuple[str, Mapping[str, Any]]
State = Mapping[str, Any]
#: Characters in a setting at most.
MAX_LENGTH = 2000


class Setting(NamedTuple):
    """A setting of a lab: a number, one of several words, or a list of points.

    Attributes:
        name: its name in the address.
        label: what it is, a message.
        default: its value if the address does not name it, as it is typed.
        choices: the words, each with its message; none for a number.
        low: the least number.
        high: the greatest number.
        whole: whether the number is whole.
        read: reads another kind of setting.
    """

    name: str
    label: str
    default: str
    choices: Mapping[str, str] = {}
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    read: Callable[[str], Any] | None = None

    def value(self, text: str, lang: str) -> Any:
        """Read what was typed.

        Raises:
            Refusal: it is not a value of this setting.
        """
        label = translate(self.label, lang)
        if self.read is not None:
            return self.read(text)
        if self.choices:
            if text not in self.choices:
                names = ", ".join(self.choices)
                raise Refusal(_("%(label)s: expected one of %(names)s"), label=label, names=names)
            return text
        try:
            number = float(parse(text, lang))
        except Refused as error:
            raise Refusal(_("%(label)s: %(reason)s"), label=label, reason=error.message(lang)) from None
        if not self.low <= number <= self.high or (self.whole and number != int(number)):
            kind = _("%(label)s: expected a whole number from %(low)s to %(high)s") if self.whole else (
                _("%(label)s: expected a number from %(low)s to %(high)s")
            )  # fmt: skip
            raise Refusal(kind, label=label, low=f"{self.low:g}", high=f"{self.high:g}")
        return int(number) if self.whole else number


@dataclass(frozen=True)
class Frame:
    """One moment of a lab.

    Attributes:
        figures: the pictures, with the values of the placeholders in their messages.
        sentences: what happens, in words and numbers.
    """

    figures: Sequence[tuple[Figure, Mapping[str, Any]]]
    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class Film:
    """What a lab shows for a state.

    Attributes:
        length: the number of frames.
        frame: the frame at a place, counted from 0.
        stops: places where a part ends, an epoch for example.
        outcome: how it ends.
        columns: names of the columns of the table.
        rows: the numbers of the table, one row per frame or per step.
        facts: what the tasks are judged by.
    """

    length: int
    frame: Callable[[int], Frame]
    stops: Sequence[int]
    outcome: Sequence[Sentence]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    facts: Mapping[str, Any]


class Task(NamedTuple):
    """Something to try in a lab.

    Attributes:
        text: what is to be reached, a message.
        done: whether a film shows it.
    """

    text: str
    done: Callable[[State, Film], bool]


@dataclass(frozen=True)
class Lab:
    """A laboratory.

    Attributes:
        name: its name in the address.
        question: the question of the lecture that it belongs to.
        title: a message.
        intro: what one can see in it, a message.
        settings: its settings.
        film: makes the film of a state.
        program: writes the `jaxnet` program that does the same.
        tasks: what to try.
        exercises: exercises of the bank that ask for the same.
        clicks: whether a click on the first picture puts a point there.
        judge: whether an answer is the number that a frame adds; None if frames add no single number.
    """

    name: str
    question: int
    title: str
    intro: str
    settings: Sequence[Setting]
    film: Callable[[State], Film]
    program: Callable[[State], str]
    tasks: Sequence[Task]
    exercises: Sequence[str]
    clicks: bool = False
    judge: Callable[[Film, int, str, str], bool] | None = None

    def state(self, given: Mapping[str, str], lang: str) -> dict[str, Any]:
        """Read the settings that an address contains; the others have their defaults.

        Raises:
            Refusal: a setting is too long, or cannot be read.
        """
        state = {}
        for setting in self.settings:
            text = given.get(setting.name, "").strip() or setting.default
            if len(text) > MAX_LENGTH:
                raise Refusal(
                    _("%(label)s: this is too long; at most %(most)d characters are allowed"),
                    label=translate(setting.label, lang), most=MAX_LENGTH,
                )  # fmt: skip
            state[setting.name] = setting.value(text, lang if setting.name in given else "en")
        return state


def said(sentences: Sequence[Sentence], lang: str) -> list[str]:
    """Write sentences in a language."""
    return [fill(message, values, lang) for message, values in sentences]
