"""``python -m quiz.cli``, the command where there is no script for it."""

from quiz.cli.app import main

if __name__ == "__main__":
    main()
