"""A flag that stops a running decode from another thread."""

import ctypes
import sys
from typing import Any

from .native import lib

__all__ = ["ABORT_IF_SET", "Cancel"]

LIBC = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)

ABORT_IF_SET: Any = ctypes.cast(LIBC.strlen, lib.ggml_abort_callback)
"""llama.cpp asks its abort callback after every node of the graph, some 700 times a
token. A Python callback would take the interpreter's lock each time; libc's `strlen`
over the flag's two bytes answers the same question (0: go on, 1: stop) without it."""


class Cancel:
    """Set once, from any thread; the decode that polls it stops within one node."""

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)

    def set(self) -> None:
        """Stop the request that this flag was given to."""
        self._flag[0] = b"x"

    def is_set(self) -> bool:
        """Whether the request is to stop."""
        return self._flag[0] != b"\0"

    @property
    def address(self) -> Any:
        """Where llama.cpp finds the flag."""
        return ctypes.cast(self._flag, ctypes.c_void_p)
