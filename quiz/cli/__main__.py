"""``python -m quiz.cli``, the command where there is no script for it."""

from quiz.cli.app import main

main()
