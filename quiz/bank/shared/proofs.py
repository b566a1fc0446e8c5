"""Exercises that ask for an argument: its blocks are put in order, and some blocks do not belong to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quiz.bank.shared.places import first_place, place_of
from quiz.exercise import Ask, Exercise, Rule, Slip, Step, jnp
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


def _arrange(places: Sequence[int], size: int) -> Rule:
    """The rule that gives an answer with these blocks: where each is shown, then -1."""

    def rule(shown):
        found = [place_of(float(place), shown) for place in places]
        return jnp.stack([*found, *[jnp.full((), -1.0)] * (size - len(places))])

    return rule


def _place(order, shown):
    """Where each block stands in an answer, -1 if it is left out."""
    used = jnp.where(order >= 0, shown[order.astype(int)], -1.0)
    hit = used[None, :] == jnp.arange(float(len(shown)))[:, None]
    return jnp.where(jnp.any(hit, axis=1), first_place(hit), -1.0)


def _edits(blocks: Sequence[Block]) -> Rule:
    """The rule that gives the share of the blocks that must be taken out or put in."""
    known, count = orders(blocks), len(blocks)

    def rule(place):
        used = jnp.sum(jnp.where(place >= 0, 1.0, 0.0))
        kept = jnp.max(longest_in_order(place[jnp.array(known)]))
        return jnp.minimum(1.0, (used + count - 2.0 * kept) / count)

    return rule


def _intrusion(intruder: Intruder, block: int, count: int, size: int) -> Slip:
    """The slip of a student who uses a block that does not belong to the argument."""
    made = [*range(intruder.before), block, *range(intruder.before, count)]

    def is_used(place):
        return jnp.where(place[block] >= 0, 0.0, 1.0)

    return Slip(intruder.name, {"order": _arrange(made, size), "edits": is_used}, intruder.why)


def _haste(slip: Hasty, count: int, size: int) -> Slip:
    """The slip of a student who puts a block in front of one that it needs."""
    made = [place for place in range(count) if place != slip.early]
    made.insert(slip.needed, slip.early)

    def is_early(place):
        early, needed = place[slip.early], place[slip.needed]
        return jnp.where((early >= 0) & (needed > early), 0.0, 1.0)

    return Slip(slip.name, {"order": _arrange(made, size), "edits": is_early}, slip.why)


def proof(
    exercise_id: str, question: int, level: int, minutes: float, title: str, text: str,
    blocks: Sequence[Block], intruders: Sequence[Intruder], hasty: Sequence[Hasty], hints: Sequence[str],
) -> Exercise:  # fmt: skip
    """Make an exercise that asks for the blocks of an argument in an order that proves it.

    The marks are those of the nearest correct order: each block that must be taken out or put in costs the
    share of one block.
    """
    texts = [block.text for block in blocks] + [intruder.text for intruder in intruders]
    count, size = len(blocks), len(texts)
    intrusions = [_intrusion(one, count + number, count, size) for number, one in enumerate(intruders)]
    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=minutes,
        title=title,
        text=text,
        draw=lambda stream: {"shown": stream.shuffle(range(size))},
        steps=(
            Step("order", _arrange(range(count), size)),
            Step(
                "numbers",
                lambda order: order[:count] + 1.0,
                _("One correct order: `%(numbers)s`. Blocks that do not need each other may be swapped"),
            ),
            Step("place", _place),
            Step("edits", _edits(blocks)),
            *(Step(f"out{n}", lambda order: order[0], one.why) for n, one in enumerate(intruders)),
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
        slips=(*intrusions, *(_haste(slip, count, size) for slip in hasty)),
        hints=tuple(hints),
    )
