"""The editor's process: a server that has outlived it ends, too."""

import asyncio
import logging
from collections.abc import Callable

import psutil

__all__ = ["end_with"]

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks."""


async def end_with(pid: int | None, end: Callable[[], None]) -> None:
    """Watch the editor's process, if it is one of those that this one comes from.

    The end of its pipe tells of its own, too, but not while another process holds the
    pipe open. Any other number says nothing: in a container, or on another machine, it
    is that of a stranger.

    Args:
        pid: As the client says it; None: it says none.
        end: Called when the process is gone.
    """
    editor = next(
        (each for each in psutil.Process().parents() if each.pid == pid), None
    )
    if editor is None:
        return
    while editor.is_running():  # noqa: ASYNC110 - nothing else tells of it
        await asyncio.sleep(LOOK)
    log.info("the editor has ended")
    end()
