"""`codeassist lsp`: serve an editor."""

import argparse
import errno
import logging

from codeassist.engine import open_runtime
from codeassist.errors import ConfigError, PortTakenError
from codeassist.lsp import make_server

from .options import settings_of

__all__ = ["run"]

LOOPBACK = "127.0.0.1"


def run(args: argparse.Namespace) -> int:
    """Serve over stdio, or one session over TCP on loopback."""
    _log_to(args.log, verbose=args.debug)
    server = make_server(settings_of(args), open_runtime)
    try:
        if args.tcp:
            server.start_tcp(LOOPBACK, args.port)
        else:
            server.start_io()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        msg = f"port {args.port} is taken or not allowed; choose another with --port"
        raise PortTakenError(msg) from error
    finally:
        server.worker.stop()
    return 0


def _log_to(file: str | None, *, verbose: bool) -> None:
    handler: logging.Handler
    try:
        handler = logging.FileHandler(file) if file else logging.StreamHandler()
    except OSError as error:
        msg = f"--log {file} cannot be written ({error.strerror}); name another file"
        raise ConfigError(msg) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("codeassist")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.propagate = False
    for name in ("pygls", "asyncio"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
