"""`python -m stripper`."""

import sys

from stripper.cli.main import main

sys.exit(main())
