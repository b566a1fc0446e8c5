"""Maintain the word lists that the spelling of the translations is tested against.

    python scripts/spelling.py             print the words of the translations that are not reviewed yet
    python scripts/spelling.py --update    rewrite the lists; print the new words, for review

``tests/quiz/words/LANGUAGE.txt`` has every word of the catalogs of that language, reviewed;
``terms-LANGUAGE.txt`` those that are missing in the hunspell dictionary (kk_KZ, ru_RU): terms of the field,
and regular forms, of which many are missing in Kazakh. After a change of the translations, run ``--update``,
review the words it prints (with hunspell only those that it does not know), and fix a wrong one in its
catalog, not in the list. Without hunspell, words that are no longer used are removed from the terms.

Words are in lower case, with their hyphens; a suffix after a symbol, a number or a Latin name keeps its
hyphen, as in ``-ды`` of "XOR-ды". Formulas between backticks and placeholders are left out.
"""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "quiz" / "words"
DICTIONARIES = {"kk": "kk_KZ", "ru": "ru_RU"}
ALPHABETS = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}

_TEXT = re.compile(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', re.MULTILINE)
_LEFT_OUT = re.compile(r"`[^`]*`|%\([^)]*\)[-+ #0]*[\d.]*[a-z]|\{[^{}]*\}")
_CYRILLIC = "[\u0400-\u052f]+"
_WORD = re.compile(rf"(?:(?<=[^\s(«—-])-)?{_CYRILLIC}(?:-{_CYRILLIC})*")


def texts(language: str) -> list[str]:
    """Return every translation of a language, without formulas and placeholders."""
    found = []
    for path in sorted((ROOT / "quiz" / "text" / language / "LC_MESSAGES").glob("*.po")):
        for lines in _TEXT.findall(path.read_text(encoding="utf-8")):
            text = "".join(ast.literal_eval(line) for line in lines.splitlines())
            found.append(_LEFT_OUT.sub("□", text))
    return found


def words(text: str) -> set[str]:
    """Return the Cyrillic words of a text, in lower case.

    >>> sorted(words("Бір нейрон XOR-ды қадам-қадаммен үйрене алмайды."))
    ['-ды', 'алмайды', 'бір', 'нейрон', 'қадам-қадаммен', 'үйрене']
    """
    return set(_WORD.findall(text.lower()))


def foreign(text: str, language: str) -> set[str]:
    """Return Cyrillic words with a letter that is not in the alphabet of the language.

    >>> foreign("cалмақ, шек", "kk"), foreign("қате", "ru")  # the first begins with a Latin letter
    ({'cалмақ'}, {'қате'})
    """
    found = re.findall(r"[^\W\d_]+", text.lower())
    return {word for word in found if re.search(_CYRILLIC, word) and set(word) - set(ALPHABETS[language])}


def used(language: str) -> set[str]:
    """Return every word of the translations of a language."""
    return set().union(*map(words, texts(language)))


def listed(name: str) -> set[str]:
    """Return the words of a list: "kk", "ru", "terms-kk" or "terms-ru"; none if it does not exist."""
    path = LISTS / f"{name}.txt"
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def hunspell(language: str, given: set[str]) -> set[str] | None:
    """Return the words that hunspell does not know; None if it or its dictionary is not installed."""
    if not (program := shutil.which("hunspell")):
        return None
    lines = "\n".join(sorted(word.lstrip("-") for word in given))
    done = subprocess.run(
        [program, "-d", DICTIONARIES[language], "-i", "utf-8", "-l"],
        input=lines, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        return None
    unknown = set(done.stdout.split())
    # of a compound, hunspell prints the part that it does not know
    return {word for word in given if unknown & {word.lstrip("-"), *word.split("-")}}


def update(language: str) -> list[str]:
    """Write both lists of a language; return the new words, for review."""
    now, before, terms = used(language), listed(language), listed(f"terms-{language}")
    unknown = hunspell(language, now)
    kept = terms & now if unknown is None else unknown
    LISTS.mkdir(parents=True, exist_ok=True)
    for name, entries in ((language, now), (f"terms-{language}", kept)):
        (LISTS / f"{name}.txt").write_text("".join(f"{word}\n" for word in sorted(entries)), encoding="utf-8")
    return sorted(now - before if unknown is None else unknown - terms)


def main(arguments: list[str]) -> int:
    """Run one of the two commands; return 1 if there are words to review, 2 for any other command."""
    if arguments not in ([], ["--update"]):
        print(__doc__, file=sys.stderr)
        return 2
    new = {
        language: update(language) if arguments else sorted(used(language) - listed(language))
        for language in DICTIONARIES
    }
    for language, found in new.items():
        print(f"{language}: {' '.join(found) or 'nothing to read'}")
    return 1 if any(new.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
