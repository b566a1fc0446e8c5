"""Variants: an exercise with numbers drawn from a seed, its statement in words and its worked solution.

The table of draws records which draw of a seed is sound, so that a question is shown without loading JAX.
"""
