"""Exports: questions in the formats of learning systems, one module for each format."""
