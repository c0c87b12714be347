"""Whether what a command prints on stdout is in colour."""

import os
import sys

__all__ = ["in_colour"]


def in_colour() -> bool:
    """On a terminal, unless the user has set ``NO_COLOR``."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
