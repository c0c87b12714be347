"""The protocol and nothing else: LSP documents and positions to engine values."""

from .server import CodeassistServer, make_server

__all__ = ["CodeassistServer", "make_server"]
