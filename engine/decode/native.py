"""llama.cpp's shared library, set up once for the process: backend and log."""

import ctypes
import logging
from collections import deque
from functools import cache
from typing import Any

from codeassist.llama_binding import binding

__all__ = ["complaints", "init", "last_complaint", "lib"]

log = logging.getLogger(__name__)

WARN, ERROR, CONTINUED = 3, 4, 5
"""Log levels of ggml.h."""

complaints: deque[str] = deque(maxlen=20)
"""The last warnings and errors of llama.cpp, newest last."""


lib = binding()


def _on_log(level: int, text: bytes, _user: ctypes.c_void_p) -> None:
    line = text.decode("utf-8", "replace").strip()
    if not line:
        return
    if level in (WARN, ERROR):
        complaints.append(line)
    log.debug("llama.cpp: %s", line)  # an aborted decode counts as an error there


_callback: Any = lib.llama_log_callback(_on_log)  # lives as long as the process


@cache
def init() -> None:
    """Start llama.cpp's backend and take its log; further calls do nothing."""
    lib.llama_log_set(_callback, ctypes.c_void_p(0))
    lib.llama_backend_init()


def last_complaint() -> str:
    """What llama.cpp said last of what went wrong, as one line."""
    errors = [line for line in complaints if "error" in line.lower()]
    line = (errors or [*complaints] or ["no reason given"])[-1]
    return line.rsplit("error loading model: ", 1)[-1]
