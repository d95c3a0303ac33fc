"""`make bench`: the table of `stripper bench`."""

from __future__ import annotations

import sys

from stripper.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["bench", *sys.argv[1:]]))
