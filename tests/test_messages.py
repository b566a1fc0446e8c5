"""The tool that keeps the translations: nothing gets lost, nothing changes by itself, faults have names."""

import gettext
import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("babel")

TOOL = Path(__file__).resolve().parents[1] / "scripts" / "messages.py"
spec = importlib.util.spec_from_file_location("scripts_messages", TOOL)
assert spec
assert spec.loader
messages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(messages)

SOURCE = {
    "quiz/cli/app.py": '_("Correct.")\nplural("%(n)d mistake", "%(n)d mistakes", 2, lang)\n',
    "quiz/bank/q2/rule.py": '_("the weight w is %(w)s")\n_("threshold")\n',
    "quiz/export/moodle.py": 'pgettext("school", "class")\n',
    "jaxnet/cli.py": '_("not for translation here")\n',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout."""
    for name, text in SOURCE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def po(root: Path, domain: str, language: str = "ru") -> Path:
    return root / "quiz" / "text" / language / "LC_MESSAGES" / f"{domain}.po"


def put(root: Path, domain: str, english: str, translation: str) -> None:
    """Write a translation into a .po as a translator would."""
    path = po(root, domain)
    before = path.read_text(encoding="utf-8")
    after = before.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{translation}"')
    assert before != after
    path.write_text(after, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "domain"),
    [
        ("quiz/bank/q1/network.py", "q1"),
        ("quiz/bank/q6/backward.py", "q6"),
        ("quiz/bank/ahead/convolution.py", "ahead"),
        ("quiz/bank/__init__.py", "quiz"),
        ("quiz/export/moodle.py", "teacher"),
        ("quiz/export/pdf/page.py", "teacher"),
        ("quiz/cli/teacher.py", "teacher"),
        ("quiz/course/roster.py", "teacher"),
        ("quiz/render/terminal.py", "quiz"),
        ("quiz/cli/app.py", "quiz"),
        ("scripts/story.py", "quiz"),
        ("jaxnet/plot.py", None),
    ],
)
def test_every_source_file_has_one_domain(path: str, domain: str | None):
    assert messages.domain_of(path) == domain


def test_extract_sorts_messages_into_rooms(root: Path):
    messages.extract(root)
    assert sorted(p.stem for p in root.glob("quiz/text/kk/LC_MESSAGES/*.po")) == ["q2", "quiz", "teacher"]
    text = po(root, "q2").read_text(encoding="utf-8")
    assert text.index("the weight w") < text.index(
        "threshold"
    )  # the order of the source, not of the alphabet
    assert "#: quiz/bank/q2/rule.py\n" in text
    assert "2026" not in text
    assert 'msgctxt "school"' in po(root, "teacher").read_text(encoding="utf-8")
    assert "msgstr[2]" in po(root, "quiz").read_text(encoding="utf-8")


def test_extract_twice_changes_nothing(root: Path):
    messages.extract(root)
    put(root, "q2", "threshold", "порог")
    messages.extract(root)
    once = {path: path.read_bytes() for path in root.glob("quiz/text/*/*/*.po")}
    messages.extract(root)
    assert {path: path.read_bytes() for path in root.glob("quiz/text/*/*/*.po")} == once
    assert "порог" in po(root, "q2").read_text(encoding="utf-8")


def test_a_translation_follows_its_text_to_another_room(root: Path):
    messages.extract(root)
    put(root, "q2", "threshold", "порог")
    (root / "quiz/bank/q2").rename(root / "quiz/bank/q3")
    messages.extract(root)
    assert not po(root, "q2").exists()
    assert "порог" in po(root, "q3").read_text(encoding="utf-8")


def test_compiled_catalogs_answer_and_leave_nothing_behind(root: Path):
    messages.extract(root)
    put(root, "q2", "threshold", "порог")
    gone = po(root, "gone").with_suffix(".mo")
    gone.write_bytes(b"")
    messages.compile_catalogs(root)
    with open(po(root, "q2").with_suffix(".mo"), "rb") as file:
        catalog = gettext.GNUTranslations(file)
    assert catalog.gettext("threshold") == "порог"
    assert catalog.gettext("the weight w is %(w)s") == "the weight w is %(w)s"
    assert not gone.exists()


@pytest.mark.parametrize(
    ("translation", "fault"),
    [
        ("вес w равен %(w)s", None),
        ("вес w равен %(v)s", "placeholders ['%(v)s'], expected ['%(w)s']"),
        ("вес w равен", "placeholders [], expected ['%(w)s']"),
        ("вeс w равен %(w)s", "letters of another alphabet in 'вeс'"),  # a Latin e in a Russian word
        (
            "вес c равен w %(w)s",
            "letters of another alphabet in 'c'",
        ),  # a Latin c where a Russian one is meant
    ],
    ids=["right", "other-placeholder", "no-placeholder", "mixed-word", "twin-letter"],
)
def test_check_names_the_fault(root: Path, translation: str, fault: str | None):
    messages.extract(root)
    put(root, "q2", "the weight w is %(w)s", translation) if translation else None
    said = [
        line for line in messages.check(root) if line.startswith("quiz/text/ru") and "'the weight w" in line
    ]
    assert said == ([f"quiz/text/ru/LC_MESSAGES/q2.po: 'the weight w is %(w)s': {fault}"] if fault else [])


def test_check_sees_what_extract_would_change_and_marks_of_doubt(root: Path):
    messages.extract(root)
    put(root, "q2", "threshold", "порог")
    path = po(root, "q2")
    path.write_text(
        path.read_text(encoding="utf-8").replace('msgid "threshold"', '#, fuzzy\nmsgid "threshold"')
    )
    (root / "quiz/cli/app.py").write_text('_("Correct!")\n', encoding="utf-8")
    said = "\n".join(messages.check(root))
    assert "ru/LC_MESSAGES/q2.po: 'threshold': fuzzy" in said
    assert "ru/LC_MESSAGES/q2.po: 1 not translated, the first is 'the weight w is %(w)s'" in said
    assert "ru/LC_MESSAGES/quiz.po: 1 not there yet" in said
    assert "ru/LC_MESSAGES/quiz.po: 2 no longer in the source" in said


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("f\"<b>{_('Hello')}</b>\"", "'Hello': marked inside an f-string; give it a name before"),
        (
            "f\"{say(plural('%(n)d way', '%(n)d ways', n, lang)):>20}\"",
            "'%(n)d way': marked inside an f-string",
        ),
        ("f\"{pgettext('school', 'class')}\"", "'class': marked inside an f-string"),
        ("_(f'Hello {name}')", "the message must be a text in quotes, on its own"),
        ("_('Hello ' + name)", "the message must be a text in quotes, on its own"),
        ("_(greeting)", "the message must be a text in quotes, on its own"),
        ("text = _('Hello')\nf'<b>{text}</b>'", ""),
    ],
    ids=["f-string", "plural", "context", "is-f-string", "sum", "variable", "named-before"],
)
def test_a_message_that_only_some_pythons_extract_is_refused(root: Path, code: str, fault: str):
    (root / "quiz/cli.py").write_text(code, encoding="utf-8")
    said = [line for line in messages.check(root) if line.startswith("quiz/cli.py:1:")]
    assert bool(said) == bool(fault)
    assert all(fault in line for line in said)
