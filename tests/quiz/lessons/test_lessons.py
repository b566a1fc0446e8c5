"""Lessons: complete in three languages; every number is what the library computes."""

import io
import re
from html.parser import HTMLParser

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
import quiz
from quiz import bank
from quiz.lessons import book, page, show
from quiz.lessons.build import build
from quiz.render.terminal import Screen
from quiz.text import translate
from quiz.text.errors import Unknown
from quiz.variants.variant import generate

LANGUAGES = ("kk", "ru", "en")


def text_of(name, lang, *, width=80):
    out = io.StringIO()
    screen = Screen(lang, out)
    screen.console.width = width
    show.lesson(screen, build(book.lesson(name), lang))
    return out.getvalue()


def test_there_is_a_lesson_on_each_question_and_on_the_topics_ahead():
    assert list(book.LESSONS) == [*"123456", "cnn", "rnn", "gates", "optimizers", "dropout", "l2"]
    for e in bank.exercises():
        if e.question < 7:
            assert book.lesson_of(e.id).name == str(e.question)
    covered = [name for lesson in book.LESSONS.values() for name in lesson.covers]
    assert len(covered) == len(set(covered))
    assert set(covered) <= set(bank.ids())


@pytest.mark.parametrize("name", book.LESSONS)
def test_a_lesson_has_all_parts_in_one_to_two_screens(name):
    for lang in LANGUAGES:
        built = build(book.lesson(name), lang)
        assert len(built.checks) == 3
        assert 3 <= len(built.mistakes) <= 5
        assert built.example.lines
        assert built.place
        assert built.exercises
        shown = text_of(name, lang)
        assert "%(" not in shown
        assert len(shown.splitlines()) < 110
        for question, answer in built.checks:
            assert question.replace("`", "").split()[0] in shown
            assert answer


@pytest.mark.parametrize("name", book.LESSONS)
def test_no_number_is_written_into_the_texts(name):
    """Only 0, 1, 2 and years stand in the texts; everything else is a placeholder."""
    lesson = book.lesson(name)
    texts = [*lesson.idea, lesson.formula, lesson.place, *(text for check in lesson.checks for text in check)]
    for text in texts:
        for lang in LANGUAGES:
            bare = re.sub(r"%\(\w+\)s", "", translate(text, lang))
            found = set(re.findall(r"(?<![\w₁₂])\d+(?:[.,]\d+)?", bare))
            assert found <= {"0", "1", "2", "2x", "1960"}, (lang, found)


def values(name):
    return build(book.lesson(name), "en").known


def test_the_perceptron_of_lesson_2_is_the_librarys():
    v = {k: np.asarray(value, np.float64) for k, value in values("2").items()}
    params = {"w": jnp.asarray(v["w"]), "b": jnp.asarray(v["b"])}
    new = jaxnet.perceptron.update(params, v["x"], v["t"], v["eta"], threshold=v["theta"])
    np.testing.assert_allclose(new["w"], v["w_new"], atol=1e-9)
    np.testing.assert_allclose(new["b"], v["b_new"], atol=1e-9)


def test_the_gradients_of_lesson_6_are_those_of_jax():
    lesson = book.lesson("6")
    key = quiz.key(generate(lesson.example, lesson.seed))
    text = text_of("6", "en", width=400)
    for value in np.ravel(np.concatenate([np.ravel(v) for v in key.values()])):
        rounded = f"{abs(float(value)):.4f}".rstrip("0").rstrip(".")
        assert rounded in text.replace("−", "-") or abs(float(value)) < 1e-3, rounded


def test_the_derivative_of_the_sigmoid_in_lesson_5():
    v = values("5")
    z = float(v["z"])
    assert v["ds"] == pytest.approx(float(jax.grad(jax.nn.sigmoid)(z)), abs=1e-6)
    assert "0,25" in build(book.lesson("5"), "kk").checks[1][1]


def test_the_states_of_the_recurrent_lesson():
    v = {k: np.asarray(value, np.float64) for k, value in values("rnn").items()}
    state = 0.0
    for number, x in enumerate(v["x"], 1):
        state = np.tanh(v["w"] * x + v["u"] * state + v["b"])
        assert v[f"h{number}"] == pytest.approx(state, abs=1e-6)


def test_the_adam_step_is_that_of_optax():
    v = {k: float(value) for k, value in values("optimizers").items()}
    m = v["beta1"] * v["m"] + (1 - v["beta1"]) * v["g"]
    square = v["beta2"] * v["v"] + (1 - v["beta2"]) * v["g"] ** 2
    assert v["m_hat"] == pytest.approx(m / (1 - v["beta1"] ** v["t"]))
    rule = optax.scale_by_adam(v["beta1"], v["beta2"], eps=0.0)
    state = rule.init(jnp.array(v["w"]))._replace(
        count=jnp.array(int(v["t"]) - 1), mu=jnp.array(v["m"]), nu=jnp.array(v["v"])
    )
    with jax.numpy_dtype_promotion("standard"):
        step, _ = rule.update(jnp.array(v["g"]), state)
    assert v["w_new"] == pytest.approx(v["w"] - v["eta"] * float(step), abs=1e-5)
    assert v["v_new"] == pytest.approx(square)


def test_the_numbers_change_with_the_library(monkeypatch):
    """What stands in a lesson comes from `jaxnet` when it is built, not from the text."""
    before = text_of("5", "en")
    real = jaxnet.activations.derivative
    monkeypatch.setattr(jaxnet.activations, "derivative", lambda name: lambda z: 2 * real(name)(z))
    after = text_of("5", "en")
    assert "where it is 0.25" in " ".join(before.split())
    assert "where it is 0.5" in " ".join(after.split())


def test_a_worked_example_has_other_numbers():
    for name in ("q2.update", "q1.true", "q6.phases"):
        variant, out = generate(name, 7), io.StringIO()
        show.worked(Screen("en", out), variant)
        own = io.StringIO()
        Screen("en", own).solution(variant)
        assert own.getvalue() not in out.getvalue()
        assert "1. " in out.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_well_formed(lang):
    class Checker(HTMLParser):
        stack: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img", "br"):
                self.stack.append(tag)

        def handle_endtag(self, tag):
            assert self.stack.pop() == tag

    html = page.lesson("2", lang)
    checker = Checker()
    checker.feed(html)
    assert checker.stack == []
    assert html.count("<details>") == 3
    assert "%(" not in html


@pytest.mark.parametrize("name", ["7", "q9", "adam", "", "../2"])
def test_an_unknown_lesson_is_refused_with_the_names(name):
    with pytest.raises(Unknown, match=r"1, 2, 3, 4, 5, 6, cnn"):
        book.lesson(name)
