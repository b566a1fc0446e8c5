"""How every test runs: strict promotion, two CPU devices, warnings as errors (pyproject.toml)."""

import contextlib
import gc
import mmap
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("MPLBACKEND", "Agg")
# a private home for what the quiz stores, for this run alone
os.environ["QUIZ_DATA_DIR"] = tempfile.mkdtemp(prefix="quiz-test-")

import pytest
from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    """Stay on the CPU, even where there is a GPU, unless the tests that need one were asked for."""
    if "not gpu" in config.option.markexpr:
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
    if threading.current_thread() is threading.main_thread():
        # what a shell starts in the background ignores Ctrl-C, and so would all that the tests start
        signal.signal(signal.SIGINT, signal.default_int_handler)


#: These run lines that others cover, many times over; measured, they would take up to half as long again.
NOT_MEASURED = (
    "tests/quiz/bank/",
    "tests/quiz/audit/",
    "quiz/audit/",
    "tests/quiz/course/test_kills.py",
    "tests/quiz/exercise/test_soundness.py",
    "tests/quiz/test_no_key.py",
    "tests/jaxnet/test_table.py",
    "tests/test_bench.py",
    "tests/test_examples.py",
    "tests/test_migration.py",
    "tests/test_site.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out of the measurement of coverage what would be slow and cover little more."""
    for item in items:
        if item.nodeid.startswith(NOT_MEASURED):
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave the commands that such a test starts out of the measurement too."""
    with pytest.MonkeyPatch.context() as environment:
        if item.get_closest_marker("no_cover"):
            environment.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        return (yield)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["QUIZ_DATA_DIR"], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line for each reason how many tests were skipped, and why."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")


#: The bytes that a worker may hold before it forgets its compiled programs.
ENOUGH = 1.5e9


@pytest.fixture(scope="module", autouse=True)
def _forget_compiled_programs() -> Iterator[None]:
    """Give back the memory of the modules' compiled programs, which over the whole suite would be gigabytes.

    While there is enough, they are kept: many modules share small programs, and each takes 20 ms to compile.

    The collection shows in which module a file or a connection was left to the collector (ResourceWarning).
    """
    yield
    if "jax" in sys.modules and _resident() > ENOUGH:
        sys.modules["jax"].clear_caches()
    gc.collect()


def _resident() -> float:
    """The memory of this process in bytes; without ``/proc`` as if it were full."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    return float("inf")


def pytest_collection_finish() -> None:
    """Spare each collection of garbage the million objects of the modules and tests themselves."""
    gc.collect()
    gc.freeze()


def find_shared() -> Path | None:
    """The folder ``shared`` beside the checkout, if there is one: material that users do not have."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``shared``; tests that ask for it are left out where it is missing."""
    folder = find_shared()
    if folder is None:
        pytest.skip("no folder shared/ beside the checkout")
    return folder
