"""Exercises that ask which of many ends belongs to which beginning: consequences of causes, terms in gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quiz.bank.shared.places import first_place
from quiz.exercise import Ask, Exercise, Givens, Rule, Slip, Step, Stream, jnp
from quiz.text import mark as _

#: The beginnings that are shown.
ASKED = 4


@dataclass(frozen=True)
class Confusion:
    """A mistake that students make.

    Attributes:
        name: the name of the slip.
        ends: maps the place of a beginning, one of the first, to that of the end that it is given by mistake.
        why: a message.
    """

    name: str
    ends: Mapping[int, int]
    why: str


def _answer(pairs: int, ends: int, changed: Mapping[int, int]) -> Rule:
    """The rule that gives the place of each end among those shown, for a student who makes a mistake."""
    owner = [float(changed.get(place, place)) for place in range(pairs)]

    def rule(picked, shown):
        wanted = jnp.array(owner)[picked.astype(int)]
        places = first_place(shown[None, :] == wanted[:, None])
        return jnp.append(places, jnp.full(ends - ASKED, -1.0))

    return rule


def _lost(order, right):
    """The share that is lost; an end more than is asked for costs one that is right."""
    good = jnp.sum(jnp.where(order[:ASKED] == right[:ASKED], 1.0, 0.0))
    more = jnp.sum(jnp.where(order[ASKED:] >= 0, 1.0, 0.0))
    return 1.0 - jnp.maximum(0.0, good - more) / ASKED


def _is_made(confusion: Confusion) -> Rule:
    """The rule that is 0 if an answer has the ends of a mistake."""

    def rule(order, picked, shown):
        given = jnp.where(order[:ASKED] >= 0, shown[order[:ASKED].astype(int)], -1.0)
        misses = [
            jnp.sum(jnp.where((picked == begin) & (given != end), 1.0, 0.0))
            for begin, end in confusion.ends.items()
        ]
        return jnp.sum(jnp.stack(misses))

    return rule


def match(
    exercise_id: str, question: int, level: int, minutes: float, title: str, text: str, label: str,
    pairs: Sequence[tuple[str, str]], extra: Sequence[str], confusions: Sequence[Confusion],
    hints: Sequence[str],
) -> Exercise:  # fmt: skip
    """Make an exercise that shows four beginnings and asks for the end of each.

    Args:
        exercise_id: as in `Exercise`.
        question: as in `Exercise`.
        level: as in `Exercise`.
        minutes: as in `Exercise`.
        title: as in `Exercise`.
        text: a message with the placeholders ``a``, ``b``, ``c`` and ``d`` for the beginnings.
        label: what the answer consists of.
        pairs: beginnings and their ends; the first three are always asked, the fourth is one of the others.
        extra: ends without a beginning.
        confusions: the slips; each concerns the first three pairs.
        hints: as in `Exercise`.
    """
    ends = [end for _beginning, end in pairs] + list(extra)

    def draw(stream: Stream) -> Givens:
        picked = stream.shuffle((0, 1, 2, stream.integer(3, len(pairs) - 1)))
        beginnings = {name: pairs[place][0] for name, place in zip("abcd", picked, strict=True)}
        return {**beginnings, "picked": picked, "shown": stream.shuffle(range(len(ends)))}

    def answer(changed: Mapping[int, int]) -> Rule:
        return _answer(len(pairs), len(ends), changed)

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=minutes,
        title=title,
        text=text,
        draw=draw,
        steps=(
            Step("right", answer({})),
            Step("order", answer({})),
            Step(
                "numbers",
                lambda right: right[:ASKED] + 1.0,
                _("The numbers of the options for (a), (b), (c) and (d): `%(numbers)s`"),
            ),
            Step("lost", _lost),
            *(
                Step(f"why{number}", lambda right: right[0], confusion.why)
                for number, confusion in enumerate(confusions)
            ),
        ),
        asks=(
            Ask(
                "order",
                "order",
                label=label,
                kind="blocks",
                options=lambda givens: [ends[place] for place in givens["shown"]],
                check="lost",
            ),
        ),
        slips=tuple(
            Slip(
                confusion.name,
                {"order": answer(confusion.ends), "lost": _is_made(confusion)},
                confusion.why,
            )
            for confusion in confusions
        ),
        hints=tuple(hints),
    )
