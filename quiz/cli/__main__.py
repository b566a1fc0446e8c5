"""Runs the command as ``python -m quiz.cli``."""

from quiz.cli.app import main

if __name__ == "__main__":
    main()
