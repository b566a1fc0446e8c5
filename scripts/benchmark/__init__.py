"""Workloads, contestants and reports of ``scripts/bench.py``."""
