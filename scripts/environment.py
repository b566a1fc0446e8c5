"""Make the checkout's own environment, ``.venv``, or bring it up to date; ``environment.sh`` calls this.

    python3 environment.py run           what scripts/demo needs: locks/run.txt
    python3 environment.py test          what scripts/test needs: locks/test.txt, which contains run.txt
    python3 environment.py --check run   exit 0 if nothing is left to do; installs nothing
    python3 environment.py --made        exit 0 if there is an environment, made by this version of Python

``JAXNET_VENV`` names another folder than ``.venv``.

Standard library only. The stamp is written last: an environment without one was interrupted, and
is made afresh.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
VENV = Path(os.environ.get("JAXNET_VENV") or ROOT / ".venv").absolute()
STAMP = VENV / "stamp.json"
LOG = VENV / "pip.log"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
VERSION = "{}.{}".format(*sys.version_info)

# settings of the user's that would lead packages past .venv; where they come from stays the user's choice
PIP_SETTINGS_TO_DROP = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_CONSTRAINT",
    "PIP_REQUIREMENT",
    "PIP_NO_BINARY",
)


class Missing(Exception):
    """What stands in the way, as one sentence for the user."""


def fingerprint(kind: str) -> str:
    """One hash of everything that decides what gets installed."""
    parts = (SCRIPTS / "locks" / f"{kind}.txt", ROOT / "pyproject.toml", SCRIPTS / "hatch_build.py")
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def stamped() -> dict[str, str]:
    """What the last complete set-up wrote down; empty if it was for another place or another Python."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    home = (VENV / "pyvenv.cfg").read_text() if (VENV / "pyvenv.cfg").exists() else ""
    same = stamp.get("root") == str(ROOT) and f"version = {stamp.get('python')}." in home
    return stamp if same and stamp.get("python") == VERSION else {}


def stale_catalogs() -> bool:
    """Whether some translation is newer than its compiled form, as after a ``git pull``."""
    for source in ROOT.glob("quiz/text/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            return True
    return False


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold a lock, so that two scripts started together do not set up the same folder at once."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        with contextlib.suppress(ImportError, OSError):  # no such locks on Windows and some network drives
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def explain(log: str) -> str:
    """One sentence for the user from what pip wrote to its standard error.

    >>> explain("ERROR: No matching distribution found for jaxlib==0.10.2")[:47]
    'the index has no ready-made jaxlib==0.10.2 for '
    """
    if "DO NOT MATCH THE HASHES" in log:
        name = re.search(r"^\s+(\S+==\S+|\S+) from \S+", log, re.MULTILINE)
        what = name[1] if name else "a package"
        return (
            f"{what} as downloaded is not the file that was locked (its hash differs), so it was not"
            " installed; try again, or ask who runs your package index or proxy."
        )
    if "No space left on device" in log:
        return "the disk is full; about 1.5 GB are needed."
    network = (
        r"NewConnectionError|Connection(Error| refused| reset| to .* timed out| broken)|ReadTimeout"
        r"|ProxyError|[Nn]ame resolution|getaddrinfo|unreachable|SSLError|CERTIFICATE_VERIFY"
        r"|Max retries|Could not fetch"
    )
    if re.search(network, log):
        return (
            "the package index cannot be reached; the first run needs a network connection"
            " (behind a proxy or with an index of your own, set HTTPS_PROXY or PIP_INDEX_URL)."
        )
    if absent := re.search(r"No matching distribution found for (\S+)", log):
        return (
            f"the index has no ready-made {absent[1]} for Python {VERSION} on this system ({sys.platform});"
            " Python 3.11 to 3.14 on Linux, macOS or Windows will do."
        )
    reasons = re.findall(r"(?:ERROR|^\s*\w*Error): *(\S.*)", log, re.MULTILINE)
    return f"pip failed: {reasons[-1].rstrip('.') if reasons else 'no reason given'}; all it said is in {LOG}"


def pip(*arguments: str) -> None:
    """Run the environment's own pip; what goes wrong comes out as one sentence."""
    settings = {name: value for name, value in os.environ.items() if name not in PIP_SETTINGS_TO_DROP}
    settings |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [PYTHON, "-m", "pip", "install", "--retries", "3", *arguments]
    with open(LOG, "w+", encoding="utf-8", errors="replace") as log:
        output = None if sys.stdout.isatty() else log  # a terminal gets pip's progress bars
        nothing = subprocess.DEVNULL
        status = subprocess.call(command, cwd=ROOT, env=settings, stdin=nothing, stdout=output, stderr=log)
        log.seek(0)
        if status:
            raise Missing(explain(log.read()))


def make(kind: str) -> None:
    """Install the lock file ``kind`` and then the project itself, in place so that edits count at once."""
    stamp = stamped()
    lock = SCRIPTS / "locks" / f"{kind}.txt"
    count = len(re.findall(r"^[a-z].*==", lock.read_text(), re.MULTILINE))
    if stamp and PYTHON.exists():
        print(f"Bringing {VENV.name} up to date: {count} pinned packages.", flush=True)
        STAMP.unlink()
    else:
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"Making {VENV.name} with Python {version} ({sys.executable}): {count} pinned packages, once;")
        print("this takes a minute or two. PYTHON=python3.N chooses another Python.", flush=True)
        if VENV.is_dir() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
            raise Missing(f"{VENV} is no environment of Python; move it away, or name another JAXNET_VENV.")
        shutil.rmtree(VENV, ignore_errors=True)
        done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr or done.stdout).strip().splitlines()
            raise Missing(
                f"{sys.executable} cannot make an environment: {reason[-1] if reason else 'no reason given'}"
            )

    # wheels only: nothing is built, so nothing runs or is fetched that the hashes do not cover
    pip("--require-hashes", "--only-binary", ":all:", "--requirement", str(lock))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))

    stamp = {"root": str(ROOT), "python": VERSION, kind: fingerprint(kind), "run": fingerprint("run")}
    unfinished = STAMP.with_suffix(".new")
    unfinished.write_text(json.dumps(stamp, indent=2))
    os.replace(unfinished, STAMP)


def main(arguments: list[str]) -> int:
    """Do what the arguments say; 0 when the environment is ready."""
    if arguments == ["--made"]:
        return 0 if stamped() else 1
    *flags, kind = arguments
    ready = stamped().get(kind) == fingerprint(kind) and not stale_catalogs()
    if ready or flags == ["--check"]:
        return 0 if ready else 1
    try:
        with alone():
            if stamped().get(kind) != fingerprint(kind):  # unless another script did it in the meantime
                make(kind)
            if stale_catalogs():
                subprocess.check_call([PYTHON, SCRIPTS / "messages.py", "compile"])
    except Missing as missing:
        print(f"scripts: {missing}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("scripts: stopped; the next run starts the set-up again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
