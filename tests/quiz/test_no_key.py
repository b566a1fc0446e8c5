"""No file for students contains a key, in any notation or encoding; none is made by running the program."""

import base64
import binascii
import hashlib
import html
import io
import json
import re
import unicodedata
import urllib.parse
import zipfile
from fractions import Fraction

import numpy as np
import pytest
from class_of_students import new_course, roster

from quiz import bank
from quiz.course import folder, papers
from quiz.course.blueprint import Blueprint, Slot
from quiz.course.ledger import Ledger
from quiz.exercise import program
from quiz.export import anki, items, spreadsheet
from quiz.export.formats import PAPERS
from quiz.marking import grading
from quiz.render import sheet
from quiz.text.numbers import write

FORMS = (*PAPERS, "csv", "anki front")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("keys") / "ann")


@pytest.fixture(scope="module")
def issued(course):
    """Papers, their sheets and their variants."""
    pictured = next(e.id for e in bank.exercises() if e.figure)
    plan = Blueprint("", tuple(Slot((i,)) for i in ("q2.update", "q5.derivatives", "q6.network", pictured)))
    with Ledger(course.database) as book:
        book.set_blueprint("1", plan.to_json())
        made = list(papers.issue(course, book, plan, "1", roster(6)))
    return [(record, shown, papers.variants(course, record)) for record, shown in made]


def artefacts(shown, drawn):
    """Everything that a student may get for a paper, as files."""
    lang = shown["lang"]
    found = {name: make(shown) for name, make in PAPERS.items()}
    own = [items.Item(v, n, public=False) for n, v in enumerate(drawn, 1)]
    found["csv"] = spreadsheet.document(own, lang)
    found["anki front"] = "".join(anki.front(sheet.question(i.variant, lang, i.number)) for i in own)
    return {name: c if isinstance(c, bytes) else c.encode() for name, c in found.items()}


def layers(data, depth=0):
    """A file and all that is packed or encoded in it: zip, PDF, base64, hex, percent, entities, JSON."""
    yield data
    if depth > 3:
        return
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from layers(archive.read(name), depth + 1)
    if data.startswith(b"%PDF"):
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(data))
        text = "\n".join(page.extract_text() for page in reader.pages)
        yield (text + json.dumps({k: str(v) for k, v in (reader.metadata or {}).items()})).encode()
        # streams hold outlines of letters, whose numbers mean nothing; nothing else may be attached
        assert b"/EmbeddedFile" not in data
        return
    text = data.decode("utf-8", "replace")
    for other in (html.unescape(text), urllib.parse.unquote(text), _unescape(text)):
        if other != text:
            yield from layers(other.encode("utf-8", "replace"), depth + 1)
    for match in re.finditer(r"[A-Za-z0-9+/_-]{12,}={0,2}", text):
        try:
            inner = base64.b64decode(match[0].replace("-", "+").replace("_", "/") + "==")
        except (binascii.Error, ValueError):
            continue
        if _is_text(inner):
            yield from layers(inner, depth + 1)
    for match in re.finditer(r"(?:[0-9a-fA-F]{2}){6,}", text):
        inner = bytes.fromhex(match[0])
        if _is_text(inner):
            yield from layers(inner, depth + 1)


def _is_text(data):
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def _unescape(text):
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


def notations(value):
    """Return all notations of a number."""
    exact = float(value)
    found = {repr(exact), f"{exact:.3f}", f"{exact:.4f}", f"{exact:.5f}", f"{exact:.3e}", exact.hex()}
    found |= {
        f"{exact:.10f}".rstrip("0"),
        write(exact, "kk", 6),
        write(exact, "en", 6),
        write(exact, "en", 4),
    }
    fraction = Fraction(str(round(exact, 9))).limit_denominator(10_000)
    if fraction.denominator > 1:
        found.add(f"{fraction.numerator}/{fraction.denominator}")
    found |= {text.replace(".", ",") for text in found} | {text.replace("-", "−") for text in found}
    found.add(np.float64(exact).tobytes().hex())
    return found


def values(drawn):
    """The numbers of the key that cannot be givens by chance: three significant digits or more."""
    for variant in drawn:
        for value in grading.key(variant).values():
            for number in np.ravel(np.asarray(value, np.float64)):
                if (
                    len(f"{abs(number):.6f}".replace(".", "").strip("0")) >= 3
                    and not float(number).is_integer()
                ):
                    yield float(number)


@pytest.mark.parametrize("form", FORMS)
def test_no_key_in_any_notation(issued, form):
    searched = 0
    for _record, shown, drawn in issued:
        # numbers of the question itself are allowed
        said = unicodedata.normalize("NFKC", "\n".join(q["text"] for q in shown["questions"]))
        text = "\n".join(
            unicodedata.normalize("NFKC", layer.decode("utf-8", "replace"))
            for layer in layers(artefacts(shown, drawn)[form])
        )
        for value in set(values(drawn)):
            for notation in map(lambda t: unicodedata.normalize("NFKC", t), notations(value)):
                if len(notation.strip("-−0.,")) < 3 or notation in said:
                    continue
                whole = re.search(rf"(?<![0-9.,]){re.escape(notation)}(?![0-9])", text)
                assert whole is None, (
                    form,
                    value,
                    notation,
                    text[max(0, whole.start() - 60) : whole.end() + 20],
                )
                searched += 1
            for digest in (hashlib.sha256, hashlib.md5):
                assert digest(repr(value).encode()).hexdigest() not in text
    assert searched > 50


def test_the_search_would_find_a_key(issued):
    """The same search finds the numbers in every form of the teacher's key."""
    record, _shown, drawn = issued[0]
    shown = sheet.sheet("t", "en", [sheet.question(v, "en", n, key=True) for n, v in enumerate(drawn, 1)])
    for form in ("html", "markdown", "pdf"):
        content = PAPERS[form](shown)
        data = content if isinstance(content, bytes) else content.encode()
        packed = base64.b64encode(data) if form == "html" else data
        text = "\n".join(layer.decode("utf-8", "replace") for layer in layers(packed))
        for value in set(values(drawn)):
            assert any(notation in text for notation in notations(value)), (form, value, record["paper"])


@pytest.mark.parametrize("kind", sorted({a.kind for e in bank.exercises() for a in e.asks}))
def test_nothing_for_students_needs_the_program(course, monkeypatch, kind):
    """A file made without running the program cannot contain what the program computes."""
    exercise = next(e for e in bank.exercises() if any(a.kind == kind for a in e.asks))
    from quiz.variants.variant import generate

    variant = generate(exercise.id, 3)

    def forbidden(*_args, **_more):
        raise AssertionError("the program was run for a student's artefact")

    monkeypatch.setattr(program, "evaluate", forbidden)
    monkeypatch.setattr(grading, "run", forbidden)
    record = {"lang": "ru", "sitting": "1", "student": "s", "name": "n", "paper": "AAAA", "questions": [{}]}
    shown = papers.to_sheet(course, record, [variant], "T")
    assert len(artefacts(shown, [variant])) == len(FORMS)


def test_no_seed_and_no_secret_on_a_paper(course, issued):
    secret = (course.path / "secret").read_text().strip()
    for record, shown, drawn in issued:
        seeds = [form for v in drawn for form in (str(v.seed), f"{v.seed:x}", str(v.seed & (2**64 - 1)))]
        for form, data in artefacts(shown, drawn).items():
            for layer in layers(data):
                text = layer.decode("utf-8", "replace").lower()
                assert secret not in text, form
                assert not [seed for seed in seeds if seed in text], form
        assert not [seed for seed in seeds if seed in json.dumps(record)]


def test_seeds_are_of_128_bits_and_differ(course, issued):
    seeds = [v.seed for _r, _s, drawn in issued for v in drawn]
    assert len(set(seeds)) == len(seeds)
    assert all(seed.bit_length() > 96 for seed in seeds)
    other = folder.new(course.path.parent / "other" / "ann")
    assert other.seed("1", "s", 1) != course.seed("1", "s", 1)
