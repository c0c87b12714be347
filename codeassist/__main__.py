"""`python -m codeassist` is the `codeassist` command."""

import sys

from codeassist.cli import main

sys.exit(main())
