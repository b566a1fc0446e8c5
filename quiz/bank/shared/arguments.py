"""Exercises that show an argument in which two sentences are false, and ask for the first and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Rule, Slip, Step, Stream, jnp
from quiz.text import mark as _


@dataclass(frozen=True)
class Sentence:
    """One sentence of an argument.

    Attributes:
        true: a message.
        false: a message that says something false in its place.
        why: a message that says why the false one is false.
    """

    true: str
    false: str
    why: str


def _answer(reasons, sentence, reason):
    """An answer: the place of a sentence, then that of the reason for a sentence, then -1."""
    size = len(reasons)
    return jnp.append(jnp.stack([sentence, size + place_of(reason, reasons)]), jnp.full(2 * size - 2, -1.0))


def _right(wrong, reasons):
    return _answer(reasons, wrong[0], wrong[0])


def _second(wrong, reasons):
    return _answer(reasons, wrong[1], wrong[1])


def _consequence(wrong, reasons):
    return _answer(reasons, jnp.mod(wrong[0] + 1.0, len(reasons)), wrong[0])


def _reason_of_another(wrong, reasons):
    return _answer(reasons, wrong[0], wrong[1])


def _lost(order, right):
    """The share that is lost: half for the sentence, half for the reason, which needs its sentence."""
    fits = jnp.where(order == right, 1.0, 0.0)
    return 1.0 - 0.5 * fits[0] * (1.0 + jnp.min(fits))


def _slip(name: str, mistake: Rule, text: str) -> Slip:
    def is_made(order, wrong, reasons):
        return jnp.max(jnp.abs(order - mistake(wrong, reasons)))

    return Slip(name, {"order": mistake, "lost": is_made}, text)


_SLIPS = (
    _slip("second", _second, _("That sentence is false, but an earlier one is false too.")),
    _slip(
        "consequence",
        _consequence,
        _("The reason is right, but it belongs to another sentence than the one that you name."),
    ),
    _slip(
        "reason-of-another",
        _reason_of_another,
        _("The sentence is right. What you give as the reason is true, but it is about another sentence."),
    ),
)


def first_false(
    exercise_id: str, question: int, level: int, minutes: float, title: str, text: str,
    sentences: Sequence[Sentence], hints: Sequence[str],
) -> Exercise:  # fmt: skip
    """Make an exercise that asks for the first false sentence of an argument and for the reason.

    The reason earns half of the credit, and only together with its sentence.
    """
    size = len(sentences)

    def draw(stream: Stream) -> Givens:
        first = stream.integer(0, size - 2)
        return {
            "wrong": (first, stream.integer(first + 1, size - 1)),
            "reasons": stream.shuffle(range(size)),
        }

    def options(givens: Givens) -> list[str]:
        shown = [
            sentence.false if place in givens["wrong"] else sentence.true
            for place, sentence in enumerate(sentences)
        ]
        return shown + [sentences[place].why for place in givens["reasons"]]

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=minutes,
        title=title,
        text=text,
        draw=draw,
        steps=(
            Step("right", _right),
            Step("order", _right),
            Step(
                "numbers",
                lambda right: right[:2] + 1.0,
                _(
                    "The first false sentence is number `%(numbers1)s`, and the reason is number "
                    "`%(numbers2)s`"
                ),
            ),
            Step(
                "first",
                lambda wrong: wrong[0],
                tuple(sentence.why for sentence in sentences),
                case=lambda known: int(known["first"]),
            ),
            Step("lost", _lost),
        ),
        asks=(
            Ask(
                "order",
                "order",
                label=_("the first false sentence, then the reason"),
                kind="blocks",
                options=options,
                check="lost",
            ),
        ),
        slips=_SLIPS,
        hints=tuple(hints),
    )
