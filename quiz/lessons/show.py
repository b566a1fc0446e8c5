"""Shows lessons and worked examples on a terminal."""

from quiz.lessons import book
from quiz.lessons.build import Built, Example, build, worked_example
from quiz.lessons.words import HEADS
from quiz.render.terminal import Screen
from quiz.text import translate
from quiz.variants.variant import Variant, generate


def lesson_of(screen: Screen, exercise: str) -> None:
    """Show the lesson that explains an exercise; a worked example where a topic has none."""
    found = book.lesson_of(exercise)
    if found is None:
        worked(screen, generate(exercise, 1))
    else:
        lesson(screen, build(found, screen.lang))


def lesson(screen: Screen, built: Built) -> None:
    """Show a lesson."""
    screen.head(built.title)
    for paragraph in built.idea:
        screen.say(paragraph)
        screen.say()
    _head(screen, "formula")
    screen.say(built.formula)
    screen.say()
    screen.figure(built.figure, built.known)
    screen.say()
    _head(screen, "example")
    _example(screen, built.example)
    _head(screen, "mistakes")
    for mistake in built.mistakes:
        screen.say(f"  · {mistake}")
    screen.say()
    _head(screen, "checks")
    for number, (question, answer) in enumerate(built.checks, 1):
        screen.say(f"  {number}. {question}")
        screen.say(f"     → {answer}", "dim")
    screen.say()
    screen.say(built.place)
    screen.say(f"{translate(HEADS['practise'], screen.lang)} {', '.join(built.exercises)}")


def worked(screen: Screen, variant: Variant) -> None:
    """Show an example of the same kind with other numbers, solved."""
    _head(screen, "other")
    _example(screen, worked_example(variant, screen.lang))


def _example(screen: Screen, example: Example) -> None:
    screen.say(example.text)
    for option in example.options:
        screen.say(f"    {option}")
    for number, line in enumerate(example.lines, 1):
        screen.say(f"  {number}. {line}")
    screen.say()


def _head(screen: Screen, name: str) -> None:
    screen.say(translate(HEADS[name], screen.lang), "bold")
