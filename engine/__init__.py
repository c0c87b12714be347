"""One keystroke: request, context, prompt, decode, finish, completion.

The names below are imported when they are first used: `codeassist models` must work,
and be quick, where llama.cpp does not load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

HOMES = {
    "Cancel": "decode.cancel",
    "Stop": "decode.stop",
    "Runtime": "runtime",
    "open_runtime": "runtime",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f".{HOMES.get(name, 'request')}", __name__), name)
