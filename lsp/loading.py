"""What the client sees while something loads: LSP's work-done progress."""

import asyncio
import logging
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.progress import Progress

__all__ = ["LoadingBar"]

log = logging.getLogger(__name__)

STEP = 5
"""Per cent between two reports."""


class LoadingBar:
    """A progress bar that nothing ever waits for.

    The client is asked for it beside the work; one that refuses or does not answer
    has none.

    Args:
        progress: pygls' side of the protocol.
        title: What takes so long.
    """

    def __init__(self, progress: Progress, title: str = "loading the model") -> None:
        self._progress = progress
        self._title = f"codeassist: {title}"
        self._token = f"codeassist-{uuid4()}"
        self._shown = False
        self._told = 0
        self._over = False
        self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        try:
            await self._progress.create_async(self._token)
        except JsonRpcException as error:
            log.info("the client shows no progress: %s", error)
            return
        if self._over:
            return
        self._shown = True
        begin = types.WorkDoneProgressBegin(self._title, percentage=self._told)
        self._progress.begin(self._token, begin)

    def report(self, part: float) -> None:
        """Move the bar, by whole steps."""
        per_cent = int(part * 100)
        if self._shown and per_cent >= self._told + STEP:
            self._told = per_cent
            report = types.WorkDoneProgressReport(percentage=per_cent)
            self._progress.report(self._token, report)

    def end(self) -> None:
        """Take the bar away; one that was not granted yet will not come."""
        self._over = True  # not cancelled: pygls chokes on an answer that comes late
        if self._shown:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
