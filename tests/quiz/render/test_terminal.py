"""The terminal: narrow, without Unicode, marks of single numbers and statements, symbols of the text."""

import io

import pytest

import quiz
from quiz import bank
from quiz.cli.listing import folded, overview
from quiz.marking.marks import Part
from quiz.render.terminal import Screen
from quiz.text import translate


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


EITHER = {"kk": "Мүмкін мынау:", "ru": "Либо:", "en": "Either:"}
OR = {"kk": "Әлде мынау:", "ru": "Либо:", "en": "Or:"}


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("slips", "alternatives"),
    [(("sign", "no-rate"), 2), (("sign", "no-rate", "bias-kept"), 3), (("sign",), 1), (("sign+no-rate",), 1)],
)
def test_slips_that_explain_an_answer_equally_well_are_alternatives(slips, alternatives, lang):
    message = Part("z", "1", "wrong", slips=slips, _exercise="q2.update").message(lang)
    texts = {slip.name: translate(slip.text, lang) for slip in bank.exercise("q2.update").slips}
    assert all(texts[name] in message for group in slips for name in group.split("+"))
    first, *rest = message.split(OR[lang]) if lang != "ru" else message.split(OR[lang])[1:] or [message]
    assert len(rest) + 1 == alternatives
    assert (EITHER[lang] in message) is (alternatives > 1)
    assert texts[slips[0].partition("+")[0]] in first
