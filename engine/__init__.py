"""One keystroke: request, context, prompt, decode, finish, completion."""

from .decode import Cancel, Stop
from .request import Answer, Completion, Lines, Request, Silence, Timings
from .runtime import Runtime, open_runtime

__all__ = [
    "Answer",
    "Cancel",
    "Completion",
    "Lines",
    "Request",
    "Runtime",
    "Silence",
    "Stop",
    "Timings",
    "open_runtime",
]
