"""How Sphinx makes the site; ``build_site.py`` calls it on a staged copy of the pages."""

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
suppress_warnings = [
    "myst.header"
]  # the README goes from its title to examples as it likes

html_theme = "furo"
html_title = "jaxnet and quiz"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
html_math_renderer = "mathml"

default_role = "literal"
add_module_names = True
python_maximum_signature_line_length = 90
autodoc_default_options = {"member-order": "bysource"}
autodoc_typehints = "none"  # the docstrings say what goes in, with its shape
autodoc_preserve_defaults = True
napoleon_attr_annotations = False
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False


def _mathml(self: Any, node: nodes.math | nodes.math_block, as_block: bool) -> None:
    """Write a formula as MathML: every browser draws it, without scripts or a network."""
    try:
        self.body.append(tex2mathml(node.astext(), as_block=as_block))
    except MathError as error:
        logging.getLogger(__name__).warning("formula: %s", error, location=node)
    raise nodes.SkipNode


def _as_text(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Take stars and bars as what they are, ``|z|`` and ``(*sizes)``, and all that is returned as text."""
    returns = False
    for place, line in enumerate(lines):
        if returns and line.strip():
            # otherwise napoleon takes what stands before the first colon for a type
            line = re.sub(r"^( *)", r"\1: ", line)
        returns = line.strip() in ("Returns:", "Yields:") or (
            returns and not line.strip()
        )
        if not re.match(r"\s*(>>>|\.\.\.|\*+\w+(, \*+\w+)*:)", line):
            parts = re.split(r"(`+[^`]+`+)", line)
            parts[::2] = [re.sub(r"([*|])", r"\\\1", part) for part in parts[::2]]
            line = "".join(parts)
        lines[place] = line


def _skip(
    app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out named tuples' fields, which the class explains, and what scikit-learn puts into a class."""
    foreign = (getattr(thing, "__module__", None) or "").startswith("sklearn.")
    return True if foreign or type(thing).__name__ == "_tuplegetter" else None


def _no_value(
    app: Sphinx, domain: str, kind: str, content: addnodes.desc_content
) -> None:
    """Leave out the values of constants: tables of functions cannot be read as text."""
    if kind == "data" and content.parent is not None:
        for node in list(content.parent.findall(addnodes.desc_annotation)):
            if "=" in node.astext() and node.parent is not None:
                node.parent.remove(node)


def setup(app: Sphinx) -> None:
    """Add the formulas, and the reading of docstrings before napoleon's."""
    app.connect("autodoc-skip-member", _skip)
    app.connect("object-description-transform", _no_value)
    app.connect("autodoc-process-docstring", _as_text, priority=400)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(lambda self, node: _mathml(self, node, False), None),
        block_renderers=(lambda self, node: _mathml(self, node, True), None),
    )
