"""Lessons: the theory of each question and topic, with an example that the engine solves.

`lecture` and `ahead` hold the texts, `book` finds a lesson, `build` computes its numbers, `show` writes it to
a terminal, `page` as HTML.
"""
