"""Configuration of Sphinx; ``build_site.py`` runs Sphinx on a staged copy of the pages."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

import jaxnet

project = "jaxnet and quiz"
author = "The jaxnet and quiz authors"
copyright = author
release = version = jaxnet.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # the README skips heading levels

html_theme = "furo"
html_title = "jaxnet and quiz"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
html_math_renderer = "mathml"

default_role = "literal"
add_module_names = True
python_maximum_signature_line_length = 90
autodoc_default_options = {"member-order": "bysource"}
autodoc_typehints = "none"  # the docstrings describe types and shapes
autodoc_preserve_defaults = True
napoleon_attr_annotations = False
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False


def _mathml(self: Any, node: nodes.math | nodes.math_block, as_block: bool) -> None:
    """Write a formula as MathML, which browsers render offline and without scripts."""
    try:
        self.body.append(tex2mathml(node.astext(), as_block=as_block))
    except MathError as error:
        logging.getLogger(__name__).warning("formula: %s", error, location=node)
    raise nodes.SkipNode


def _escape(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Escape the markup in ``|z|`` and ``(*sizes)``, and keep napoleon from reading types in Returns."""
    returns = False
    for number, line in enumerate(lines):
        if returns and line.strip():
            # otherwise napoleon takes the text before the first colon as a type
            line = re.sub(r"^( *)", r"\1: ", line)
        returns = line.strip() in ("Returns:", "Yields:") or (
            returns and not line.strip()
        )
        if not re.match(r"\s*(>>>|\.\.\.|\*+\w+(, \*+\w+)*:)", line):
            parts = re.split(r"(`+[^`]+`+)", line)
            parts[::2] = [re.sub(r"([*|])", r"\\\1", part) for part in parts[::2]]
            line = "".join(parts)
        lines[number] = line


def _skip(
    app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any
) -> bool | None:
    """Skip fields of named tuples, which the class documents, and members inherited from scikit-learn."""
    inherited = (getattr(thing, "__module__", None) or "").startswith("sklearn.")
    return True if inherited or type(thing).__name__ == "_tuplegetter" else None


def _hide_value(
    app: Sphinx, domain: str, kind: str, content: addnodes.desc_content
) -> None:
    """Hide the values of constants: the text of a table of functions is unreadable."""
    if kind == "data" and content.parent is not None:
        for node in list(content.parent.findall(addnodes.desc_annotation)):
            if "=" in node.astext() and node.parent is not None:
                node.parent.remove(node)


def setup(app: Sphinx) -> None:
    """Register the math renderer and the hooks; ``_escape`` has to run before napoleon."""
    app.connect("autodoc-skip-member", _skip)
    app.connect("object-description-transform", _hide_value)
    app.connect("autodoc-process-docstring", _escape, priority=400)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(lambda self, node: _mathml(self, node, False), None),
        block_renderers=(lambda self, node: _mathml(self, node, True), None),
    )
