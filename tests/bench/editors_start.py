"""[editors-start] From the editor's start of us to ready, and what typing waits for."""

import compileall
import sys
from pathlib import Path

import codeassist
from tests.bench.editors import Part, together


def figure(part: Part) -> str:
    """Seconds to ready, and the longest time that the editor was held up."""
    ready, held = part.figures["ready_s"], part.figures["held_ms"]
    return f"ready after {ready:.2f} s, held up {held:.0f} ms at most"


def compiled() -> None:
    """Bytecode of our own sources, as pip leaves it behind any installation but ours."""
    for room in Path(codeassist.__file__).parent.iterdir():
        if room.is_dir() and room.name != "__pycache__":
            compileall.compile_dir(room, quiet=1)
        elif room.suffix == ".py":
            compileall.compile_file(room, quiet=1)


if __name__ == "__main__":
    compiled()
    bar = "ready within 1 s without the model, typing never blocked"
    sys.exit(together("editors-start", bar, figure))
