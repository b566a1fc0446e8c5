"""Keys in every layout, words of three languages, several answers at once."""

import pytest

import quiz
from quiz.practice import keys
from quiz.practice.paste import split

UPDATE = quiz.generate("q2.update", 7)


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        (keys.LEAVE, ["q", "Q", "й", "Й", "exit", "quit", "выход", "шығу", " q "]),
        (keys.ANOTHER, ["n", "т", "another", "ещё", "тағы"]),
        (keys.BACK, ["u", "г", "back", "назад", "артқа"]),
        (keys.AGAIN, ["r", "к", "question", "вопрос", "сұрақ"]),
        (keys.THEORY, ["t", "\N{CYRILLIC SMALL LETTER IE}", "theory", "теория", "сабақ"]),
        (keys.SOLUTION, ["s", "ы", "решение", "шешуі"]),
        (keys.HINT, ["?", "№", ",", "hint", "подсказка", "кеңес"]),
        (keys.SKIP, ["-", "–", "−", "skip", "пропустить", "өткізу"]),
        (keys.HELP, ["help", "помощь", "көмек"]),
        ("", ["1", "0,35", "e", "a", "b", "-1", "1 2", "sigma(1)", "", "?!", "qq"]),
    ],
)
def test_keys(action, typed):
    assert {text: keys.action_of(text) for text in typed} == dict.fromkeys(typed, action)


def test_no_answer_of_the_bank_is_a_key():
    """The right answers, as numbers and as letters of options, are never taken for a key."""
    for e in quiz.exercises():
        variant = quiz.generate(e.id, 1)
        for value in quiz.key(variant).values():
            assert keys.action_of(str(value)) == ""
        for ask in e.asks:
            assert len(ask.choices(variant.givens)) < ord("n") - ord("a")


@pytest.mark.parametrize(
    ("name", "typed", "found"),
    [
        ("z", "1.2\n1\n1", {"z": "1.2", "y": "1", "e": "1"}),
        ("y", "\n 1 \n\n-0,5\n", {"y": "1", "e": "-0,5"}),
        ("z", "z=1.2 y=1 e = -1;w1=0.3", {"z": "1.2", "y": "1", "e": "-1", "w1": "0.3"}),
        ("e", "y = 0", {"y": "0"}),
        ("z", "z = 1\ny = 2\n", {"z": "1", "y": "2"}),
        ("z", "1.2", {}),
        ("z", "x = 3", {}),
        ("z", "1 z = 3", {}),
    ],
)
def test_several_answers_at_once(name, typed, found):
    passed = {"y": ("z",)}.get(name, ())
    assert split(UPDATE, name, typed, passed) == found


def test_the_rows_of_a_matrix_may_be_pasted_as_lines():
    conv = quiz.generate("q7.conv-value", 1)
    assert split(conv, "Z", "1 2\n3 4", ()) == {"Z": "1 2; 3 4"}
    assert quiz.grade(conv, {"Z": "1 2; 3 4"}).parts["Z"].status == "wrong"
