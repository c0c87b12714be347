"""A system under test before it is opened: what it is called, and how to open it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

from codeassist.config import Settings
from codeassist.engine.adapters import chosen
from codeassist.engine.models.store import resolve
from codeassist.errors import InputError
from codeassist.evaluate.fingerprint import of_weights
from codeassist.evaluate.hole import Hole, Output, System

from .endpoint import Endpoint
from .llama_vim import LlamaVim
from .openai import OpenAI
from .ours import Ours
from .plain import Plain

__all__ = ["FORMS", "Contender", "Sampler", "against", "ours"]

FORMS = (
    "llama.cpp=URL (llama-server, asked as llama.vim does), openai=URL (prompt and "
    "suffix), openai:FAMILY=URL (the family's FIM prompt), plain (llama-cpp-python)"
)


class Sampler(System, Protocol):
    """A system whose answers can be drawn, for pass@k."""

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """A drawn answer; each seed from 0 may bring another."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One system of an evaluation; only one at a time is open."""

    name: str
    settings: Mapping[str, str]
    """All that its answers depend on, for the journal and the report."""

    open: Callable[[], Sampler]


def ours(settings: Settings, *, name: str = "codeassist") -> Contender:
    """Our engine, with these settings.

    Raises:
        ModelError: the model is not here.
    """
    return Contender(name, _model(settings), lambda: Ours(settings, name=name))


def against(spec: str, settings: Settings) -> Contender:
    """The peer that ``--against`` names.

    Args:
        spec: One of `FORMS`.
        settings: Model, context and threads of ``plain``.

    Raises:
        InputError: no such form, or a URL of another machine.
        PeerError: no server answers there.
        ModelError: the model of ``plain`` is not here.
    """
    if spec == "plain":
        name = "llama-cpp-python"
        return Contender(name, _model(settings), lambda: Plain(settings, name=name))
    kind, _, url = spec.partition("=")
    kind, _, family = kind.partition(":")
    if not url or kind not in ("llama.cpp", "openai"):
        msg = f"--against {spec!r} is not understood; write {FORMS}"
        raise InputError(msg)
    known = {"server has": _served(Endpoint(url))}
    if kind == "llama.cpp":
        return Contender("llama.vim", known, lambda: LlamaVim(url))
    name = f"openai ({family or 'suffix'})"
    known |= {"family": family}
    return Contender(name, known, lambda: OpenAI(url, family=family, name=name))


def _served(endpoint: Endpoint) -> str:
    """The models that a server says it has, whatever port it is on today."""
    listed = endpoint.get("/v1/models").get("data")
    models = listed if isinstance(listed, list) else []
    ids = [
        str(each["id"]) for each in models if isinstance(each, dict) and "id" in each
    ]
    return ", ".join(ids) or "unknown"


def _model(settings: Settings) -> dict[str, str]:
    located = resolve(settings.model.id)
    adapter = chosen(settings.model.adapter, located)
    told = {
        "model": located.entry.id if located.entry else located.path.name,
        "weights": of_weights(located.path),
        "adapter": of_weights(adapter) if adapter else "none",
        "n_ctx": str(settings.model.n_ctx),
        "family": settings.model.family or "as found",
    }
    completion = asdict(settings.completion)
    return told | {key: str(value) for key, value in completion.items()}
