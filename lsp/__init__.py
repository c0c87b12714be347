"""The protocol and nothing else: LSP documents and positions to engine values."""

from . import compiled  # noqa: F401 - before anyone imports the protocol's types
from .making import make_server
from .server import CodeassistServer
from .serving import Switching, Wanted
from .tcp import serve_tcp

__all__ = ["CodeassistServer", "Switching", "Wanted", "make_server", "serve_tcp"]
