"""The report speaks in words, and claims nothing that the number of papers does not carry."""

import math
import re
from types import SimpleNamespace

import pytest

from quiz import bank
from quiz.course import analysis, report

LANGS = ("kk", "ru", "en")


def _papers(count, absent=0, hard=False):
    """Papers of two questions, of which the second follows the first; the last ones are not handed in."""
    papers = []
    for number in range(count):
        first = 0.05 * (number % 2) if hard else (number % 5) / 4
        parts = [
            {"name": "e", "status": "wrong", "slip": "sign"},
            {"name": "w1", "status": "correct", "slip": None},
        ]  # fmt: skip
        order = [{"name": bank.exercise("q6.phases").asks[0].name, "status": "correct", "slip": None}]
        questions = [
            {"exercise": "q2.update", "score": first, "parts": parts},
            {"exercise": "q6.phases", "score": 1 - first, "parts": order},
        ]
        mark = SimpleNamespace(score=number / count, result={"questions": questions})
        papers.append(({"student": f"s{number}", "name": f"N{number} <x>"}, mark))
    return papers + [({"student": f"a{n}", "name": f"Absent {n}"}, None) for n in range(absent)]


def _page(papers, lang="en"):
    return report.page(analysis.analyse(papers), "Title", lang, papers)


@pytest.mark.parametrize("lang", LANGS)
def test_students_and_those_who_handed_in_nothing_are_listed(lang):
    page = _page(_papers(6, absent=2), lang)
    assert "(2)" in page
    assert "Absent 0, Absent 1" in page
    for number in range(6):
        assert f"N{number} &lt;x&gt; (s{number})" in page
    assert "%(" not in page


@pytest.mark.parametrize(("lang", "half"), [("en", "41.7"), ("ru", "41,7")])
def test_median_and_quartiles(lang, half):
    page = _page(_papers(6), lang)  # 0, 1/6, …, 5/6: by hand, the median and the mean are 5/12
    assert page.count(half) >= 2
    assert "20" + ("." if lang == "en" else ",") + "8" in page  # a quarter: 1.25/6


def test_names_are_words_not_identifiers():
    page = _page(_papers(6))
    for internal in (">w1<", "sign<", ">sign"):
        assert internal not in page
    assert 'new <span class="math">w₁</span>' in page
    assert "you have the wrong sign" in page


@pytest.mark.parametrize("count", [1, 5, 29])
def test_few_papers_carry_no_discrimination(count):
    page = _page(_papers(count))
    assert "at least 30 papers" in page
    assert "interval" not in page
    assert page.count("<circle") == 0


def test_many_papers_show_it_with_its_interval():
    papers = _papers(40)
    e = analysis.analyse(papers).exercises["q2.update"]
    assert e.discrimination == pytest.approx(-1)
    assert report.interval(e) == pytest.approx((-1, -1), abs=1e-3)
    page = _page(papers)
    assert "says little about who knows the subject" in page
    assert page.count("<circle") == 2
    e.moments.xy, e.moments.xx, e.moments.yy = 0.5, 1.0, 1.0  # r = 1/2, by hand atanh(0.5) ± 1.96 / sqrt(37)
    half = 1.96 / math.sqrt(37)
    assert report.interval(e) == pytest.approx(
        (math.tanh(math.atanh(0.5) - half), math.tanh(math.atanh(0.5) + half))
    )


@pytest.mark.parametrize(("count", "said"), [(4, False), (9, False), (12, True)])
def test_an_exercise_is_called_hard_only_if_the_papers_carry_it(count, said):
    assert ("very hard" in _page(_papers(count, hard=True))) == said


@pytest.mark.parametrize("papers", [_papers(0, absent=3), []], ids=["nobody", "nothing"])
def test_nothing_marked(papers):
    page = _page(papers)
    assert "<svg" not in page
    assert not re.search(r"\bnan\b", page)
