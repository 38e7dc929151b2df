"""`python -m lib_vidstyl` is the command line."""

import sys

from lib_vidstyl.front.cli import main

if __name__ == "__main__":
    sys.exit(main())
