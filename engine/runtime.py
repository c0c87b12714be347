"""From settings to a completer that is ready: find, load, detect, open."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from codeassist.config import Settings
from codeassist.fim import Fim, LeftToRight, detect

from .adapters import chosen, name_of
from .completer import Completer
from .decode import Model, Progress, Session, ThreadPolicy
from .gates import Confidence, Gates, calibration_of
from .models.store import resolve

__all__ = ["Runtime", "open_runtime"]

log = logging.getLogger(__name__)

Shift = Callable[[str, str], float]
"""Of a model and the name of its adapter: what is added to its calibration."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A model that is ready to complete."""

    completer: Completer
    model: str
    """Its catalog id, or the name of its file."""

    family: str
    """Its FIM family; empty where it is served left to right."""

    note: str
    """What the user should know of this model; empty where there is nothing."""


def open_runtime(
    settings: Settings,
    progress: Progress | None = None,
    *,
    shift: Shift = lambda _model, _adapter: 0.0,
) -> Runtime:
    """Load the model that the settings name.

    Args:
        settings: Which model and adapter, how much context.
        progress: Called with the part of the weights that is loaded, from 0 to 1;
            False aborts.
        shift: What the user's records add to the calibration of the gate.

    Raises:
        ModelError: missing, damaged or unfit weights, adapter or family.
    """
    threads = ThreadPolicy(settings.model.threads)
    located = resolve(settings.model.id)
    adapter = chosen(settings.model.adapter, located)
    model = Model(
        located.path,
        adapter=adapter,
        gpu_layers=settings.model.gpu_layers,
        progress=progress,
    )
    contract = detect(model.vocab, settings.model.family or None)
    family = contract.family.name if isinstance(contract, Fim) else ""
    session = Session(model, n_ctx=settings.model.n_ctx, threads=threads)
    name = located.entry.id if located.entry else located.path.name
    log.info(
        "model %s, family %s, %d tokens of context, %d threads",
        name,
        family or "none",
        session.n_ctx,
        threads.limit,
    )
    lora = name_of(str(adapter)) if adapter else ""
    calibration = replace(calibration_of(name, lora), shift=shift(name, lora))
    gates = Gates(Confidence(calibration, settings.completion.confidence))
    completer = Completer(session, contract, settings.completion, gates=gates)
    note = contract.note
    if isinstance(contract, LeftToRight):
        note = f"{contract.reason}; completing left to right, blind to what follows"
    return Runtime(completer, name, family, note)
