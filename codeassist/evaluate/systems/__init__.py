"""What is measured: our engine, and its peers on this machine."""

from .assistants import assistant_of
from .contender import FORMS, Contender, Sampler, against, ours
from .endpoint import Endpoint, PeerError
from .llama_vim import LlamaVim
from .llama_vim_assistant import LlamaVimAssistant
from .openai import OpenAI
from .ours import Ours
from .peer_assistant import PeerAssistant
from .plain import Plain

__all__ = [
    "FORMS",
    "Contender",
    "Endpoint",
    "LlamaVim",
    "LlamaVimAssistant",
    "OpenAI",
    "Ours",
    "PeerAssistant",
    "PeerError",
    "Plain",
    "Sampler",
    "against",
    "assistant_of",
    "ours",
]
