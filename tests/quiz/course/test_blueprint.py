"""Blueprints: every mistake is one sentence that names its place and what is expected there."""

import pytest

from quiz.course import blueprint
from quiz.course.blueprint import Slot, from_json
from quiz.text.errors import Invalid


def read(tmp_path, text):
    (tmp_path / "p.toml").write_text(text, "utf-8")
    return blueprint.read(tmp_path / "p.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[slots]]\nquestion = 2\nlevel = "1"', ["slots[1].level", "a whole number", "'1'"]),
        ("[[slots]]\nquestion = 2\nlevel = 1.5", ["slots[1].level", "a whole number"]),
        ("[[slots]]\nquestion = true", ["slots[1].question", "a whole number", "True"]),
        ("[slots]\nquestion = 2", ["[[slots]]", "two brackets"]),
        ('[[slots]]\nexercises = "q2.update"', ["slots[1].exercises", "a list", "'q2.update'"]),
        ("[[slots]]\nquestion = 2\n[[slots]]\nexercises = [2]", ["slots[2].exercises", "a list"]),
        ("[[slots]]\nexercises = []", ["slots[1].exercises", "a list"]),
        ("[[slots]]\nquestion = 2\nlevl = 1", ["slots[1].levl", "unknown", "level"]),
        ("[[slots]]\nquestion = 2\ncuont = 1", ["slots[1].cuont", "count"]),
        ('titel = "x"\n[[slots]]\nquestion = 2', ["titel", "title"]),
        ("title = 5\n[[slots]]\nquestion = 2", ["title", "a text in quotes"]),
        ("slots = [1]", ["[[slots]]"]),
        ("[[slots]]\nlevel = 2", ["slots[1]", "question"]),
        ('[[slots]]\nexercises = ["q2.updat"]', ["q2.updat", "q2.update"]),
        ('[[slots]]\nexercises = ["q2.update"]\nlevel = 1', ["slots[1]", "level"]),
        ('[[slots]]\nquestion = 2\nvary = "yes"', ["slots[1].vary", "true or false"]),
        ("[[slots]]\nquestion = 2\npoints = 0", ["slots[1]", "points"]),
        ("[[slots]]\nquestion = 2\npoints = nan", ["slots[1]", "points"]),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path, text, words):
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    for lang in ("en", "ru", "kk"):
        message = caught.value.message(lang)
        assert message.startswith("p.toml: ")
        assert "\n" not in message
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_points_are_kept_and_one_is_not_written(tmp_path):
    plan = read(tmp_path, '[[slots]]\nexercises = ["q2.update"]\npoints = 2.5\n[[slots]]\nquestion = 7\n')
    assert plan.slots[0] == Slot(("q2.update",), points=2.5)
    stored = plan.to_json()
    assert [slot.get("points") for slot in stored["slots"]] == [2.5, None]
    assert from_json(stored) == plan


def test_a_teacher_can_switch_expressions_off(tmp_path):
    path = tmp_path / "bp.toml"
    for line, expected in (("", True), ("expressions = false\n", False), ("expressions = true\n", True)):
        path.write_text(f'{line}[[slots]]\nexercises = ["q2.update"]\n')
        made = blueprint.read(path)
        assert made.expressions is expected
        assert blueprint.from_json(made.to_json()) == made
        assert ("expressions" in made.to_json()) is not expected
    path.write_text('expressions = "no"\n[[slots]]\nexercises = ["q2.update"]\n')
    with pytest.raises(Invalid, match="true or false"):
        blueprint.read(path)
