"""One session over TCP, for debugging: the first client is served, no other."""

import asyncio
import contextlib
import logging
from threading import Event

from pygls.io_ import run_async

from .server import CodeassistServer

__all__ = ["serve_tcp"]

log = logging.getLogger(__name__)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def serve_tcp(server: CodeassistServer, host: str, port: int) -> None:
    """Serve the first client that connects, until it goes.

    pygls' own would let a second client take the first one's answers.

    Raises:
        OSError: the port is taken or not allowed.
    """
    with contextlib.suppress(ConnectionError):  # the client has gone without a word
        asyncio.run(_serve(server, host, port))


async def _serve(server: CodeassistServer, host: str, port: int) -> None:
    first: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first.done():
            writer.close()
        else:
            first.set_result((reader, writer))

    listener = await asyncio.start_server(connected, host, port)
    log.info("listening on port %d", port)
    reader, writer = await first
    listener.close()  # from now on the system itself refuses
    server.protocol.set_writer(writer)
    report = server.report_server_error
    try:
        await run_async(Event(), reader, server.protocol, log, report)
    finally:
        writer.close()
        await writer.wait_closed()
