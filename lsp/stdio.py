"""One session over two streams; a message of the client takes the loop one turn.

pygls' own reader has a thread read each line of a header and each body, and the loop wakes
up for each. Where other threads compute, it waits for the interpreter's lock every time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from threading import Event
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import StdoutWriter, run_async

from .long_strings import LENGTH, LongStrings

if TYPE_CHECKING:
    from .server import CodeassistServer

__all__ = ["Messages", "serve_streams"]

log = logging.getLogger(__name__)


class Messages:
    """What a client says, for pygls, which asks for it line by line.

    Args:
        words: The client's.
        pool: One of its threads waits for them.
    """

    def __init__(self, words: LongStrings, pool: Executor) -> None:
        self._words = words
        self._pool = pool
        self._parts: deque[bytes] = deque()

    async def readline(self) -> bytes:
        """A line of a header; nothing where the client has gone."""
        if not self._parts:
            loop = asyncio.get_running_loop()
            self._parts.extend(await loop.run_in_executor(self._pool, self._message))
        return self._parts.popleft()

    async def readexactly(self, size: int) -> bytes:
        """The body of the message whose header was read last."""
        return self._parts.popleft()

    def _message(self) -> Sequence[bytes]:
        """All lines of a header, and the body; the thread waits for them."""
        parts, size = [], 0
        while line := self._words.readline():
            parts.append(line)
            length = LENGTH.fullmatch(line)
            size = size or int(length[1] if length else 0)
            if size and not line.strip():
                return [*parts, self._words.read(size)]
        return [*parts, b""]


def serve_streams(
    server: "CodeassistServer", words: LongStrings, answers: BinaryIO
) -> None:
    """Serve a client until it goes.

    Args:
        server: Who answers.
        words: What the client says.
        answers: Where the client listens.
    """
    server.protocol.restored = words.restored
    server.protocol.set_writer(StdoutWriter(answers))
    messages = Messages(words, server.thread_pool)
    report = server.report_server_error
    try:
        asyncio.run(run_async(Event(), messages, server.protocol, None, report))
    except BrokenPipeError:
        log.error("the client has gone in the middle of a word")
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.shutdown()
