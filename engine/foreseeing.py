"""Requests that are likely to follow the one that was answered."""

from dataclasses import replace

from .finish import opens, step_of
from .request import Request

__all__ = ["below"]


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
        blanks += step_of(request.before)
    after = request.after[len(rest.rstrip("\r")) :] if line_break else ""
    return replace(request, before=request.before + ended + blanks, after=after)
