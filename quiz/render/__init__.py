"""Exercises as terminal text, HTML, Markdown, Typst and SVG, for screens, pages and papers."""
