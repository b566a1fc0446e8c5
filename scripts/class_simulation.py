"""Simulate a class that hands in carelessly and maliciously, and compare every mark with what is expected.

    python scripts/class_simulation.py                           500 students, 60 of them difficult, 20 orders
    python scripts/class_simulation.py --students 80 --orders 3

Every order hands the same files over in another way: in parts, again, renamed, in folders and archives, mixed
with papers of another sitting. The marks must be the same in all of them.
"""

import argparse
import io
import json
import os
import random
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quiz.course import folder, papers, sitting
from quiz.course.blueprint import Blueprint, Slot
from quiz.course.decisions import decide
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.export.formats import PAPERS
from quiz.marking.grading import key
from quiz.render.sheet import answer

#: When the first student hands in; each file has its own time, since the latest submission counts.
START = 1_790_000_000
EXERCISES = ("q2.update", "q1.neuron")


@dataclass(frozen=True)
class File:
    """A file that is handed over: its suffix, content, and the seconds after the start."""

    suffix: str
    content: bytes
    when: int


@dataclass(frozen=True)
class Work:
    """What a student hands in, and the mark expected, ``None`` for no mark."""

    student: str
    paper: str
    way: str
    files: tuple[File, ...]
    score: float | None


@dataclass(frozen=True)
class Paper:
    """A student's paper, with all the right answers."""

    record: dict[str, Any]
    sheet: dict[str, Any]
    right: dict[str, dict[str, str]]
    weights: dict[tuple[str, str], float]

    def body(self, answers: dict[str, Any] | None = None, **other: Any) -> bytes:
        """A submission in JSON."""
        made = {"paper": self.record["paper"], "mac": self.sheet["mac"], "answers": answers or {}}
        return json.dumps(made | other, ensure_ascii=False).encode()

    def notebook(self, change: Callable[[str], str] = str) -> bytes:
        """The paper as a notebook, filled in; the cells of answers are changed."""
        made = json.loads(PAPERS["notebook"](self.sheet))
        for cell in made["cells"]:
            text = "".join(cell["source"])
            for place, given in self.right.items():
                if text.startswith(f"answers[{place}]"):
                    for name, value in given.items():
                        text = text.replace(f"\n{name} = \n", f"\n{name} = {value}\n")
                    text = change(text)
            cell["source"] = text
        return json.dumps(made, ensure_ascii=False).encode()

    def without(self, *left_out: tuple[str, str]) -> tuple[dict[str, dict[str, str]], float]:
        """The right answers without some, and the mark for them."""
        given = {
            p: {n: v for n, v in named.items() if (p, n) not in left_out} for p, named in self.right.items()
        }
        return given, 1 - sum(self.weights[each] for each in left_out)


Way = Callable[[Paper, random.Random, int], tuple[list[File], float | None]]


def honest(paper: Paper, chance: random.Random, when: int) -> tuple[list[File], float | None]:
    """Hand in once, in any form, with some answers left out."""
    left_out = [each for each in paper.weights if chance.random() < 0.1]
    given, score = paper.without(*left_out)
    return [File(".json", paper.body(given), when)], score


def _notebook(change: Callable[[str], str]) -> Way:
    return lambda paper, _chance, when: ([File(".ipynb", paper.notebook(change), when)], 1.0)


def _json(make: Callable[[Paper], bytes], score: float | None = 1.0) -> Way:
    return lambda paper, _chance, when: ([File(".json", make(paper), when)], score)


def _table(head: Callable[[str, str], str], more: str = "") -> Way:
    """One line of a table."""

    def way(paper: Paper, _chance: random.Random, when: int) -> tuple[list[File], float | None]:
        asked = [name for named in paper.right.values() for name in named]
        cells = {
            head(place, name) if asked.count(name) == 1 else f"{place}.{name}": value
            for place, named in paper.right.items()
            for name, value in named.items()
        }
        names = ["paper", "mac", *cells, *([more] if more else [])]
        row = [paper.record["paper"], paper.sheet["mac"], *cells.values(), *(["Ann"] if more else [])]
        return [File(".csv", (";".join(names) + "\n" + ";".join(row) + "\n").encode(), when)], 1.0

    return way


def _again(*later: Callable[[Paper], bytes], score: float | None = 1.0) -> Way:
    """Hand in everything, then other files, an hour after each other."""

    def way(paper: Paper, _chance: random.Random, when: int) -> tuple[list[File], float | None]:
        made = [paper.body(paper.right), *(make(paper) for make in later)]
        return [File(".json", content, when + 3600 * n) for n, content in enumerate(made)], score

    return way


def _half(paper: Paper, _chance: random.Random, when: int) -> tuple[list[File], float | None]:
    """Hand in a part, then a better paper, out of order in every folder."""
    given, _score = paper.without(*list(paper.weights)[:3])
    return [File(".json", paper.body(paper.right), when + 60), File(".json", paper.body(given), when)], 1.0


def _worse(paper: Paper, _chance: random.Random, when: int) -> tuple[list[File], float | None]:
    """Hand in everything, then less: the latest counts."""
    given, score = paper.without(*list(paper.weights)[:2])
    return [File(".json", paper.body(paper.right), when), File(".json", paper.body(given), when + 60)], score


def _page(paper: Paper, _chance: random.Random, when: int) -> tuple[list[File], float | None]:
    """Save the page with what is in its fields."""
    text = PAPERS["html"](paper.sheet)
    text = text.decode() if isinstance(text, bytes) else text
    for place, named in paper.right.items():
        for name, value in named.items():
            old = f'data-question="{place}" data-ask="{name}"'
            text = text.replace(old, f'{old} value="{value}"')
    return [File(".html", text.encode(), when)], 1.0


def _look_alikes(paper: Paper) -> bytes:
    table = str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")
    return paper.body(paper.right, paper=paper.record["paper"].lower().upper().translate(table))


def _mistyped(paper: Paper) -> bytes:
    code = paper.sheet["mac"]
    return paper.body(paper.right, mac=("B" if code[0] == "A" else "A") + code[1:])


def _broken(paper: Paper) -> bytes:
    return paper.body(paper.right)[:-3]


def _repeated_key(paper: Paper) -> bytes:
    return paper.body(paper.right)[:-1] + b', "x": 1' * 20_000 + b"}"


#: What careless and malicious students do.
WAYS: dict[str, Way] = {
    "a comment in a cell": _notebook(lambda text: text.replace('"""\n', '"""\n# my working\n', 1)),
    "a line that is no answer": _notebook(lambda text: text.replace('"""\n', '"""\nno idea\n', 1)),
    "the closing quotes on the last line": _notebook(lambda text: text.replace('\n"""', '"""')),
    "other quotes": _notebook(lambda text: text.replace('"""', "'''")),
    "no closing quotes": _notebook(lambda text: text.rstrip('"').rstrip()),
    "a magic line": _notebook(lambda text: "%matplotlib inline\n" + text),
    "spaces and a key in quotes": _notebook(lambda text: text.replace("answers[1] = ", 'answers[ "1" ]=')),
    "carriage returns": _notebook(lambda text: text.replace("\n", "\r\n")),
    "headers without numbers": _table(lambda _place, name: name),
    "a column with the name": _table(lambda place, name: f"{place}.{name}", "Name"),
    "headers of another form": _table(lambda place, name: f"Q{place}: {name}"),
    "nothing after everything": _again(lambda paper: paper.body({})),
    "spaces after everything": _again(lambda paper: paper.body({"1": dict.fromkeys(paper.right["1"], "  ")})),
    "the same twice": _again(lambda paper: paper.body(paper.right)),
    "the same in another order": _again(
        lambda paper: paper.body(
            dict(reversed([(p, dict(reversed(g.items()))) for p, g in paper.right.items()]))
        )
    ),
    "broken, then whole": _again(_broken),
    "a bomb beside it": _again(lambda paper: b"[" * 100_000),
    "a better paper later": _half,
    "a worse paper later": _worse,
    "the page itself": _page,
    "something that is not asked": _json(lambda paper: paper.body({**paper.right, "9": {"z": "1"}})),
    "an answer that is none": _json(lambda paper: paper.body({**paper.right, "8": {"z": {"a": 1}}})),
    "the whole paper": _json(lambda paper: json.dumps(paper.sheet | {"answers": paper.right}).encode()),
    "Cyrillic letters in the code": _json(_look_alikes),
    "nothing at all": _json(lambda paper: paper.body({}), 0.0),
    "a wrong letter in the check code": _json(_mistyped, None),
    "somebody else's check code": _json(
        lambda paper: paper.body(paper.right, mac="ABCD-ABCD-ABCD-ABCD-ABCD"), None
    ),
    "a paper that does not exist": _json(lambda paper: paper.body(paper.right, paper="ZZZZ-ZZZZ-ZZZZ"), None),
    "a changed paper": _json(
        lambda paper: json.dumps(paper.sheet | {"title": "1 + 1", "answers": paper.right}).encode(), None
    ),
    "a key twice": _json(_repeated_key, None),
}


def issue(
    path: Path, count: int, sittings: tuple[str, ...] = ("1", "last week")
) -> tuple[Course, list[Paper]]:
    """Make a course with papers in two sittings; return it with the papers of the first."""
    course = folder.new(path)
    plan = Blueprint("", tuple(Slot((name,)) for name in EXERCISES))
    students = [Student(f"s{n:04d}", f"Student {n}", ("kk", "ru", "en")[n % 3]) for n in range(count)]
    made = []
    with Ledger(course.database) as ledger:
        for own in sittings:
            ledger.set_blueprint(own, plan.to_json())
            some = students if own == "1" else students[:8]
            made += [_paper(course, *each) for each in papers.issue(course, ledger, plan, own, some)]
    return course, made


def _paper(course: Course, record: dict[str, Any], sheet: dict[str, Any]) -> Paper:
    right, weights = {}, {}
    drawn = papers.variants(course, record)
    for place, variant in enumerate(drawn, 1):
        values = key(variant)
        right[str(place)] = {ask.name: answer(ask, values[ask.name], record["lang"]) for ask in variant.asks}
        total = sum(ask.weight for ask in variant.asks) * len(drawn)
        weights |= {(str(place), ask.name): ask.weight / total for ask in variant.asks}
    return Paper(record, sheet, right, weights)


def hand_in(made: list[Paper], careless: int, chance: random.Random) -> tuple[list[Work], list[File]]:
    """Let every student hand in; return their work, and files of which nothing may come."""
    mine = [paper for paper in made if paper.record["sitting"] == "1"]
    others = [paper for paper in made if paper.record["sitting"] != "1"]
    difficult = set(chance.sample(range(len(mine)), careless))
    ways = list(WAYS) * (careless // len(WAYS) + 1)
    found = []
    for number, paper in enumerate(mine):
        way = ways.pop(0) if number in difficult else "honest"
        files, score = WAYS.get(way, honest)(paper, chance, START + 100 * number)
        found.append(Work(paper.record["student"], paper.record["paper"], way, tuple(files), score))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lines.jsonl", b"{\n" * 300_000)
    victims = [one for one, work in zip(mine, found, strict=True) if work.way == "honest"][:5]
    noise = [File(".json", paper.body({}), START + 10**6) for paper in victims]  # sent by a classmate
    noise += [File(".json", paper.body(paper.right), START) for paper in others]
    return found, [*noise, File(".zip", bomb.getvalue(), START), File(".txt", b"hello", START)]


def hand_over(files: list[File], top: Path, chance: random.Random) -> Iterator[Path]:
    """Yield folders that together hold all files, some of them several times, under any names."""
    count = chance.randint(1, 4)
    parts = [files[n::count] for n in range(count)]
    parts = [part + chance.sample(files, len(files) // 5) for part in parts]
    for number, part in enumerate(parts):
        here = top / f"part{number}"
        here.mkdir()
        chance.shuffle(part)
        packed = part[: len(part) // 4]
        with zipfile.ZipFile(here / "some.zip", "w") as archive:
            for place, file in enumerate(packed[::2]):
                about = zipfile.ZipInfo(
                    f"x/{place}-{chance.getrandbits(20)}{file.suffix}", _zip_time(file.when)
                )
                archive.writestr(about, file.content)
        with tarfile.open(here / "more.tar.gz", "w:gz") as archive:
            for place, file in enumerate(packed[1::2]):
                about = tarfile.TarInfo(f"y/{place}-{chance.getrandbits(20)}{file.suffix}")
                about.size, about.mtime = len(file.content), file.when
                archive.addfile(about, io.BytesIO(file.content))
        for place, file in enumerate(part[len(part) // 4 :]):
            path = here / chance.choice(["", "a", "b/c"]) / f"{chance.getrandbits(30)}-{place}{file.suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
            os.utime(path, (file.when, file.when))
        yield here


def _zip_time(when: int) -> tuple[int, int, int, int, int, int]:
    return time.localtime(when)[:6]


def marks(course: Course, folders: Iterator[Path], jobs: int | None = 1) -> dict[str, float]:
    """Hand folders over one after another; return student to mark."""
    with Ledger(course.database) as ledger:
        with ledger.db:
            decide(ledger, "1", {("keep", ""): "latest"}, ledger.event("1", "decision"))
        for path in folders:
            for problem in sitting.mark(course, ledger, path, sitting="1", jobs=jobs):
                sitting.describe(problem, "en")
        return {record["student"]: mark.score for record, mark in ledger.marks("1") if mark}


def differences(work: list[Work], found: dict[str, float]) -> list[str]:
    """Return what differs from what is expected."""
    expected = {one.student: one.score for one in work if one.score is not None}
    ways = {one.student: one.way for one in work}
    return [
        f"{student} ({ways[student]}): expected {expected.get(student)}, got {found.get(student)}"
        for student in sorted({*expected, *found})
        if student not in expected or student not in found or abs(expected[student] - found[student]) > 1e-9
    ]


def simulate(top: Path, students: int, careless: int, orders: int, seed: int) -> Iterator[list[str]]:
    """Yield, for each order, what differs from what is expected."""
    chance = random.Random(seed)
    course, made = issue(top / "course", students)
    work, noise = hand_in(made, careless, chance)
    files = [file for one in work for file in one.files] + noise
    for number in range(orders):
        here = top / f"order{number}"
        shutil.copytree(course.path, here / "course")
        chance.shuffle(files)
        own = folder.open_course(here / "course")
        yield differences(work, marks(own, hand_over(files, here, chance)))
        shutil.rmtree(here)


def main() -> int:
    """Run the simulation; return 1 if a mark differs."""
    parser = argparse.ArgumentParser(description="Simulate a class that hands in carelessly and maliciously.")
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--careless", type=int, default=60)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as top:
        found = simulate(Path(top), options.students, options.careless, options.orders, options.seed)
        for number, faults in enumerate(found, 1):
            wrong += len(faults)
            print(
                f"order {number}: {len(faults)} marks differ ({time.monotonic() - begun:.0f} s)", flush=True
            )
            for fault in faults[:20]:
                print("   ", fault)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
