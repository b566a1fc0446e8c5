"""Exercises that ask whether a claim is true, for which reason, and how sure the student is."""

from collections.abc import Sequence
from dataclasses import dataclass

from quiz.bank.shared.places import place_of
from quiz.exercise import Ask, Exercise, Givens, Rule, Slip, Step, Stream, jnp
from quiz.text import mark as _


@dataclass(frozen=True)
class Claim:
    """A claim that is judged.

    Attributes:
        text: a message.
        true: whether it is true.
        why: a message that says why it is, or why it is not.
    """

    text: str
    true: bool
    why: str


#: The judgements, in the order of the first options, and how sure one is, in the order of the last ones.
_JUDGEMENTS = (_("the claim is true"), _("the claim is false"))
_CONFIDENCE = (_("I am sure"), _("I am fairly sure"), _("I have guessed"))


def _answer(judgement, reason, shown):
    """An answer of a student who is sure: judgement, reason, confidence, then -1."""
    size = len(shown)
    given = jnp.stack([judgement, 2.0 + place_of(reason, shown), 2.0 + size + 0 * judgement])
    return jnp.append(given, jnp.full(size + 2, -1.0))


def _parts(order, right):
    """Whether the judgement and the reason are right, and whether a confidence and nothing else follows."""
    size = len(right) - 5
    complete = (order[2] >= size + 2) & (order[3] < 0)
    return order[0] == right[0], order[1] == right[1], complete


def _lost(order, right):
    judgement, reason, complete = _parts(order, right)
    return jnp.where(judgement & reason & complete, 0.0, 1.0)


def _slip(name: str, mistake: Rule, is_made: Rule, text: str) -> Slip:
    return Slip(name, {"order": mistake, "lost": is_made}, text)


def _next(case, shown):
    return jnp.mod(case + 1.0, len(shown))


def _only_judgement(order, right):
    judgement, reason, complete = _parts(order, right)
    return jnp.where(judgement & ~reason & complete, 0.0, 1.0)


def _only_reason(order, right):
    judgement, reason, complete = _parts(order, right)
    return jnp.where(~judgement & reason & complete, 0.0, 1.0)


def _sure_and_wrong(order, right):
    judgement, reason, complete = _parts(order, right)
    sure = order[2] == len(right) - 3
    return jnp.where(~judgement & ~reason & complete & sure, 0.0, 1.0)


_SLIPS = (
    _slip(
        "only-judgement",
        lambda truth, case, shown: _answer(truth, _next(case, shown), shown),
        _only_judgement,
        _("Your judgement is right, but not for this reason. Only both together count."),
    ),
    _slip(
        "only-reason",
        lambda truth, case, shown: _answer(1.0 - truth, case, shown),
        _only_reason,
        _("This sentence speaks of the claim, but it leads to the opposite judgement."),
    ),
    _slip(
        "sure-and-wrong",
        lambda truth, case, shown: _answer(1.0 - truth, _next(case, shown), shown),
        _sure_and_wrong,
        _("You were sure of this: such mistakes are the most useful ones to look at again."),
    ),
)


def claim_and_reason(
    exercise_id: str, question: int, level: int, title: str, claims: Sequence[Claim], hints: Sequence[str]
) -> Exercise:
    """Make an exercise that shows one of several claims and asks for judgement, reason and confidence.

    Only a right judgement with its reason earns credit. The confidence earns nothing: it is kept with the
    answer, and a mistake made with confidence is named.
    """
    size = len(claims)

    def draw(stream: Stream) -> Givens:
        case = stream.integer(0, size - 1)
        return {
            "case": case,
            "truth": int(not claims[case].true),
            "claim": claims[case].text,
            "shown": stream.shuffle(range(size)),
        }

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        minutes=3,
        title=title,
        text=_(
            "Someone claims: “%(claim)s” Write three numbers: whether the claim is true or false, the "
            "reason, and how sure you are. Only a right judgement together with its reason earns credit; how "
            "sure you are earns nothing and is kept for you and your teacher."
        ),
        draw=draw,
        steps=(
            Step("right", lambda truth, case, shown: _answer(truth, case, shown)),
            Step("order", lambda truth, case, shown: _answer(truth, case, shown)),
            Step(
                "numbers",
                lambda right: right[:2] + 1.0,
                _("Judgement `%(numbers1)s`, reason `%(numbers2)s`"),
            ),
            Step(
                "which",
                lambda case: case,
                tuple(claim.why for claim in claims),
                case=lambda known: int(known["which"]),
            ),
            Step("lost", _lost),
        ),
        asks=(
            Ask(
                "order",
                "order",
                label=_("judgement, reason, confidence"),
                kind="blocks",
                options=lambda givens: [
                    *_JUDGEMENTS,
                    *(claims[place].why for place in givens["shown"]),
                    *_CONFIDENCE,
                ],
                check="lost",
            ),
        ),
        slips=_SLIPS,
        hints=tuple(hints),
    )
