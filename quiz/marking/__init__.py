"""Marking: from what a student typed to marks, and from marks to the mistakes behind them."""
