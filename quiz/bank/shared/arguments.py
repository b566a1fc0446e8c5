"""Exercises that show an argument in which two sentences are false, and ask for the first and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
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

    def answer(sentence, reason):
        return jnp.append(jnp.stack([sentence, reason]), jnp.full(2 * size - 2, -1.0))

    def right(wrong, reasons):
        return answer(wrong[0], size + place_of(wrong[0], reasons))

    def second(wrong, reasons):
        return answer(wrong[1], size + place_of(wrong[1], reasons))

    def consequence(wrong, reasons):
        return answer(jnp.mod(wrong[0] + 1.0, size), size + place_of(wrong[0], reasons))

    def reason_of_another(wrong, reasons):
        return answer(wrong[0], size + place_of(wrong[1], reasons))

    def lost(order, right):
        fits = jnp.where(order == right, 1.0, 0.0)
        return 1.0 - 0.5 * fits[0] * (1.0 + jnp.min(fits))

    def is_made(mistake):
        return lambda order, wrong, reasons: jnp.max(jnp.abs(order - mistake(wrong, reasons)))

    def slip(name, mistake, text):
        return Slip(name, {"order": mistake, "lost": is_made(mistake)}, text)

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=minutes,
        title=title,
        text=text,
        draw=draw,
        steps=(
            Step("right", right),
            Step("order", right),
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
            Step("lost", lost),
        ),
        asks=(
            Ask(
                "order",
                "order",
                label=_("the first false sentence, then the reason"),
                kind="blocks",
                options=lambda givens: [
                    *(
                        sentence.false if place in givens["wrong"] else sentence.true
                        for place, sentence in enumerate(sentences)
                    ),
                    *(sentences[place].why for place in givens["reasons"]),
                ],
                check="lost",
            ),
        ),
        slips=(
            slip("second", second, _("That sentence is false, but an earlier one is false too.")),
            slip(
                "consequence",
                consequence,
                _("The reason is right, but it belongs to another sentence than the one that you name."),
            ),
            slip(
                "reason-of-another",
                reason_of_another,
                _(
                    "The sentence is right. What you give as the reason is true, but speaks of another "
                    "sentence."
                ),
            ),
        ),
        hints=tuple(hints),
    )
