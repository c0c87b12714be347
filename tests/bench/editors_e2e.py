"""[editors-e2e] Real repository, real editors, default model: from keys to a file."""

import sys

from tests.bench.editors import Part, together


def figure(part: Part) -> str:
    """Steps that went right."""
    return f"{part.figures['right']:.0f} of {part.figures['steps']:.0f} steps"


if __name__ == "__main__":
    sys.exit(together("editors-e2e", "every step right in each editor", figure))
