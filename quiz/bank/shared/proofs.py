"""Exercises that ask for an argument: its blocks are put in order, and some blocks do not belong to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quiz.bank.shared.places import first_place, place_of
from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


@dataclass(frozen=True)
class Block:
    """One step of an argument.

    Attributes:
        text: a message.
        needs: the places of the blocks from which it follows, counted from 0.
    """

    text: str
    needs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Intruder:
    """A block that does not belong to the argument.

    Attributes:
        name: the name of the slip.
        text: a message.
        why: a message that says what is wrong with it.
        before: the block in front of which a student puts it.
    """

    name: str
    text: str
    why: str
    before: int


@dataclass(frozen=True)
class Hasty:
    """The mistake of putting a block in front of one that it needs.

    Attributes:
        name: the name of the slip.
        early: the block that comes too early.
        needed: the block that it needs.
        why: a message.
    """

    name: str
    early: int
    needed: int
    why: str


def orders(blocks: Sequence[Block]) -> tuple[tuple[int, ...], ...]:
    """Return every order of the blocks in which each stands behind those that it needs."""

    def extend(done: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(done) == len(blocks):
            yield done
        for place, block in enumerate(blocks):
            if place not in done and set(block.needs) <= set(done):
                yield from extend((*done, place))

    return tuple(extend(()))


def longest_in_order(places: Any) -> Any:
    """Return how many blocks can stay where they are: the longest rising subsequence, without places < 0.

    Args:
        places: where the blocks stand, in each of several orders, shape (orders, blocks).
    """
    lengths: list[Any] = []
    for j in range(places.shape[1]):
        best = jnp.zeros(len(places))
        for i, length in enumerate(lengths):
            best = jnp.maximum(best, jnp.where(places[:, i] < places[:, j], length, 0.0))
        lengths.append(jnp.where(places[:, j] >= 0, 1.0 + best, 0.0))
    return jnp.max(jnp.stack(lengths), axis=0)


def proof(
    exercise_id: str,
    question: int,
    level: int,
    minutes: float,
    title: str,
    text: str,
    blocks: Sequence[Block],
    intruders: Sequence[Intruder],
    hasty: Sequence[Hasty],
    hints: Sequence[str],
) -> Exercise:
    """Make an exercise that asks for the blocks of an argument in an order that proves it.

    The marks are those of the nearest correct order: each block that must be taken out or put in costs the
    share of one block.
    """
    texts = [block.text for block in blocks] + [intruder.text for intruder in intruders]
    known = orders(blocks)
    count, size = len(blocks), len(texts)

    def arrange(places: Sequence[int]):
        """The rule that gives an answer with these blocks: where each is shown, then -1."""

        def rule(shown):
            found = [place_of(float(place), shown) for place in places]
            return jnp.stack([*found, *[jnp.full((), -1.0)] * (size - len(places))])

        return rule

    def places(order, shown):
        """Where each block stands in an answer, -1 if it is left out."""
        used = jnp.where(order >= 0, shown[order.astype(int)], -1.0)
        hit = used[None, :] == jnp.arange(float(size))[:, None]
        return jnp.where(jnp.any(hit, axis=1), first_place(hit), -1.0)

    def edits(place):
        used = jnp.sum(jnp.where(place >= 0, 1.0, 0.0))
        kept = jnp.max(longest_in_order(place[jnp.array(known)]))
        return jnp.minimum(1.0, (used + count - 2.0 * kept) / count)

    def uses(block: int):
        return lambda place: jnp.where(place[block] >= 0, 0.0, 1.0)

    def is_early(slip: Hasty):
        def rule(place):
            early, needed = place[slip.early], place[slip.needed]
            return jnp.where((early >= 0) & (needed > early), 0.0, 1.0)

        return rule

    def wrong_order(slip: Intruder | Hasty, extra: int = 0) -> list[int]:
        """What a student gives who makes the slip."""
        made = list(range(count))
        if isinstance(slip, Intruder):
            made.insert(slip.before, count + extra)
        else:
            made.remove(slip.early)
            made.insert(slip.needed, slip.early)
        return made

    def draw(stream: Stream) -> Givens:
        return {"shown": stream.shuffle(range(size))}

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=minutes,
        title=title,
        text=text,
        draw=draw,
        steps=(
            Step("order", arrange(range(count))),
            Step(
                "numbers",
                lambda order: order[:count] + 1.0,
                _("One correct order: `%(numbers)s`. Blocks that do not need each other may be exchanged"),
            ),
            Step("place", places),
            Step("edits", edits),
            *(
                Step(f"out{number}", lambda order: order[0], intruder.why)
                for number, intruder in enumerate(intruders)
            ),
        ),
        asks=(
            Ask(
                "order",
                "order",
                label=_("the blocks of the argument"),
                kind="blocks",
                options=lambda givens: [texts[place] for place in givens["shown"]],
                check="edits",
            ),
        ),
        slips=(
            *(
                Slip(
                    intruder.name,
                    {"order": arrange(wrong_order(intruder, number)), "edits": uses(count + number)},
                    intruder.why,
                )
                for number, intruder in enumerate(intruders)
            ),
            *(
                Slip(slip.name, {"order": arrange(wrong_order(slip)), "edits": is_early(slip)}, slip.why)
                for slip in hasty
            ),
        ),
        hints=tuple(hints),
    )
