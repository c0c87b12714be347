"""What the client sees of an index that is being made: a bar, if it takes a while."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from .collecting import hold, is_held, resume, settle
from .loading import LoadingBar

if TYPE_CHECKING:
    from codeassist.engine.context.index import Progress

__all__ = ["IndexingBar"]

FEW = 200
"""Files that are read sooner than a bar can be seen."""


class IndexingBar:
    """One bar at a time, shown for long scans only.

    Args:
        show: Makes a bar of a title, where the client shows any.
        loop: The loop of the server.
    """

    def __init__(
        self,
        show: Callable[[str], LoadingBar | None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._show = show
        self._loop = loop
        self._bar: LoadingBar | None = None

    def told(self, progress: "Progress") -> None:
        """Take the news of a scan, in any thread."""
        if progress.finished:
            (settle if progress.total > FEW else resume)()
        elif not progress.total:
            hold()
        elif is_held():  # all are known, and now they are read, which may take minutes
            settle()
        with contextlib.suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(self._take, progress)

    def _take(self, progress: "Progress") -> None:
        if progress.finished:
            if self._bar is not None:
                self._bar.end()
            self._bar = None
        elif progress.total > FEW:
            if self._bar is None:
                self._bar = self._show("indexing the repository")
            if self._bar is not None:
                self._bar.report(progress.done / progress.total)
