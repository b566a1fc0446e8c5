"""Build hook: compile the translations, for an editable install as for a wheel (see pyproject.toml)."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogs(BuildHookInterface):
    """Turn every ``.po`` below ``quiz/text`` into the ``.mo`` that gettext reads."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run before the files are collected; ``artifacts`` in pyproject.toml lets the .mo in."""
        runpy.run_path(str(Path(self.root) / "scripts" / "messages.py"))["compile_catalogs"](Path(self.root))
