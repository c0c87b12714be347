"""One session over TCP, for debugging: the first client is served, no other."""

import asyncio
import contextlib
import logging
from threading import Event

from pygls.io_ import run_async

from .long_strings import header
from .server import CodeassistServer

__all__ = ["serve_tcp"]

log = logging.getLogger(__name__)


class _Words:
    """What a client says, after its first line, which is known."""

    def __init__(self, first: bytes, reader: asyncio.StreamReader) -> None:
        self._first = first
        self._reader = reader

    async def readline(self) -> bytes:
        line, self._first = self._first, b""
        return header(line or await self._reader.readline())

    async def readexactly(self, size: int) -> bytes:
        return await self._reader.readexactly(size)


Connection = tuple[_Words, asyncio.StreamWriter]


def serve_tcp(server: CodeassistServer, host: str, port: int) -> None:
    """Serve the first client that says anything, until it goes.

    pygls' own would let a second client take the first one's answers.

    Raises:
        OSError: the port is taken or not allowed.
    """
    asyncio.run(_serve(server, host, port))


async def _serve(server: CodeassistServer, host: str, port: int) -> None:
    first: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = await _line(reader)
        if first.done() or not line.endswith(b"\n"):
            writer.close()
        else:
            first.set_result((_Words(line, reader), writer))

    listener = await asyncio.start_server(connected, host, port)
    log.info("listening on port %d", port)
    words, writer = await first
    listener.close()  # from now on the system itself refuses
    # the client may go without a word, or in the middle of one
    with contextlib.suppress(ConnectionError, EOFError):
        await _talk(server, words, writer)


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The first line of a client; who only looks at the port says none."""
    try:
        return await reader.readline()
    except (ConnectionError, ValueError):  # gone, or no end of a line in sight
        return b""


async def _talk(
    server: CodeassistServer, words: _Words, writer: asyncio.StreamWriter
) -> None:
    server.protocol.set_writer(writer)
    report = server.report_server_error
    try:
        await run_async(Event(), words, server.protocol, log, report)
    except ValueError:
        log.error("the client speaks no LSP: a line of it has no end")
    finally:
        writer.close()
        await writer.wait_closed()
