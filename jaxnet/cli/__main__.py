"""``python -m jaxnet.cli``."""

from jaxnet.cli import main

if __name__ == "__main__":
    main()
