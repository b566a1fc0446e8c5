"""How every test runs: strict promotion, two CPU devices, warnings as errors (pyproject.toml)."""

import gc
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
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


#: These run the same few lines a million times; measuring their coverage would take half as long again.
NOT_MEASURED = ("tests/quiz/bank/", "tests/quiz/audit/", "quiz/audit/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out of the measurement of coverage what would be slow and cover little more."""
    for item in items:
        if item.nodeid.startswith(NOT_MEASURED):
            item.add_marker("no_cover")


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["QUIZ_DATA_DIR"], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line for each reason how many tests were skipped, and why."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="module", autouse=True)
def _forget_compiled_programs() -> Iterator[None]:
    """Give back the memory of a module's compiled programs: over the whole suite they would be gigabytes.

    The collection shows in which module a file or a connection was left to the collector (ResourceWarning).
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
    gc.collect()


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
