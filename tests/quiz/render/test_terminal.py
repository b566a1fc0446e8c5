"""The terminal: narrow, without Unicode, marks of single numbers and statements, symbols of the text."""

import io

import pytest

import quiz
from quiz import bank
from quiz.cli.listing import folded, overview
from quiz.render.terminal import Screen


class Stream(io.StringIO):
    """A stream of an encoding."""

    def __init__(self, encoding="utf-8"):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding

    def write(self, text):
        text.encode(self._encoding)
        return super().write(text)


def screen_of(lang="en", width=80, encoding="utf-8"):
    stream = Stream(encoding)
    screen = Screen(lang, stream)
    screen.console.width = width
    return screen, stream


@pytest.mark.parametrize("width", [40, 60, 80])
def test_names_that_must_be_typed_are_not_cut(width):
    screen, out = screen_of(width=width)
    overview(screen, [])
    for name in bank.ids():
        assert name in out.getvalue()


def test_the_folded_list_fits_on_one_screen_and_names_every_exercise():
    screen, out = screen_of()
    folded(screen, [])
    lines = out.getvalue().splitlines()
    assert len(lines) < 45
    assert max(map(len, lines)) <= 80
    words = out.getvalue().split()
    assert all(name.partition(".")[2] in words for name in bank.ids())


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("name", ["q3.missing-bias", "q2.boundary", "q1.true"])
def test_forty_columns_without_unicode(lang, name):
    screen, out = screen_of(lang, 40, "ascii")
    screen.question(quiz.generate(name, 3), "2 · ")
    assert name in out.getvalue()
    drawn = [line for line in out.getvalue().splitlines() if len(line) > 40]
    assert len(drawn) <= 2


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [("q2.rate", "w = ", "moved"), ("q7.dropout", "m = ", "mask"), ("q2.sample", "η = ", "moved")],
)
def test_values_have_the_symbols_of_the_text(name, shown, hidden):
    screen, out = screen_of()
    screen.question(quiz.generate(name, 3))
    assert shown in out.getvalue()
    assert f"{hidden} = " not in out.getvalue()


def marked(name, seed, answers, lang="en"):
    screen, out = screen_of(lang)
    marks = quiz.grade(quiz.generate(name, seed), answers, lang)
    return screen, out, marks


def test_each_number_of_a_wrong_matrix_has_its_mark():
    key = quiz.key(quiz.generate("q7.conv-value", 3))["Z"]
    typed = [row.copy() for row in key]
    typed[1][0] += 7
    screen, out, marks = marked("q7.conv-value", 3, {"Z": typed})
    screen.mark(marks.parts["Z"])
    assert marks.parts["Z"].cells == (True, True, False, True)
    assert out.getvalue().count("✗") == 2  # of the answer, and of the number
    assert out.getvalue().count("✓") == 3


def test_each_statement_of_a_wrong_choice_has_its_mark():
    variant = quiz.generate("q1.true", 3)
    (ask,) = [ask for ask in variant.asks if ask.kind == "several"]
    right = quiz.key(variant)[ask.name]
    wrong = sorted({*right} ^ {1})
    screen, out, marks = marked("q1.true", 3, {ask.name: " ".join(map(str, wrong)) or "0"})
    screen.statements(marks)
    count = len(ask.choices(variant.givens))
    assert out.getvalue().count("✗") == 1
    assert out.getvalue().count("✓") == count - 1
    assert "✗ 1)" in out.getvalue()
    assert out.getvalue().count("chosen)") == count


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_two_slips_that_explain_an_answer_are_alternatives(lang):
    for e in bank.exercises():
        for seed in range(1, 4):
            variant = quiz.generate(e.id, seed)
            for slip in e.slips:
                if slip.alike:
                    break
            else:
                continue
            found = _ambiguous(variant, slip)
            if found:
                message = found.message(lang)
                first, second = {
                    "kk": ("Мүмкін мынау:", "Әлде мынау:"),
                    "ru": ("Либо:", "Либо:"),
                    "en": ("Either:", "Or:"),
                }[lang]
                assert first in message
                assert second in message.partition(first)[2]
                return
    pytest.fail("no answer is explained by two slips")


def _ambiguous(variant, slip):
    """An answer of somebody who makes a slip, if another one explains it too."""
    from quiz.exercise.program import Row, run
    from quiz.marking.answers import to_answer

    values = run(bank.exercise(variant.exercise), variant.givens, [Row((slip.name,))])
    answers = {ask.name: to_answer(ask, values[ask.step][(0, *ask.index)]) for ask in variant.asks}
    parts = quiz.grade(variant, answers).parts.values()
    return next((part for part in parts if len(part.slips) > 1), None)
