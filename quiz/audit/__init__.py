"""Checks of the bank: whether every variant is sound, every text complete, and guessing does not pay.

Simulated students show whether marking finds their mistakes; `quiz.audit.draws` makes the table of draws.
"""
