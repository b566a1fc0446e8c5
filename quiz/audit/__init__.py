"""Checks of the bank: every variant is sound, every text is complete, and guessing does not pay.

Simulated students measure how well marking finds mistakes; `quiz.audit.draws` writes the table of draws.
"""
