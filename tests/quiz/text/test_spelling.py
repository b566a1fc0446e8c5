"""Every word of the translations is in a reviewed list and, if hunspell is installed, known to it.

After a change of the translations: ``python scripts/spelling.py --update``, and read what it prints.
"""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[3] / "scripts" / "spelling.py"
spec = importlib.util.spec_from_file_location("scripts_spelling", TOOL)
assert spec
assert spec.loader
spelling = importlib.util.module_from_spec(spec)
spec.loader.exec_module(spelling)

LANGUAGES = list(spelling.DICTIONARIES)
USED = {language: spelling.used(language) for language in LANGUAGES}
UNKNOWN = {language: spelling.hunspell(language, USED[language]) for language in LANGUAGES}
MEND = "run scripts/spelling.py --update and read the words it prints"


def unknown_words(language: str, judge: str) -> set[str]:
    """Return the words that are not in the list, or known neither to hunspell nor to the terms."""
    if judge == "list":
        return USED[language] - spelling.listed(language)
    return UNKNOWN[language] - spelling.listed(f"terms-{language}")


# the dictionary is asked where it is installed; the list is always there
@pytest.mark.parametrize(
    ("language", "judge"),
    [
        (language, judge)
        for language in LANGUAGES
        for judge in ["list"] + ["hunspell"] * (UNKNOWN[language] is not None)
    ],
)
def test_every_word_is_known(language: str, judge: str):
    assert not sorted(unknown_words(language, judge)), MEND


@pytest.mark.parametrize("name", [*LANGUAGES, *(f"terms-{language}" for language in LANGUAGES)])
def test_lists_are_sorted_and_hold_nothing_else(name: str):
    lines = (spelling.LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert not sorted(set(lines) - USED[name.removeprefix("terms-")]), MEND


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_is_of_one_alphabet(language: str):
    assert not set().union(*(spelling.foreign(text, language) for text in spelling.texts(language)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XOR-ды — □-ге, 2-сұрақ", {"-ды", "-ге", "-сұрақ"}),
        ("Қабат-қабатымен: «Шек», (ығысу)-қате", {"қабат-қабатымен", "шек", "ығысу", "-қате"}),
        ("weights and - тире", {"тире"}),
    ],
    ids=["suffixes", "hyphens and quotes", "Latin"],
)
def test_words(text: str, expected: set[str]):
    assert spelling.words(text) == expected


def test_a_wrong_word_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    folder = tmp_path / "quiz" / "text" / "kk" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "q2.po").write_text(
        'msgid ""\nmsgstr ""\n"Language: kk\\n"\n\n'
        'msgid "weight `w`, bias %(b)s"\nmsgstr ""\n"салмакк `қате` %(b)s,"\n" caлмақ"\n\n'
        'msgid "row"\nmsgid_plural "rows"\nmsgstr[0] "жол"\nmsgstr[1] "жолдар"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(spelling, "ROOT", tmp_path)
    assert spelling.used("kk") - {"жол", "жолдар"} == {"салмакк", "лмақ"}
    assert set().union(*(spelling.foreign(text, "kk") for text in spelling.texts("kk"))) == {"caлмақ"}


def test_update_keeps_terms_without_hunspell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(spelling, "LISTS", tmp_path)
    monkeypatch.setattr(spelling.shutil, "which", lambda name: None)
    (tmp_path / "kk.txt").write_text("болжам\nқатее\n", encoding="utf-8")
    (tmp_path / "terms-kk.txt").write_text("дропаут\nқатее\n", encoding="utf-8")
    monkeypatch.setattr(spelling, "used", lambda language: {"болжам", "дропаут", "ығысу"})
    assert spelling.update("kk") == ["дропаут", "ығысу"]
    assert spelling.listed("kk") == {"болжам", "дропаут", "ығысу"}
    assert spelling.listed("terms-kk") == {"дропаут"}
