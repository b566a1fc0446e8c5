"""Build the documentation, or convert the tutorial to notebooks; ``scripts/site`` runs this.

scripts/site                    run all cells and build the site in site/
scripts/site --output FOLDER    build it in another folder
scripts/site --no-run           build without running the cells, in seconds
scripts/site --notebooks        regenerate scripts/docs/notebooks from the tutorial
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cells

from quiz.lessons import page as lessons
from quiz.text import LANGUAGES

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parents[1]
NOTEBOOKS = DOCS / "notebooks"

#: environment of the cells: two CPU devices, as in the tests
SETTINGS = {
    "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    "JAX_PLATFORMS": "cpu",
    "MPLBACKEND": "Agg",
}

#: where the links of the READMEs in other languages lead on the site
MOVED = {
    "../../README.md": "index.md",
    "../../.github/CONTRIBUTING.md": "contributing.md",
    "../../CHANGELOG.md": "CHANGELOG.md",
    "../../LICENSE": "https://www.apache.org/licenses/LICENSE-2.0",
    "notebooks": "tutorial/index.md#notebooks",
}

CONTENTS = """

```{toctree}
:hidden:
:caption: Learn
tutorial/index
```

```{toctree}
:hidden:
:caption: Lessons
lessons/kk
lessons/ru
lessons/en
```

```{toctree}
:hidden:
:caption: Guides
installation
howto/index
practice
migration
results
benchmark
```

```{toctree}
:hidden:
:caption: Reference
reference/index
CHANGELOG
```

```{toctree}
:hidden:
:caption: Contribute
contributing
architecture
```

```{toctree}
:hidden:
:caption: Languages
README.kk
README.ru
```
"""


def stage(folder: Path, execute: bool) -> None:
    """Copy the sources for Sphinx into a folder: pages with outputs, and the home page with the contents."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(DOCS, folder, ignore=ignored, dirs_exist_ok=True)
    shutil.copy(DOCS / "conf.py", folder)
    for page in cells.pages():
        start = time.perf_counter()
        target = folder / page.relative_to(DOCS)
        target.write_text(cells.shown(page, target.parent, execute), encoding="utf-8")
        if execute:
            print(
                f"{page.relative_to(DOCS)}: {time.perf_counter() - start:.1f} s",
                flush=True,
            )
    (folder / "index.md").write_text(
        (DOCS / "index.md").read_text(encoding="utf-8") + CONTENTS, encoding="utf-8"
    )
    for readme in folder.glob("README.*.md"):
        text = readme.read_text(encoding="utf-8")
        for here, there in MOVED.items():
            text = text.replace(f"]({here})", f"]({there})")
        readme.write_text(text, encoding="utf-8")
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    guide = guide.replace("](../scripts/docs/", "](")
    (folder / "contributing.md").write_text(guide, encoding="utf-8")
    (folder / "lessons").mkdir()
    for lang in LANGUAGES:
        text = lessons.all_lessons(lang)
        (folder / "lessons" / f"{lang}.md").write_text(text, encoding="utf-8")
    for name in ("CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)


def build(output: Path, execute: bool = True) -> int:
    """Build the site, treating warnings as errors; return the exit status."""
    output = output.resolve()
    if problem := output_problem(output):
        print(f"scripts/site: {problem}", file=sys.stderr)
        return 1
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    with tempfile.TemporaryDirectory() as folder:
        try:
            stage(Path(folder), execute)
        except cells.CellError as error:
            print(f"scripts/site: {error}", file=sys.stderr)
            return 1
        status = render(Path(folder), output)
    if not status:
        print(f"{output}{os.sep}index.html")
    return status


def output_problem(output: Path) -> str:
    """Why the output folder must not be overwritten; "" if it may be.

    A folder with ``.buildinfo`` was built by Sphinx; with ``.git`` it is a checkout, as for GitHub Pages.
    """
    if not output.exists():
        return ""
    if not output.is_dir():
        return f"{output} is a file; --output needs a folder"
    built = (output / ".buildinfo").is_file() and not (output / ".git").exists()
    if built or not any(output.iterdir()):
        return ""
    return f"{output} contains something other than a built site; --output needs a new or empty folder"


def render(source: Path, output: Path) -> int:
    """Run Sphinx in a temporary folder, replace the output only on success, and return the exit status."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=output.parent) as folder:
        new, old = Path(folder) / "new", Path(folder) / "old"
        status = subprocess.call(
            [*command, "-q", "-E", "-d", f"{folder}/doctrees", str(source), str(new)],
            env={**os.environ, "PYTHONPATH": path},
        )
        if not status:
            if output.exists():
                output.rename(old)
            new.rename(output)
    return status


def notebook(page: Path) -> dict[str, Any]:
    """Convert a page of the tutorial to a Jupyter notebook without outputs."""
    text, position = page.read_text(encoding="utf-8"), 0
    source = page.relative_to(ROOT).as_posix()
    intro = (
        f"*Generated from `{source}`. This notebook needs `pip install '.[plot,sklearn]'` in a checkout. "
        "`scripts/site` builds the same text with outputs and pictures.*"
    )
    parts = [("markdown", intro), ("code", "%matplotlib inline")]
    for cell in cells.cells(page):
        if cell.language != "python":
            continue
        start = text.rindex("```python", 0, cell.end)
        parts += [
            ("markdown", _links(text[position:start].strip())),
            ("code", cell.code.rstrip()),
        ]
        if file := cell.options.get("show"):
            picture = f'<img src="{file}" alt="{cell.options["alt"]}">'
            parts.append(("markdown", picture))
        position = cell.end
    parts.append(("markdown", _links(text[position:].strip())))
    converted = []
    for kind, content in parts:
        if content:
            extra = {"execution_count": None, "outputs": []} if kind == "code" else {}
            cell = {
                "cell_type": kind,
                "id": f"cell-{len(converted)}",
                "metadata": {},
            } | extra
            converted.append(cell | {"source": content.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {
        "cells": converted,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _links(text: str) -> str:
    """Rewrite the relative links of a page for the folder of the notebooks."""
    text = re.sub(r"\]\((\d\d_\w+)\.md", r"](\1.ipynb", text)
    return re.sub(r"\]\((?!\w+:|#|\d\d_|\.\./)([\w./]+)", r"](../tutorial/\1", text)


def notebooks() -> dict[Path, str]:
    """The expected notebooks: file -> text."""
    return {
        NOTEBOOKS / f"{page.stem}.ipynb": json.dumps(
            notebook(page), ensure_ascii=False, indent=1
        )
        + "\n"
        for page in sorted((DOCS / "tutorial").glob("[0-9]*.md"))
    }


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/site", description=(__doc__ or "").partition(";")[0] + "."
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "site",
        help="output folder (default: site/)",
    )
    parser.add_argument(
        "--no-run", action="store_true", help="build without running the cells"
    )
    parser.add_argument(
        "--notebooks",
        action="store_true",
        help="regenerate the notebooks instead",
    )
    args = parser.parse_args(arguments)
    if args.notebooks:
        NOTEBOOKS.mkdir(exist_ok=True)
        for path in NOTEBOOKS.glob("*.ipynb"):
            path.unlink()
        for path, text in notebooks().items():
            path.write_text(text, encoding="utf-8")
        return 0
    return build(args.output, not args.no_run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
