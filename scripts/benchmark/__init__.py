"""What ``scripts/bench.py`` measures, who takes part, and how it is told."""
