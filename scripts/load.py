"""Measure `quiz serve` with a class that answers at once; never part of the tests.

    .venv/bin/python scripts/load.py        300 students, an answer every 10 s, for 5 minutes
    .venv/bin/python scripts/load.py --students 50 --minutes 1
    .venv/bin/python scripts/load.py --database postgresql://localhost/quiz --servers 2 --kill

Each student opens a paper, all of them in the first minute, then keeps one answer after another. Printed
are the times of the responses, errors, answers that the server has confirmed but lost, and the memory of the
servers. With ``--kill`` one of the servers is killed in the middle; its students go on with the other one.
"""

import argparse
import asyncio
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from quiz.course import folder, papers
from quiz.course.blueprint import standard
from quiz.course.folder import Course
from quiz.course.ledger import Ledger
from quiz.course.roster import Student
from quiz.web import fields
from quiz.web.desk import Desk
from quiz.web.storage import Storage


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as place:
        course = _course(Path(place) / "class", options.students)
        url = options.database or f"sqlite:///{course.path / 'serve.sqlite3'}"
        store = Storage(url)
        desk = Desk(course.path, store)
        servers = [_serve(course, url) for _number in range(options.servers)]
        try:
            return asyncio.run(_measure(options, desk, servers))
        finally:
            for process, _address in servers:
                process.terminate()
                process.wait()
            store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--opening", type=float, default=60, help="seconds in which all papers are opened")
    parser.add_argument("--every", type=float, default=10, help="seconds between two answers of a student")
    parser.add_argument("--database", default="")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="kill one server in the middle")
    return parser.parse_args()


def _course(path: Path, students: int) -> Course:
    course = folder.new(path, "Load", "en")
    plan = standard()
    roster = [Student(f"s{n:04d}", f"Student {n}", ("kk", "ru", "en")[n % 3]) for n in range(students)]
    with Ledger(course.database) as ledger:
        ledger.set_blueprint("1", plan.to_json())
        count = sum(1 for _made in papers.issue(course, ledger, plan, "1", roster))
    print(f"{count} papers")
    return course


def _serve(course: Course, url: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "quiz.cli", "serve", "--course", str(course.path), "--database", url]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http://\S+?/(?=;)", process.stderr.readline())
    assert found, "the server did not start"
    return process, found[0]


class _Class:
    """What is measured: times, errors, and the value of each field that the server has confirmed."""

    def __init__(self) -> None:
        self.opened: list[float] = []
        self.times: list[float] = []
        self.errors: list[str] = []
        self.kept: dict[tuple[str, str], str] = {}


async def _measure(options: argparse.Namespace, desk: Desk, servers: list) -> int:
    with desk.ledger() as ledger:
        records = list(ledger.records("1"))
    names = {
        record["paper"]: [
            name
            for question in desk.sheet(record)["questions"]
            for ask in question["asks"]
            if ask["kind"] in ("number", "vector", "matrix")
            for name in fields.names(ask, question["number"])
        ]
        for record in records
    }
    found = _Class()
    until = time.monotonic() + 60 * options.minutes + options.opening
    addresses = [address for _process, address in servers]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=30, follow_redirects=True, limits=limits) as client:
        tasks = [
            _student(client, addresses, number, desk, record, names[record["paper"]], options, until, found)
            for number, record in enumerate(records)
        ]
        if options.kill:
            tasks.append(_kill(servers[0][0], until - 30 * options.minutes))
        await asyncio.gather(*tasks)
    memory = [_memory(process.pid) for process, _address in servers if process.poll() is None]
    lost = 0
    for record in records:
        drafts = desk.drafts(record["paper"])
        lost += sum(drafts.get(f) != v for (paper, f), v in found.kept.items() if paper == record["paper"])
    opened, times = sorted(found.opened), sorted(found.times)
    print(f"papers opened: median {1000 * median(opened):.0f} ms, longest {1000 * opened[-1]:.0f} ms")
    print(f"{len(times)} answers kept, {len(found.errors)} errors {sorted(set(found.errors))}, {lost} lost")
    print(
        f"median {1000 * median(times):.0f} ms, p95 {1000 * times[int(0.95 * len(times))]:.0f} ms, "
        f"longest {1000 * times[-1]:.0f} ms; memory of the servers {memory} MiB; "
        f"the class itself took {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s of processor time"
    )
    return int(bool(lost))


async def _student(
    client: httpx.AsyncClient, addresses: list[str], number: int, desk: Desk, record: dict, names: list[str],
    options: argparse.Namespace, until: float, found: _Class,
) -> None:  # fmt: skip
    chance = random.Random(number)
    begins = until - 60 * options.minutes + chance.uniform(0, options.every)
    await asyncio.sleep(chance.uniform(0, 0.8 * options.opening))
    place = number % len(addresses)
    own = httpx.AsyncClient(timeout=30, follow_redirects=True)
    own._transport = client._transport  # one pool of connections, a jar of cookies each
    token = ""
    while time.monotonic() < until:
        address = addresses[place]
        began = time.monotonic()
        field, value = chance.choice(names), f"{chance.uniform(-9, 9):.3f}"
        try:
            if not token:
                await own.get(f"{address}s/{desk.token(record['student'], 0)}")
                page = await own.get(f"{address}course/{record['paper']}")
                token = page.text.partition('name="token" value="')[2][:40]
                found.opened.append(time.monotonic() - began)
                await asyncio.sleep(max(0.0, begins - time.monotonic()))
                began = time.monotonic()
            answer = await own.post(
                f"{address}course/{record['paper']}/keep",
                data={"token": token, field: value, f"was:{field}": "?"},
            )
            if answer.status_code == 200:
                found.kept[record["paper"], field] = value
                found.times.append(time.monotonic() - began)
            else:
                found.errors.append(str(answer.status_code))
        except httpx.TransportError as error:
            found.errors.append(type(error).__name__)
            place = (place + 1) % len(addresses)  # as a proxy would
            continue
        await asyncio.sleep(max(0.0, options.every - (time.monotonic() - began)))


async def _kill(process: subprocess.Popen[str], when: float) -> None:
    await asyncio.sleep(max(0.0, when - time.monotonic()))
    process.kill()


def _memory(process: int) -> int:
    """Return the memory of a process in MiB, where the system tells it."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    sys.exit(main())
