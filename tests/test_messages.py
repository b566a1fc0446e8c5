"""The tool that keeps the translations: nothing gets lost, nothing changes by itself, faults have names."""

import gettext
import importlib.util
import re
from pathlib import Path

import pytest
import wording

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


def found(lang: str, text: str, *roles: str) -> list[str]:
    """The names of the patterns found in a text."""
    entry = wording.Entry("", lang, text, text, frozenset(roles))
    return [name for name, _ in wording.findings(entry)]


@pytest.mark.parametrize(
    ("pattern", "lang", "bad", "good"),
    [
        ("comma between formulas", "kk", "`w = %(w)s`, `b = %(b)s`", "`w = %(w)s`; `b = %(b)s`"),
        ("comma between formulas", "ru", "`h = %(h)s`, и `b ← %(b)s`", "`h = %(h)s`; `b ← %(b)s`"),
        ("comma between formulas", "ru", "где `t = 1`, `η = 0,5`", "`a = σ`, `η = 0,5`"),
        ("comma in a pair", "kk", "`(d₁, d₂)` бағыты", "`(d₁; d₂)` бағыты"),
        ("forbidden synonym", "ru", "вход с целью 1", "вход с целевым значением 1"),
        ("forbidden synonym", "kk", "Оқу ережесінің қадамы", "Оқыту ережесінің қадамы"),
        ("forbidden synonym", "kk", "сигмоиданың көлбеулігі", "сигмоиданың туындысы"),
        ("forbidden synonym", "kk", "3-дәуірде тоқтады", "3-эпохада тоқтады"),
        ("forbidden synonym", "en", "derivative of `L` by `w`", "derivative of `L` with respect to `w`"),
        ("forbidden synonym", "en", "a line parts the ones", "a line separates the parts"),
        ("forbidden synonym", "en", "you have exchanged them", "you have swapped them"),
        ("calque", "ru", "Идите вдоль потерь", "Идите по оси `x`"),
        ("calque", "kk", "Екеуінің кішісі шешеді", "Желі XOR-ды шешеді"),
        ("calque", "kk", "желіде tanh тұр", "желіде tanh қолданылады"),
        ("calque", "en", "one number an epoch", "one number per epoch"),
        ("calque", "en", "From `a = b` follows `b = a`", "`a = b` gives `b = a`"),
        ("two brackets in a row", "kk", "нейрондар (екеу) (бәрі)", "кірістер (0; 0) (0; 1)"),
        ("variable of the program", "ru", "веса moved", "маска"),
        ("quotation marks", "ru", "нет команды {name!r}", "нет команды «{name}»"),
        ("quotation marks", "kk", "“рас” деген", "«рас» `run \"x\"` деген"),
        ("English left over", "kk", "бір шығыс sigmoid қабаты output", "бір шығыс (output)"),
        ("English left over", "ru", "для layer", "для XOR и quiz --help"),
        ("number before a noun", "ru", "через %(n)s слоёв", "слоёв: %(n)s"),
        ("number before a noun", "ru", "за %(n)d эпох", "`%(n)s × %(n)s` пикселей"),
        ("index without hyphen", "kk", "`j` жасырын нейроны", "`j`-жасырын нейрон"),
    ],
)  # fmt: skip
def test_bad_wording_is_named(pattern: str, lang: str, bad: str, good: str):
    assert pattern in found(lang, bad)
    assert found(lang, good) == []


@pytest.mark.parametrize(
    ("pattern", "lang", "role", "bad", "good"),
    [
        ("label without number", "en", "label", "parameters of the network", "number of parameters"),
        ("label without number", "ru", "label", "всего разметок", "число разметок"),
        ("label with instructions", "en", "label", "neurons (choose all)", "neurons"),
        ("lower-case step", "ru", "step", "значит, `h = %(h)s`", "Значит, `h = %(h)s`"),
        ("lower-case step", "kk", "step", "демек, `h = %(h)s`", "tanh: `h = %(h)s`"),
        ("symbol after its noun", "kk", "label", "перцептронның жауабы `y`", "жаңа `w`"),
        ("term not introduced", "kk", "text", "Ол үйірткіден өтеді.", "Ол үйірткіден (свёртка) өтеді."),
    ],
)  # fmt: skip
def test_bad_wording_depends_on_what_a_text_is_for(pattern: str, lang: str, role: str, bad: str, good: str):
    assert found(lang, bad, role) == [pattern]
    assert found(lang, good, role) == []
    assert found(lang, bad) == []


def test_a_symbol_that_the_text_does_not_introduce_is_named(root: Path):
    exercise = (
        'Exercise(id="{0}", title=_("A sum"), text=_("Give `{0} = w·x`"), asks=(Ask("z", label="`z`"),))\n'
    )
    (root / "quiz/bank/q2/rule.py").write_text(exercise.format("z") + exercise.format("y"), encoding="utf-8")
    assert list(wording.unexplained(root)) == ["y: '`z`': symbol not introduced: ['z']"]


def test_check_reads_the_texts_of_jaxnet_too(root: Path):
    path = root / "jaxnet/cli/messages.py"
    path.parent.mkdir()
    path.write_text('SENTENCES: object = {"stop": ("дәуір", "эпоха", "epoch")}\n', encoding="utf-8")
    assert "jaxnet/cli/messages.py: 'stop': forbidden synonym: 'дәуір'" in messages.check(root)


def test_every_pattern_of_the_tables_can_be_compiled():
    tables = wording.words()
    patterns = [p for term in tables["terms"] for p in term.get("instead", {}).values()]
    patterns += [p for calques in tables["calques"].values() for p in calques]
    assert all(re.compile(pattern) for pattern in patterns)
    assert {lang for term in tables["terms"] for lang in term} <= {"en", "kk", "ru", "instead"}
