"""`python -m toollama` is the `toollama` command."""

import sys

from toollama.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
