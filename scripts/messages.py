"""Keep the translations in ``quiz/text/LANGUAGE/LC_MESSAGES/DOMAIN.po``; English is the text in the source.

    scripts/messages extract    bring every .po up to date with the source
    scripts/messages compile    make the .mo files that are read at run time (git-ignored)
    scripts/messages check      exit 1 naming what is missing or fuzzy, differs in placeholders or letters,
                                or is badly worded (wording.py, with the terms in wording.toml)

There is one domain per part of the quiz, so that two people rarely edit the same file. The .po files have no
line numbers or dates and follow the order of the source, so that a change in one place changes one place.
"""

import ast
import io
import re
import sys
import textwrap
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    import wording

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("kk", "ru")

# the first matching pattern gives the domain; "*" matches "/" too; "{digit}" is the number of the question
DOMAINS = (
    ("quiz/bank/ahead/*.py", "ahead"),
    ("quiz/bank/q[0-9]/*.py", "q{digit}"),
    ("quiz/export/*.py", "teacher"),
    ("quiz/course*", "teacher"),
    ("quiz/cli/teacher.py", "teacher"),
    ("quiz/cli/course.py", "teacher"),
    ("quiz/cli/courses.py", "teacher"),
    ("quiz/cli/marking.py", "teacher"),
    ("quiz/cli/exporting.py", "teacher"),
    ("quiz/render/sheet.py", "teacher"),
    ("quiz/lessons/*.py", "lessons"),
    ("quiz/web/labs/*.py", "labs"),
    ("quiz/web/*.py", "web"),
    ("quiz/cli/web.py", "web"),
    ("quiz/*.py", "quiz"),
    ("scripts/story.py", "quiz"),
)

# functions that mark a message: which arguments are texts, and which one is a context ("c")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_n": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "plural": (1, 2),
}

WIDTH = 110
LATIN_TWINS = set("aceopxyiABCEHKMOPTXY")  # Latin letters that look like Cyrillic ones

Key = tuple[str | tuple[str, ...], str | None]


def domain_of(path: str) -> str | None:
    """Return the domain of a source file, a path from the root of the checkout; None if it has no messages.

    >>> domain_of("quiz/bank/q2/rule.py"), domain_of("quiz/render/terminal.py"), domain_of("jaxnet/cli.py")
    ('q2', 'quiz', None)
    """
    for pattern, domain in DOMAINS:
        if path.endswith(".py") and fnmatch(path, pattern):
            return domain.format(digit=path.removeprefix("quiz/bank/q")[:1])
    return None


def key_of(message: Message) -> Key:
    """Return the key that identifies a message."""
    return (message.id if isinstance(message.id, str) else tuple(message.id), message.context)


def texts_of(message: Message) -> list[str]:
    """Return the English of a message: one text, or singular and plural."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def forms_of(message: Message) -> list[str]:
    """Return the translation of a message: one text, or one per plural form of the language."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def translated(message: Message) -> bool:
    """Return whether every form of the message has a translation."""
    forms = forms_of(message)
    return bool(forms) and all(forms)


def brief(message: Message) -> str:
    """Return the beginning of a message."""
    return repr(textwrap.shorten(texts_of(message)[0], 60, placeholder="…"))


def sources(root: Path) -> list[Path]:
    """Return the files with messages."""
    return [path for path in sorted([*root.glob("quiz/**/*.py"), root / "scripts/story.py"]) if path.exists()]


def messages_in_source(root: Path) -> dict[str, list[Message]]:
    """Return the messages of the source by domain, in the order of files and lines, without duplicates."""
    found: dict[str, dict[Key, Message]] = {}
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        domain = domain_of(name)
        if domain is None:
            continue
        for line, text, comments, context in extract_from_file(
            "python", path, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            message = Message(text, locations=[(name, line)], auto_comments=comments, context=context)
            if message.python_format:
                message.flags.add("python-format")
            first = found.setdefault(domain, {}).setdefault(key_of(message), message)
            if name not in [place for place, _ in first.locations]:
                first.locations.append((name, line))
    return {domain: list(messages.values()) for domain, messages in sorted(found.items())}


def catalog_path(root: Path, language: str, domain: str) -> Path:
    """Return the path of a .po file."""
    return root / "quiz" / "text" / language / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path, language: str) -> Catalog:
    """Read a catalog; it is empty if there is no file."""
    if not path.exists():
        return Catalog(locale=language)
    with open(path, "rb") as file:
        return read_po(file, locale=language)


def extract(root: Path) -> None:
    """Rewrite every .po from the source; translations are kept, even if a message moved to another domain."""
    source = messages_in_source(root)
    for language in LANGUAGES:
        old = {
            path.stem: read(path, language)
            for path in sorted(catalog_path(root, language, "x").parent.glob("*.po"))
        }
        anywhere = {key_of(m): m for catalog in old.values() for m in catalog if m.id and translated(m)}
        for domain in sorted({*old, *source}):
            path = catalog_path(root, language, domain)
            here = {key_of(m): m for m in old.get(domain, ()) if m.id}
            catalog = Catalog(locale=language, project="jaxnet-quiz", version="", charset="utf-8")
            for message in source.get(domain, []):
                known = here.get(key_of(message))
                known = known if known and translated(known) else anywhere.get(key_of(message), known)
                entry = message.clone()
                if known:
                    entry.string = known.string
                    entry.user_comments = known.user_comments
                    entry.flags |= known.flags & {"fuzzy"}
                catalog[entry.id] = entry
            if len(catalog):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(as_bytes(catalog))
            else:
                path.unlink(missing_ok=True)
            missing = sum(not translated(m) for m in catalog if m.id)
            print(f"{language}/{domain}: {len(catalog)} messages, {missing} untranslated")


def as_bytes(catalog: Catalog) -> bytes:
    """Write a .po file without the parts of its header that change every time."""
    file = io.BytesIO()
    write_po(file, catalog, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    text = file.getvalue().decode("utf-8")
    kept = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
    head = [f'"{name}: {value}\\n"' for name, value in catalog.mime_headers if name in kept]
    return "\n".join(['msgid ""', 'msgstr ""', *head, "", text.split("\n\n", 1)[1]]).encode("utf-8")


def compile_catalogs(root: Path) -> None:
    """Write a .mo beside every .po, and remove any .mo whose .po is gone."""
    folder = root / "quiz" / "text"
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        file = io.BytesIO()
        write_mo(file, read(path, path.parts[-3]))
        # atomic, as another process may be reading
        unfinished = path.with_suffix(".mo.new")
        unfinished.write_bytes(file.getvalue())
        unfinished.replace(path.with_suffix(".mo"))
    for path in folder.glob("*/LC_MESSAGES/*.mo"):
        if not path.with_suffix(".po").exists():
            path.unlink()


def placeholders(text: str) -> list[str]:
    """The placeholders of a text; ``{name!r}`` may become ``«{name}»``.

    >>> placeholders("%(name)s is 50%% of {total!r}")
    ['%(name)s', '{total}']
    """
    text = re.sub(r"![rsa]\}", "}", text.replace("%%", ""))
    return sorted(re.findall(r"%\([^)]*\)[-+ #0]*[\d.]*[a-z]|\{[^{}]*\}", text))


def words(text: str) -> list[str]:
    """Return the words of a text: letters only, without placeholders and markup."""
    bare = re.sub(r"%\([^)]*\)[-+ #0]*[\d.]*[a-z]|\{[^{}]*\}|\[/?[a-z #]+\]", " ", text)
    return re.findall(r"[^\W\d_]+", bare)


def odd_words(text: str, english: str = "") -> list[str]:
    """Return words that mix Latin with Cyrillic letters, and Latin ones that may be meant as Cyrillic.

    A Latin word of look-alikes only ("a", "cop") is correct only if the English text has it too, as a symbol.

    >>> odd_words("сaлмақ w және x", "weight w and x")
    ['сaлмақ']
    """
    odd = []
    for word in words(text):
        latin = {letter for letter in word if letter.isascii()}
        cyrillic = {letter for letter in word if "\u0400" <= letter <= "\u052f"}
        twins = english and not cyrillic and latin <= LATIN_TWINS and word not in words(english)
        if (latin and cyrillic) or (twins and latin):
            odd.append(word)
    return odd


def faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with the translation of one message."""
    texts = texts_of(message)
    if message.fuzzy:
        yield "fuzzy: check it and remove the mark"
    allowed = {tuple(placeholders(text)) for text in texts}
    for form in forms_of(message):
        if tuple(placeholders(form)) not in allowed:
            yield f"placeholders {placeholders(form)}, expected {placeholders(texts[-1])}"
        for word in odd_words(form, " ".join(texts)):
            yield f"letters of another alphabet in {word!r}"


def marks(code: str) -> Iterator[tuple[int, str | None, str]]:
    """Yield every call in a source file that marks a message: the line, the message, what is wrong with it.

    Babel reads tokens, and the inside of an f-string's braces consists of tokens only since Python 3.12, so a
    message there is not extracted on every version. The syntax tree is the same on all.

    >>> [fault for _, _, fault in marks("_('a'); f'{_(1)}'")]
    ['', 'the message must be a text in quotes, on its own']
    >>> [fault for _, _, fault in marks("f'<b>{_(\\"a\\")}</b>'")]
    ['marked inside an f-string; give it a name before']
    """
    tree = ast.parse(code)
    inside = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS):
            continue
        argument = node.args[1 if "pgettext" in node.func.id else 0]  # after the context
        text = argument.value if isinstance(argument, ast.Constant) else None
        if not isinstance(text, str):
            yield node.lineno, None, "the message must be a text in quotes, on its own"
        elif id(node) in inside:
            yield node.lineno, text, "marked inside an f-string; give it a name before"
        else:
            yield node.lineno, text, ""


def badly_marked(root: Path) -> Iterator[str]:
    """Yield marked messages that are not extracted on every version of Python, one line each."""
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        code = path.read_text(encoding="utf-8")
        found = extract_from_file("python", path, keywords=KEYWORDS)
        extracted = {part for _, text, *_ in found for part in ([text] if isinstance(text, str) else text)}
        for line, text, fault in marks(code):
            if not fault and text not in extracted:
                fault = "not extracted"
            if fault:
                yield f"{name}:{line}: {text or ''!r:.60}: {fault}"


def check(root: Path) -> list[str]:
    """Return what is wrong with the translations, one line each."""
    lines = [*badly_marked(root)]
    source = messages_in_source(root)
    for message in (message for messages in source.values() for message in messages):
        odd = [word for text in texts_of(message) for word in odd_words(text)]
        lines += [f"{message.locations[0][0]}: {brief(message)}: mixed letters in {word!r}" for word in odd]
    for language in LANGUAGES:
        there = {path.stem for path in catalog_path(root, language, "x").parent.glob("*.po")}
        for domain in sorted({*source, *there}):
            where = catalog_path(root, language, domain).relative_to(root).as_posix()
            catalog = read(catalog_path(root, language, domain), language)
            have = {key_of(message): message for message in catalog if message.id}
            want = {key_of(message) for message in source.get(domain, [])}
            if new := len(want - have.keys()):
                lines.append(f"{where}: {new} not there yet; run scripts/messages extract")
            if gone := len(have.keys() - want):
                lines.append(f"{where}: {gone} no longer in the source; run scripts/messages extract")
            known = [message for key, message in have.items() if key in want]
            if missing := [message for message in known if not translated(message)]:
                lines.append(f"{where}: {len(missing)} not translated, the first is {brief(missing[0])}")
            for message in filter(translated, known):
                lines += [f"{where}: {brief(message)}: {fault}" for fault in faults(message)]
    import wording  # not in the sdist, where catalogs are only compiled

    return lines + wording.check(wording_entries(root), root)


def wording_entries(root: Path) -> "list[wording.Entry]":
    """Return every text in every language, with what the source uses it for."""
    import wording  # as above

    roles, found = wording.roles(root), []
    for domain, messages in messages_in_source(root).items():
        for message in messages:
            name = f"{domain}: {brief(message)}"
            found += [wording.Entry(name, "en", t, t, roles.get(t, frozenset())) for t in texts_of(message)]
    for language in LANGUAGES:
        for path in sorted(catalog_path(root, language, "x").parent.glob("*.po")):
            for message in filter(lambda m: m.id and translated(m), read(path, language)):
                english, name = texts_of(message)[0], f"{language}/{path.stem}: {brief(message)}"
                role = roles.get(english, frozenset())
                found += [wording.Entry(name, language, t, english, role) for t in forms_of(message)]
    return found + wording.jaxnet_entries(root)


def main(arguments: list[str]) -> int:
    """Run one of the three commands; return 2 for any other."""
    if arguments == ["extract"]:
        extract(ROOT)
    elif arguments == ["compile"]:
        compile_catalogs(ROOT)
    elif arguments == ["check"]:
        lines = check(ROOT)
        print("\n".join(lines) if lines else "translations: complete")
        return 1 if lines else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
