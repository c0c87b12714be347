"""What is under way: requests that wait for their answer, decodes that make one."""

import asyncio
from dataclasses import dataclass, field

from codeassist.engine import Answer, Cancel, Request
from codeassist.engine.brackets import is_closed_by

__all__ = ["Job", "Waiter"]

GRACE = 0.05
"""Seconds that a decode goes on without its request: editors cancel a request before
they send the one for the next keystroke, which may agree with it."""


@dataclass(eq=False, slots=True)
class Waiter:
    """A request that waits for its answer."""

    task: "asyncio.Task[object]"
    superseded: bool = False


@dataclass(eq=False, slots=True)
class Job:
    """A decode that is under way, or waits for the thread."""

    request: Request
    cancel: Cancel
    future: "asyncio.Future[Answer]" = field(init=False)
    said: str = ""
    """What there is of the answer; the decode thread writes it."""

    begun: float = 0.0
    """When the thread took it up."""

    end: asyncio.TimerHandle | None = None

    def agrees(self, request: Request) -> bool:
        """Whether what was typed since is what the model has written so far."""
        old = self.request
        # one with several drafts ends when all are made, and may say any of them
        if self.cancel.is_set() or max(old.alternatives, request.alternatives) > 1:
            return False
        same = old.path == request.path and request.after.endswith(old.after)
        if not same or not request.before.startswith(old.before):
            return False
        typed = request.before[len(old.before) :]
        closed = request.after[: len(request.after) - len(old.after)]
        agrees = self.said.startswith(typed)
        return agrees and (not closed or is_closed_by(typed, closed))

    def keep(self) -> None:
        """A newer request wants it."""
        if self.end is not None:
            self.end.cancel()
            self.end = None

    def give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop it, unless a newer request wants it within `GRACE` seconds."""
        if self.end is None:
            self.end = loop.call_later(GRACE, self.cancel.set)
