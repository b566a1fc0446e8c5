"""Check that type checkers know the type of every public name of a package.

    python scripts/public_types.py jaxnet quiz

basedpyright's ``--verifytypes`` looks at a package as it is installed, not at a checkout, so it gets a copy.
Unknown types of other packages are ignored.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: of scikit-learn's base classes, which have no types
FOREIGN = ("Type of metaclass unknown", "Type of base class")
#: the server, which nobody imports; ``--verifytypes`` does not know the types of Starlette that it is made of
SERVER = "quiz.web."


def report(package: str) -> dict:
    """What ``--verifytypes`` says of a package, as data."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / package, Path(folder, package), ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "basedpyright", "--verifytypes", package, "--ignoreexternal"]
        done = subprocess.run(
            [*command, "--outputjson", "--pythonpath", sys.executable],
            env={**os.environ, "PYTHONPATH": folder},
            cwd=tempfile.gettempdir(),
            capture_output=True,
            text=True,
        )
    return json.loads(done.stdout)["typeCompleteness"]


def own_reasons(symbol: dict) -> list[str]:
    """Why a type is unknown; a base class from a package without types is no reason."""
    messages = [part["message"].splitlines()[0] for part in symbol["diagnostics"]]
    return [message for message in messages if not message.startswith(FOREIGN)]


def main(packages: list[str]) -> int:
    """Print how many public names each package has, and each of unknown type; 1 if there is one."""
    complete = True
    for package in packages:
        symbols = [s for s in report(package)["symbols"] if not s["name"].startswith(SERVER)]
        exported = [symbol for symbol in symbols if symbol["isExported"]]
        unknown = [symbol for symbol in exported if not symbol["isTypeKnown"] and own_reasons(symbol)]
        for symbol in unknown:
            print(f"{symbol['name']}: {own_reasons(symbol)[0]}")
        print(f"{package}: {len(exported)} public names, {len(unknown)} of unknown type")
        complete = complete and not unknown and bool(exported)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
