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


def main(packages: list[str]) -> int:
    """Print the score of each package and each name of unknown type; 1 if there is one."""
    complete = True
    for package in packages:
        found = report(package)
        unknown = [
            symbol for symbol in found["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]
        ]
        for symbol in unknown:
            reasons = "; ".join(part["message"].splitlines()[0] for part in symbol["diagnostics"][:1])
            print(f"{symbol['name']}: {reasons or 'its type is not known'}")
        known = sum(symbol["isExported"] for symbol in found["symbols"]) - len(unknown)
        print(f"{package}: {known} public names of known type, {len(unknown)} of unknown type")
        complete = complete and not unknown and known > 0
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
