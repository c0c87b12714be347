"""The only room that meets llama.cpp: tokens, KV cache, sampling, adapters."""

from .cancel import Cancel
from .generate import Generation, Sampler, Stop, Token
from .model import Model, open_vocabulary
from .sampling import Greedy, Sampled
from .session import Evaluated, Session
from .threads import ThreadPolicy
from .vocab import Vocab
from .weights import Progress

__all__ = [
    "Cancel",
    "Evaluated",
    "Generation",
    "Greedy",
    "Model",
    "Progress",
    "Sampled",
    "Sampler",
    "Session",
    "Stop",
    "ThreadPolicy",
    "Token",
    "Vocab",
    "open_vocabulary",
]
