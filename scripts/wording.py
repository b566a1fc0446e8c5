"""Find what a program can find of bad wording in messages: `scripts/messages check` prints it.

The words are data, in ``wording.toml`` beside this file. A finding has the name of its pattern, so that the
patterns can be counted: ``python scripts/wording.py`` prints the counts.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

NAMES = {"kk": "Kazakh", "ru": "Russian", "en": "English"}
HOLE = r"%\(\w+\)[-+ #0]*[\d.]*[a-z]"
FORMULA = re.compile(r"`[^`]*`")

# where the decimal sign is a comma, one between numbers of two formulas cannot be told from it
COMMA = rf"`(?:[^`]*{HOLE}[^`]*|[^`]*\d)`, (?:(?:при|және|и|сонда|тогда) )?`[^`]*[=≈←]"


class Entry(NamedTuple):
    """One text in one language.

    Attributes:
        where: the file and the beginning of the English text.
        lang: ``kk``, ``ru`` or ``en``.
        text: the text.
        english: the English text.
        roles: what an exercise uses it for: ``label`` of an answer, ``step`` of the solution, ``text``.
    """

    where: str
    lang: str
    text: str
    english: str
    roles: frozenset[str] = frozenset()


@cache
def words() -> dict[str, Any]:
    """Return the tables of ``wording.toml``."""
    return tomllib.loads((Path(__file__).parent / "wording.toml").read_text(encoding="utf-8"))


def prose(text: str) -> str:
    """Return a text without its formulas and placeholders."""
    return re.sub(r" +", " ", re.sub(HOLE + r"|\{[^{}]*\}", " ", FORMULA.sub("", text)))


def roles(root: Path) -> dict[str, frozenset[str]]:
    """Return what the messages of the exercises are used for, by their English."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.glob("quiz/bank/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            parts = {
                "Ask": {"label": [named.get("label")]},
                "Step": {"step": [*node.args[2:3], named.get("text")]},
                "Exercise": {"text": [named.get("text")]},
            }.get(node.func.id, {})
            for role, values in parts.items():
                for text in (text for value in values if value is not None for text in _texts(value)):
                    found.setdefault(text, set()).add(role)
    return {text: frozenset(names) for text, names in found.items()}


def jaxnet_entries(root: Path) -> list[Entry]:
    """Return the texts of the command ``jaxnet`` and of the plots: tables of Kazakh, Russian and English."""
    found = []
    for name in ("jaxnet/cli/messages.py", "jaxnet/plot/style.py"):
        path = root / name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ():
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                for key, value in zip(node.value.keys, node.value.values, strict=True):
                    assert key is not None
                    texts = dict(zip(("kk", "ru", "en"), ast.literal_eval(value), strict=True))
                    place = f"{name}: {ast.literal_eval(key)!r}"
                    found += [Entry(place, lang, text, texts["en"]) for lang, text in texts.items()]
    return found


def findings(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the name of each pattern found in an entry, with the words found.

    Example:
        >>> list(findings(Entry("", "ru", "вход `x = %(x)s` с целью 1", "")))
        [('forbidden synonym', 'с целью')]
        >>> list(findings(Entry("", "kk", "`w = %(w)s`, `b = %(b)s`", "")))
        [('comma between formulas', '`w = %(w)s`, `b =')]
    """
    for name, pattern, where in _patterns(entry):
        if match := re.search(pattern, where):
            yield name, match[0].strip()[:40]
    yield from _latin(entry)
    if entry.lang == "kk" and "text" in entry.roles:
        yield from (("term not introduced", word) for word in introductions(entry.text))


def _patterns(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each pattern, the pattern, and the text in which it is searched."""
    text, plain, lang = entry.text, prose(entry.text), entry.lang
    for term in words()["terms"]:
        if pattern := term.get("instead", {}).get(lang):
            yield "forbidden synonym", pattern, plain
    for pattern in words()["calques"][lang]:
        yield "calque", pattern, plain
    yield "variable of the program", words()["internal"][lang], plain
    yield (
        "two brackets in a row",
        r"\)\s*\(",
        re.sub(r"\(\d[;,] \d\)", "", re.sub(HOLE, "0", FORMULA.sub("", text))),
    )
    if "label" in entry.roles:
        yield "label with instructions", _INSTRUCTIONS[lang], plain
        yield "label without number", _NUMBERLESS[lang], plain
    if "step" in entry.roles:
        yield "lower-case step", rf"^(?!(tanh|softmax|e)\b)[a-z{_SMALL}]", text
    if lang != "en":
        yield "comma between formulas", COMMA, text
        yield "comma in a pair", r"`[^`]*\([^()`а-яё]*\d?, [^()`]*\)", text
        # a command or a piece of code has its own quotation marks
        yield (
            "quotation marks",
            r'\{\w+!r\}|[“”„]|(?<![\w\[(«])"(?=[^\W\d])|(?<!\w)\'(?=[^\W\d_])',
            re.sub(r"`[^`{]*`", "", text),
        )
    if lang == "ru":
        yield (
            "number before a noun",
            rf"(?<!× ){HOLE}`? {words()['counted']['ru']}",
            re.sub(r"`[^`]*× ", "", text),
        )
    if lang == "kk":
        yield (
            "index without hyphen",
            r"`[ijk]` (жасырын|шығыс(?! вентил)|нейрон(?!ы бар)|кіріс(?! вентил)|жол|баған|класс)",
            text,
        )
        if "label" in entry.roles:
            yield "symbol after its noun", _AFTER_NOUN, text


_INSTRUCTIONS = {
    "en": r"\((choose|one|two|three|four)\b",
    "kk": r"\((барлығын|екі|үш|төрт)\b",
    "ru": r"\((выберите|два|три|четыре)\b",
}
_NUMBERLESS = {
    "en": r"^(parameters|multiplications|updates|mistakes|labellings|epochs|examples|right|best epoch)\b",
    "kk": r"(параметрлері|көбейтулері?|көбейтулер|жаңартулары|қателері|эпоха)$",
    "ru": r"^(параметры|умножения|всего|разметок|разделимых|верных|обновлений|ошибок)\b",
}
_SMALL = "а-яёәіңғүұқөһ"
# not after an adjective ("жаңа", "кейінгі"), a participle or a postposition
_AFTER_NOUN = (
    r"(?<!жаңа)(?<!үшін)(?<!кіші)(?<![гғ]ен)(?<![гғ]ан)(?<![мбп]ен)(?<!гі)(?<!ғы)(?<!бар)(?<!болса)"
    r"(?<=[а-яёәіңғүұқөһ]) `[^`]+`$"
)


def _latin(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield Latin words in Kazakh and Russian that are no names; a word in brackets introduces a term."""
    if entry.lang == "en":
        return
    known = {word.casefold() for word in words()["latin"]["words"].split()}
    plain = re.sub(r"\([^()]*\)|--?[a-z][\w-]*|[\w.]*\.\w+|\S*[/$=@\[\]]\S*", " ", prose(entry.text))
    for word in re.findall(r"(?<![\w-])[A-Za-z]{3,}\b", plain):
        if word.casefold() not in known:
            yield "English left over", word


def introductions(text: str) -> Iterator[str]:
    """Yield the unsettled Kazakh words that a text uses without giving the other word in brackets.

    Example:
        >>> list(introductions("Кескін үйірткіден өтеді.")), list(introductions("үйірткі (свёртка)"))
        (['үйірткі'], [])
    """
    for word, other in words()["introduced"].items():
        first = re.search(rf"{word}[^()]{{0,40}}", text, re.IGNORECASE)
        if first and not re.match(rf"\([^()]*({other})", text[first.end() :]):
            yield word


def unexplained(root: Path) -> Iterator[str]:
    """Yield the answers whose label is a bare symbol that the text of the exercise does not introduce."""
    for path in sorted(root.glob("quiz/bank/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Exercise"
            ):
                continue
            parts = {keyword.arg: keyword.value for keyword in node.keywords}
            known = set(_symbols(" ".join([*_texts(parts["text"]), *_texts(parts["title"])])))
            for ask in ast.walk(parts["asks"]):
                if isinstance(ask, ast.Call) and isinstance(ask.func, ast.Name) and ask.func.id == "Ask":
                    label = " ".join(t for k in ask.keywords if k.arg == "label" for t in _texts(k.value))
                    if not re.search(r"[^\W\d_]{2}", prose(label)) and (new := set(_symbols(label)) - known):
                        yield f"{_texts(parts['id'])[0]}: {label!r}: symbol not introduced: {sorted(new)}"


def _texts(node: ast.AST) -> list[str]:
    """Return the texts in a piece of source."""
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _symbols(text: str) -> list[str]:
    """Return the single letters in the formulas of a text."""
    formulas = " ".join(FORMULA.findall(re.sub(HOLE, " ", text)))
    return re.findall(r"(?<![^\W\d_])[A-Za-zα-ωŷ](?![A-Za-z])", formulas)


def check(entries: list[Entry], root: Path) -> list[str]:
    """Return one line per finding."""
    found = [f"{entry.where}: {name}: {words!r}" for entry in entries for name, words in findings(entry)]
    return [*found, *unexplained(root)]


def counts(entries: list[Entry], root: Path) -> Counter[tuple[str, str]]:
    """Return how often each pattern occurs, by language."""
    found = Counter((name, entry.lang) for entry in entries for name, _ in findings(entry))
    found["symbol not introduced", "en"] = len(list(unexplained(root)))
    return found


def main(root: Path) -> None:
    """Print how often each pattern occurs."""
    from messages import wording_entries

    for (name, lang), number in sorted(counts(wording_entries(root), root).items()):
        print(f"{NAMES[lang]:8} {number:4}  {name}")


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1])
