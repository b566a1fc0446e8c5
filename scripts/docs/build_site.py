"""Build the site, or write the tutorial as notebooks; ``scripts/site`` calls this.

scripts/site                    run every cell and build the site into site/
scripts/site --output FOLDER    build it there
scripts/site --no-run           do not run the cells: the text alone, in seconds
scripts/site --notebooks        write scripts/docs/notebooks anew from the pages of the tutorial
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

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parents[1]
NOTEBOOKS = DOCS / "notebooks"

#: how the cells run: as in the tests, on two CPU devices
SETTINGS = {
    "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    "JAX_PLATFORMS": "cpu",
    "MPLBACKEND": "Agg",
}

CONTENTS = """

```{toctree}
:hidden:
:caption: Learn
tutorial/index
```

```{toctree}
:hidden:
:caption: Do
howto/index
MORE
```

```{toctree}
:hidden:
:caption: Look up
reference/index
CHANGELOG
```
"""


def stage(folder: Path, execute: bool) -> None:
    """Copy what Sphinx reads into a folder: the pages with what their cells gave, the README as home."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(DOCS, folder, ignore=ignored, dirs_exist_ok=True)
    shutil.copy(DOCS / "conf.py", folder)
    for page in cells.pages():
        began = time.perf_counter()
        target = folder / page.relative_to(DOCS)
        target.write_text(cells.shown(page, target.parent, execute), encoding="utf-8")
        if execute:
            print(
                f"{page.relative_to(DOCS)}: {time.perf_counter() - began:.1f} s",
                flush=True,
            )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = readme.replace(
        "](scripts/docs/notebooks)", "](tutorial/index.md#notebooks)"
    )
    readme = readme.replace("](scripts/docs/", "](")
    more = "\n".join(
        name for name in ("migration", "benchmark") if (DOCS / f"{name}.md").exists()
    )
    (folder / "index.md").write_text(
        readme + CONTENTS.replace("MORE", more), encoding="utf-8"
    )
    for name in ("CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)


def build(output: Path, execute: bool = True) -> int:
    """Build the site; a warning is an error. The exit status."""
    output = output.resolve()
    if why := refusal(output):
        print(f"scripts/site: {why}", file=sys.stderr)
        return 1
    os.environ.update(
        {name: value for name, value in SETTINGS.items() if name not in os.environ}
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            stage(Path(folder), execute)
        except cells.Broken as broken:
            print(f"scripts/site: {broken}", file=sys.stderr)
            return 1
        status = render(Path(folder), output)
    if not status:
        print(f"{output}{os.sep}index.html")
    return status


def refusal(output: Path) -> str:
    """Why the site cannot take the place of what is there; "" where it can.

    Sphinx leaves ``.buildinfo`` in what it built. A checkout, as for GitHub Pages, holds more than that.
    """
    if not output.exists():
        return ""
    if not output.is_dir():
        return f"{output} is a file; give --output a folder"
    built = (output / ".buildinfo").is_file() and not (output / ".git").exists()
    if built or not any(output.iterdir()):
        return ""
    return f"{output} holds something else than a built site; give --output a new or an empty folder"


def render(source: Path, output: Path) -> int:
    """Let Sphinx build beside the output; only a whole site takes its place. Sphinx's exit status."""
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
    """A page of the tutorial as a Jupyter notebook, without outputs."""
    text, at = page.read_text(encoding="utf-8"), 0
    source = page.relative_to(ROOT).as_posix()
    intro = (
        f"*This notebook is made from `{source}`; it needs `pip install '.[plot,sklearn]'` in a checkout. "
        "The same text with its pictures is in the site that `scripts/site` builds.*"
    )
    parts = [("markdown", intro), ("code", "%matplotlib inline")]
    for cell in cells.cells(page):
        if cell.language != "python":
            continue
        start = text.rindex("```python", 0, cell.end)
        parts += [
            ("markdown", _links(text[at:start].strip())),
            ("code", cell.code.rstrip()),
        ]
        if written := cell.options.get("show"):
            picture = f'<img src="{written}" alt="{cell.options["alt"]}">'
            parts.append(("markdown", picture))
        at = cell.end
    parts.append(("markdown", _links(text[at:].strip())))
    made = []
    for kind, content in parts:
        if content:
            more = {"execution_count": None, "outputs": []} if kind == "code" else {}
            cell = {"cell_type": kind, "id": f"cell-{len(made)}", "metadata": {}} | more
            made.append(cell | {"source": content.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def _links(text: str) -> str:
    """Links that were right in the page, as seen from the folder of the notebooks."""
    text = re.sub(r"\]\((\d\d_\w+)\.md", r"](\1.ipynb", text)
    return re.sub(r"\]\((?!\w+:|#|\d\d_|\.\./)([\w./]+)", r"](../tutorial/\1", text)


def notebooks() -> dict[Path, str]:
    """The notebooks as they should be: file -> text."""
    made = {}
    for page in sorted((DOCS / "tutorial").glob("[0-9]*.md")):
        made[NOTEBOOKS / f"{page.stem}.ipynb"] = (
            json.dumps(notebook(page), ensure_ascii=False, indent=1) + "\n"
        )
    return made


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/site", description=(__doc__ or "").partition(";")[0] + "."
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "site", help="folder of the site (site/)"
    )
    parser.add_argument(
        "--no-run", action="store_true", help="do not run the cells of the pages"
    )
    parser.add_argument(
        "--notebooks",
        action="store_true",
        help="write the tutorial as notebooks instead",
    )
    asked = parser.parse_args(arguments)
    if asked.notebooks:
        NOTEBOOKS.mkdir(exist_ok=True)
        for path in NOTEBOOKS.glob("*.ipynb"):
            path.unlink()
        for path, text in notebooks().items():
            path.write_text(text, encoding="utf-8")
        return 0
    return build(asked.output, not asked.no_run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
