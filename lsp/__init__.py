"""The protocol and nothing else: LSP documents and positions to engine values."""

from .server import CodeassistServer, make_server
from .tcp import serve_tcp

__all__ = ["CodeassistServer", "make_server", "serve_tcp"]
