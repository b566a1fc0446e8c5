"""List the licences of everything that this project needs, and fail where one does not go with its own.

    python scripts/licences.py

The packages are those that the dependencies and the extras in pyproject.toml ask for, and what these ask for
in turn, as far as they are installed. An unknown licence is a fault too: look at the package, and add what
you find.
"""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
#: Licences that a program under Apache-2.0 may depend on, as SPDX names them. Those of the last line ask that
#: changes of the package itself are published, which concerns nobody who only imports it.
COMPATIBLE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0",
    "MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
    "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0",
}  # fmt: skip
#: How packages say it who do not use SPDX, by a part of the text in lower case; the first that fits.
OTHER_NAMES = {
    "apache": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "isc": "ISC",
    "unlicense": "Unlicense",
    "zlib": "Zlib",
    "mit": "MIT",
}
#: Packages whose own words are misleading: of docutils only an Emacs mode, not installed, is under the GPL.
LOOKED_AT = {"docutils": {"BSD-2-Clause"}}


def needed(project: dict, extras: bool = True) -> dict[str, metadata.Distribution]:
    """The installed distributions that a project needs, directly or not, with all its extras or without."""
    groups = project["optional-dependencies"].values() if extras else ()
    asked = [
        *project["dependencies"],
        *(requirement for group in groups for requirement in group),
    ]
    found: dict[str, metadata.Distribution] = {}
    waiting = [(Requirement(text), "") for text in asked]
    seen = set()
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            if (name, wanted) in seen or name == canonicalize_name(project["name"]):
                continue
            seen.add((name, wanted))
            try:
                found[name] = metadata.distribution(name)
            except metadata.PackageNotFoundError:
                continue
            waiting += [(Requirement(text), wanted) for text in found[name].requires or ()]
    return dict(sorted(found.items()))


def licences(distribution: metadata.Distribution) -> set[str]:
    """The licences that a distribution names, by SPDX where they can be told; a choice counts as its best."""
    about = distribution.metadata
    if known := LOOKED_AT.get(canonicalize_name(about["Name"])):
        return known
    for expression in about.get_all("License-Expression") or ():
        choices = [set(re.split(r" AND | WITH ", part.strip("() "))) for part in expression.split(" OR ")]
        return min(choices, key=lambda choice: len(choice - COMPATIBLE))
    classified = [
        c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")
    ]
    said = classified or [(about.get_all("License") or [_first_line(distribution)])[0].splitlines()[0]]
    return {spdx(text) for text in said if text != "OSI Approved"} or {"unknown"}


def _first_line(distribution: metadata.Distribution) -> str:
    """What the licence that comes with a distribution begins with."""
    for path in distribution.files or ():
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            return path.read_text(encoding="utf-8").strip() or "unknown"
    return "unknown"


def spdx(text: str) -> str:
    """The SPDX name of a licence; a text that is none of the known ones stays as it is.

    Example:
        >>> spdx("BSD License"), spdx("MIT License"), spdx("MPL-2.0"), spdx("All rights reserved")
        ('BSD-3-Clause', 'MIT', 'MPL-2.0', 'All rights reserved')
    """
    if text in COMPATIBLE:
        return text
    return next((name for part, name in OTHER_NAMES.items() if re.search(rf"\b{part}\b", text.lower())), text)


def incompatible(found: dict[str, metadata.Distribution]) -> dict[str, set[str]]:
    """The packages with a licence that is unknown or does not go with Apache-2.0."""
    return {name: left for name, one in found.items() if (left := licences(one) - COMPATIBLE)}


def main() -> int:
    """List the licences; 1 if one of them is a fault."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = needed(project)
    for name, one in found.items():
        print(f"{name:32} {one.version:14} {', '.join(sorted(licences(one)))}")
    faults = incompatible(found)
    for name, left in faults.items():
        print(
            f"licences: {name}: {', '.join(sorted(left))} is not known to go with Apache-2.0", file=sys.stderr
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
