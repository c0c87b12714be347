"""What the client sees of long work: LSP's work-done progress."""

import asyncio
import logging
from collections.abc import Callable
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
        cancel: Called when the user wants no more of it; None: he cannot say so.
    """

    def __init__(
        self,
        progress: Progress,
        title: str = "loading the model",
        cancel: Callable[[], None] | None = None,
    ) -> None:
        self._progress = progress
        self._title = f"codeassist: {title}"
        self._cancel = cancel
        self._token = f"codeassist-{uuid4()}"
        self._shown = False
        self._told = 0
        self._message: str | None = None
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
        if self._cancel is not None:
            self._progress.tokens[self._token].add_done_callback(self._cancelled)
        begin = types.WorkDoneProgressBegin(
            self._title,
            cancellable=self._cancel is not None,
            message=self._message,
            percentage=self._told,
        )
        self._progress.begin(self._token, begin)

    def _cancelled(self, _token: object) -> None:
        if self._cancel is not None and not self._over:
            self._cancel()

    def report(self, part: float, message: str | None = None) -> None:
        """Move the bar, by whole steps, and say what is being done.

        Args:
            part: That is done, from 0 to 1.
            message: None: as before.
        """
        news = message is not None and message != self._message
        self._message = message if news else self._message
        per_cent = int(part * 100)
        if not news and per_cent < self._told + STEP:
            return
        self._told = max(self._told, per_cent)  # a bar may be granted later
        if self._shown:
            report = types.WorkDoneProgressReport(
                message=self._message, percentage=self._told
            )
            self._progress.report(self._token, report)

    def end(self) -> None:
        """Take the bar away; one that was not granted yet will not come."""
        self._over = True  # not cancelled: pygls chokes on an answer that comes late
        if self._shown:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
            self._progress.tokens.pop(self._token, None)
