"""``python -m jaxnet.cli``."""

import sys

from jaxnet.cli import main

if __name__ == "__main__":
    sys.exit(main())
