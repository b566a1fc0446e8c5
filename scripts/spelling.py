"""Maintain the word lists for the spelling test of the translations.

    python scripts/spelling.py             print the words that have not been reviewed
    python scripts/spelling.py --update    update the lists and print the words to review

``tests/quiz/words/LANGUAGE.txt`` contains all reviewed words of the catalogs in that language.
``terms-LANGUAGE.txt`` contains those that are missing in the hunspell dictionary (kk_KZ, ru_RU): technical
terms, and inflected forms, of which the Kazakh dictionary lacks many. After changing translations, run
``--update`` and review each word it prints. With hunspell, these are only the words it does not know. Correct
mistakes in the catalog, not in the list. Without hunspell, ``--update`` removes unused terms but adds none.

Words are in lower case and keep their hyphens. A suffix of a symbol, a number or a Latin name keeps its
hyphen: ``-ды`` in "XOR-ды". Formulas between backticks and placeholders are excluded.
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
_EXCLUDED = re.compile(r"`[^`]*`|%\([^)]*\)[-+ #0]*[\d.]*[a-z]|\{[^{}]*\}")
_CYRILLIC = "[\u0400-\u052f]+"
_WORD = re.compile(rf"(?:(?<=[^\s(«—-])-)?{_CYRILLIC}(?:-{_CYRILLIC})*")


def texts(language: str) -> list[str]:
    """All translations in a language, without formulas and placeholders."""
    found = []
    for path in sorted((ROOT / "quiz" / "text" / language / "LC_MESSAGES").glob("*.po")):
        for lines in _TEXT.findall(path.read_text(encoding="utf-8")):
            text = "".join(ast.literal_eval(line) for line in lines.splitlines())
            found.append(_EXCLUDED.sub("□", text))
    return found


def words(text: str) -> set[str]:
    """The Cyrillic words in a text, in lower case.

    >>> sorted(words("Бір нейрон XOR-ды қадам-қадаммен үйрене алмайды."))
    ['-ды', 'алмайды', 'бір', 'нейрон', 'қадам-қадаммен', 'үйрене']
    """
    return set(_WORD.findall(text.lower()))


def foreign(text: str, language: str) -> set[str]:
    """Words with Cyrillic letters that also contain a letter from outside the language's alphabet.

    >>> foreign("cалмақ, шек", "kk"), foreign("қате", "ru")  # the first starts with a Latin letter
    ({'cалмақ'}, {'қате'})
    """
    found = re.findall(r"[^\W\d_]+", text.lower())
    return {word for word in found if re.search(_CYRILLIC, word) and set(word) - set(ALPHABETS[language])}


def used(language: str) -> set[str]:
    """All words in the translations of a language."""
    return set().union(*map(words, texts(language)))


def listed(name: str) -> set[str]:
    """The words in the list "kk", "ru", "terms-kk" or "terms-ru"; empty if there is no such list."""
    path = LISTS / f"{name}.txt"
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def hunspell(language: str, given: set[str]) -> set[str] | None:
    """The words that hunspell does not know; None if it or its dictionary is not installed."""
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
    # hunspell reports only the unknown part of a compound
    return {word for word in given if unknown & {word.lstrip("-"), *word.split("-")}}


def update(language: str) -> list[str]:
    """Update both lists of a language; return the words to review."""
    now, before, terms = used(language), listed(language), listed(f"terms-{language}")
    unknown = hunspell(language, now)
    kept = terms & now if unknown is None else unknown
    LISTS.mkdir(parents=True, exist_ok=True)
    for name, entries in ((language, now), (f"terms-{language}", kept)):
        (LISTS / f"{name}.txt").write_text("".join(f"{word}\n" for word in sorted(entries)), encoding="utf-8")
    return sorted(now - before if unknown is None else unknown - terms)


def main(arguments: list[str]) -> int:
    """Run the command; return 1 if there are words to review, 2 if the arguments are invalid."""
    if arguments not in ([], ["--update"]):
        print(__doc__, file=sys.stderr)
        return 2
    new = {
        language: update(language) if arguments else sorted(used(language) - listed(language))
        for language in DICTIONARIES
    }
    for language, found in new.items():
        print(f"{language}: {' '.join(found) or 'no words to review'}")
    return 1 if any(new.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
