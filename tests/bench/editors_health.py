"""[editors-health] Planted faults, and whether the editor's health check names them."""

import sys

from tests.bench.editors import Part, together


def figure(part: Part) -> str:
    """Faults that were named with their cure."""
    return f"{part.figures['named']:.0f} of {part.figures['planted']:.0f} named"


if __name__ == "__main__":
    bar = "each of at least 6 planted faults named with its cure"
    sys.exit(together("editors-health", bar, figure))
