"""Exercises that ask which statements are true; a statement is drawn for each topic, so all are tested."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


@dataclass(frozen=True)
class Topic:
    """One possible misunderstanding: a student who has it judges every statement of the topic wrongly.

    Attributes:
        name: the name of the step and of the slip.
        true: messages that are true.
        false: as many messages that are false.
        why: a message that corrects the misunderstanding without naming the statement.
    """

    name: str
    true: tuple[str, ...]
    false: tuple[str, ...]
    why: str


_TEXT = _("Which of these statements are true? Name all of them.")


def which_are_true(
    exercise_id: str,
    question: int,
    level: int,
    title: str,
    topics: Sequence[Topic],
    hints: tuple[str, ...],
    text: str = _TEXT,
    minutes: float = 2.0,
) -> Exercise:
    """Make an exercise that shows one statement for each topic, in random order, and asks which are true."""
    statements = [text for topic in topics for text in (*topic.true, *topic.false)]
    about = [k for k, topic in enumerate(topics) for _text in (*topic.true, *topic.false)]
    truth = [flag for topic in topics for flag in [1.0] * len(topic.true) + [0.0] * len(topic.false)]
    steps = [topic.name.replace("-", "_") for topic in topics]

    def draw(stream: Stream) -> Givens | None:
        one_of_each = [
            stream.choice([i for i, k in enumerate(about) if k == topic]) for topic in range(len(topics))
        ]
        picked = stream.shuffle(one_of_each)
        return None if len({truth[place] for place in picked}) == 1 else {"picked": picked}

    def holds(topic: int):
        def rule(picked):
            here = jnp.array(about)[picked.astype(int)] == topic
            return jnp.sum(jnp.where(here, jnp.array(truth)[picked.astype(int)], 0.0))

        return rule

    def fails(topic: int):
        return lambda picked: 1.0 - holds(topic)(picked)

    def together(picked, **found):
        return jnp.stack([found[step] for step in steps])[jnp.array(about)[picked.astype(int)]]

    # the parameters of a rule say which steps it needs: here one for each topic
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in ("picked", *steps)]
    together.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]

    return Exercise(
        id=exercise_id,
        question=question,
        level=level,
        title=title,
        minutes=minutes,
        text=text,
        draw=draw,
        steps=(
            *(Step(steps[k], holds(k), topic.why) for k, topic in enumerate(topics)),
            Step("truth", together, _("In the order of the statements, with 1 for true: `%(truth)s`")),
        ),
        asks=(
            Ask(
                "truth",
                "truth",
                label=_("the true statements"),
                kind="several",
                options=lambda givens: [statements[place] for place in givens["picked"]],
            ),
        ),
        slips=tuple(Slip(topic.name, {steps[k]: fails(k)}, topic.why) for k, topic in enumerate(topics)),
        hints=hints,
    )
