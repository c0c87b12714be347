"""`codeassist lsp`: serve an editor."""

import argparse
import errno
import logging
import os
import signal
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from codeassist.config import Settings, cache_dir, log_dir, merge
from codeassist.errors import ConfigError, PortTakenError
from codeassist.lsp import make_server, serve_tcp
from codeassist.records import records_file
from codeassist.settings_files import load

from .lsp_switching import Switching
from .options import given

if TYPE_CHECKING:
    from codeassist.engine import Runtime
    from codeassist.engine.decode import Progress

__all__ = ["run"]

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LOG_BYTES = 2_000_000
LOOKED_AT = 100
"""Lines of the log from one look at its size to the next."""

HIGHEST_PORT = 65_535


def run(args: argparse.Namespace) -> int:
    """Serve over stdio, or one session over TCP on loopback."""
    if not 0 < args.port <= HIGHEST_PORT:
        msg = f"--port is from 1 to {HIGHEST_PORT}, not {args.port}"
        raise ConfigError(msg)
    options = given(args)
    merge(Settings(), options, "command line")  # refused before anyone is served
    _log_to(args.log, verbose=args.debug)
    server = make_server(
        Settings(),
        _opened,
        files=load,
        given=options,
        records=records_file(),
        switching=Switching(),
    )
    server.idle.folder = cache_dir() / "prompts"
    _end_on_signals(server.halt)
    try:
        if args.tcp:
            serve_tcp(server, LOOPBACK, args.port)
        else:
            server.start_io()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        msg = f"port {args.port} is taken or not allowed; choose another with --port"
        raise PortTakenError(msg) from error
    finally:
        server.shutdown()
    return server.protocol.exit_status


def _opened(settings: Settings, progress: "Progress | None" = None) -> "Runtime":
    from .lsp_model import opened  # by then the editor has its answer

    return opened(settings, progress)


def _end_on_signals(halt: Callable[[], None]) -> None:
    """Let SIGINT and SIGTERM end the process at once.

    Without this the thread that reads stdin would keep it until the editor says more.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        halt()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


class _Log(RotatingFileHandler):
    """A log that is looked at now and then for how large it is.

    The loop writes it, and would wait four times for a look at each line.
    """

    lines = 0

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802
        """Whether the next line belongs into a new file."""
        self.lines += 1
        return self.lines % LOOKED_AT == 1 and bool(super().shouldRollover(record))


def _log_to(file: str | None, *, verbose: bool) -> None:
    """Everything goes to the file, only trouble to stderr, which editors collect."""
    logging.raiseExceptions = False  # a full disk loses lines, and is no trace for each
    path = Path(file) if file else log_dir() / "lsp.log"
    handler: logging.Handler = logging.NullHandler()
    lost = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _Log(path, maxBytes=LOG_BYTES, backupCount=1)
    except OSError as error:
        lost = f"the log {path} cannot be written ({error.strerror})"
        if file:
            msg = f"{lost}; name another file"
            raise ConfigError(msg) from error
    trouble = logging.StreamHandler()
    trouble.setLevel(logging.WARNING)
    form = logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s")
    level = logging.DEBUG if verbose else logging.INFO
    told = {
        "codeassist": (level, (handler, trouble)),
        "pygls": (logging.WARNING, (handler, trouble)),
        "watchdog": (logging.WARNING, (handler,)),  # it complains of events at its end
    }
    for name, (least, handlers) in told.items():
        logger = logging.getLogger(name)
        logger.setLevel(least)
        logger.propagate = False
        for each in handlers:
            each.setFormatter(form)
            logger.addHandler(each)
    if lost:
        log.warning("%s, so only trouble is told, here; --log names another", lost)
