"""[editors-start] From the editor's start of us to ready, and what typing waits for."""

import sys

from tests.bench.editors import Part, together


def figure(part: Part) -> str:
    """Seconds to ready, and the longest time that the editor was held up."""
    ready, held = part.figures["ready_s"], part.figures["held_ms"]
    return f"ready after {ready:.2f} s, held up {held:.0f} ms at most"


if __name__ == "__main__":
    bar = "ready within 1 s without the model, typing never blocked"
    sys.exit(together("editors-start", bar, figure))
