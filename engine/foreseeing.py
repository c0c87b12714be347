"""Requests that are likely to follow the one that was answered."""

from dataclasses import replace

from .finish import indentation, opens
from .request import Request

__all__ = ["below"]

LOOK_BACK = 8_000
"""Characters above the cursor that show how the file is indented."""

STEP = 4
"""Columns, where nothing is indented yet."""


def below(request: Request) -> Request | None:
    """What is asked behind a line that is complete: on a new line, as editors indent it.

    None where the line goes on behind the cursor, or is blank.
    """
    head = request.before.rpartition("\n")[2]
    rest, line_break, _ = request.after.partition("\n")
    if rest.strip() or not head.strip():
        return None
    ended = "\r\n" if rest.endswith("\r") or "\r\n" in request.before else "\n"
    blanks = head[: len(head) - len(head.lstrip())]
    if opens(head, request.language):
        blanks += _step(request.before, blanks)
    after = request.after[len(rest.rstrip("\r")) :] if line_break else ""
    return replace(request, before=request.before + ended + blanks, after=after)


def _step(before: str, blanks: str) -> str:
    """One step of the file's own indentation."""
    lines = before[-LOOK_BACK:].split("\n")[1:]
    if "\t" in blanks or any(line.startswith("\t") for line in lines):
        return "\t"
    widths = [indentation(line) for line in lines if line.strip()]
    return " " * min((width for width in widths if width > 1), default=STEP)
