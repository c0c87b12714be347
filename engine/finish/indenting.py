"""How a file is indented."""

from .place import indentation

__all__ = ["step_of"]

LOOK_BACK = 8_000
"""Characters above the cursor that show it."""

STEP = 4
"""Columns, where nothing is indented yet."""


def step_of(before: str) -> str:
    """One step of indentation, as it is used above the cursor: a tab or some spaces."""
    above, _, head = before[-LOOK_BACK:].rpartition("\n")
    lines = [*above.split("\n")[1:], head if head.strip() else head + "x"]
    if any(line.startswith("\t") for line in lines):
        return "\t"
    widths = [indentation(line) for line in lines if line.strip()]
    return " " * min((width for width in widths if width > 1), default=STEP)
