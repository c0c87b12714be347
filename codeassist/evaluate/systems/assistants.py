"""The peer that ``--against`` names, as the assistant of a replay."""

from codeassist.config import Settings
from codeassist.evaluate.replay.assistant import Assistant
from codeassist.evaluate.replay.policy import Policy

from .contender import against
from .endpoint import Endpoint
from .llama_vim_assistant import CLIENT, LlamaVimAssistant
from .peer_assistant import PeerAssistant

__all__ = ["assistant_of"]


def assistant_of(
    spec: str, settings: Settings, client: Policy
) -> tuple[Assistant, Policy]:
    """The peer, not started yet, and the policy of its client.

    Args:
        spec: As for `against`.
        settings: Model, context and threads of ``plain``.
        client: Of peers that have no client of their own.

    Raises:
        InputError: no such form, or a URL of another machine.
        PeerError: no server answers there.
        ModelError: the model of ``plain`` is not here.
    """
    contender = against(spec, settings)
    url = spec.partition("=")[2]
    if spec.startswith("llama.cpp="):
        return LlamaVimAssistant(url, name=contender.name), CLIENT
    return PeerAssistant(contender, Endpoint(url).port if url else None), client
