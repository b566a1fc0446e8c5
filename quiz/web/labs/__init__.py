"""Laboratories: learning that one can watch, computed by `jaxnet` and shown frame by frame.

A lab is a pure function of its state, and the address of its page holds the whole state. Each frame is a
picture of `quiz.exercise.figure` with sentences that say what happens, so that the same frames are drawn on
the page, read aloud and written into a table.
"""
