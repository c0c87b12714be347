"""The only room that meets llama.cpp: tokens, KV cache, sampling, adapters.

The names below are imported when they are first used: a server answers its editor before
it decodes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cancel import Cancel
    from .favoured import Favoured
    from .generate import Generation, Leaning, Sampler, Token
    from .model import Model, open_vocabulary
    from .removed import Removed
    from .sampling import Greedy, Sampled
    from .session import Evaluated, Session
    from .stop import Stop
    from .threads import ThreadPolicy
    from .vocab import Vocab
    from .weights import Progress

__all__ = [
    "Cancel",
    "Evaluated",
    "Favoured",
    "Generation",
    "Greedy",
    "Leaning",
    "Model",
    "Progress",
    "Removed",
    "Sampled",
    "Sampler",
    "Session",
    "Stop",
    "ThreadPolicy",
    "Token",
    "Vocab",
    "open_vocabulary",
]

HOMES = {
    "Cancel": "cancel",
    "Evaluated": "session",
    "Favoured": "favoured",
    "Generation": "generate",
    "Greedy": "sampling",
    "Leaning": "generate",
    "Model": "model",
    "Progress": "weights",
    "Removed": "removed",
    "Sampled": "sampling",
    "Sampler": "generate",
    "Session": "session",
    "Stop": "stop",
    "ThreadPolicy": "threads",
    "Token": "generate",
    "Vocab": "vocab",
    "open_vocabulary": "model",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f".{HOMES[name]}", __name__), name)
