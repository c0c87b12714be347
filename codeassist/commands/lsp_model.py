"""The model that a server answers with: opened, and set anew for other settings."""

from dataclasses import replace
from functools import partial

from codeassist.config import Settings
from codeassist.engine import Runtime, open_runtime
from codeassist.engine.adapters import name_of
from codeassist.engine.completer import Completer
from codeassist.engine.decode import Progress
from codeassist.engine.gates import Confidence, Gates, calibration_of

from .learned import shift_for

__all__ = ["adjusted", "opened"]


def opened(settings: Settings, progress: Progress | None = None) -> Runtime:
    """The model that settings name, its gate as the user's records have it."""
    return open_runtime(settings, progress, shift=partial(shift_for, settings))


def adjusted(runtime: Runtime, settings: Settings) -> Runtime:
    """The same weights and their cache, with other settings for completing."""
    old, own = runtime.completer, settings.completion
    adapter = name_of(settings.model.adapter)
    calibration = calibration_of(runtime.model, adapter)
    shift = shift_for(settings, runtime.model, adapter)
    sure = Confidence(replace(calibration, shift=shift), own.confidence)
    new = Completer(old.session, old.contract, own, old.context, Gates(sure))
    return replace(runtime, completer=new)
