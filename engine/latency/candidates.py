"""The models that a latency target may choose among."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codeassist.config import Settings
from codeassist.engine.decode import ThreadPolicy
from codeassist.engine.decode.snapshot import digest
from codeassist.engine.models import catalog
from codeassist.engine.models.store import Located, resolve
from codeassist.errors import ModelError

from .kept import Setup, cpu_name, llama_cpp_version

__all__ = ["Candidate", "candidates"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model on this machine."""

    model: str
    """As `ModelSettings.id` names it."""

    name: str
    """For people: its catalog id, or the name of its file."""

    path: Path
    adapter: Path | None
    """The LoRA that goes over it."""

    def setup(self, settings: Settings) -> Setup:
        """What a measured speed of it counts for."""
        return Setup(
            model=digest(self.path),
            adapter=digest(self.adapter) if self.adapter else "",
            threads=ThreadPolicy(settings.model.threads).limit,
            gpu_layers=settings.model.gpu_layers,
            cpu=cpu_name(),
            llama_cpp=llama_cpp_version(),
        )


def candidates(settings: Settings) -> list[Candidate]:
    """The models that may be chosen, the largest first.

    The one that the settings name, if they name a model, an adapter or a family. Else
    those of the catalog that are on this machine and were trained to fill in the
    middle; where there are none, the others.

    Raises:
        ModelError: no model is here, or the one that is named cannot be used.
    """
    own = settings.model
    if own.id or own.adapter or own.family:
        located = resolve(own.id)
        adapter = Path(own.adapter).expanduser() if own.adapter else located.adapter
        return [_candidate(own.id, located, adapter)]
    entries = catalog.load()
    here: dict[str, Located] = {}
    for name in entries:
        with suppress(ModelError):  # not here, or not whole
            here[name] = resolve(name)
    if not here:
        located = resolve()  # which says what to do
        return [_candidate("", located, located.adapter)]
    names = [name for name in here if entries[name].family] or list(here)
    names.sort(key=lambda name: entries[name].size, reverse=True)
    return [_candidate(name, here[name], here[name].adapter) for name in names]


def _candidate(model: str, located: Located, adapter: Path | None) -> Candidate:
    name = located.entry.id if located.entry else located.path.name
    return Candidate(model, name, located.path, adapter)
