"""Settings that meet a latency target, from speeds that were measured before."""

import logging
import math
from dataclasses import asdict, dataclass, replace

from codeassist.config import Settings

from .candidates import candidates
from .choosing import Choice, choose
from .kept import read

__all__ = ["Tuned", "applied", "milliseconds", "too_slow", "tuned"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuned:
    """Settings for a target."""

    settings: Settings
    note: str = ""
    """What the user should know; empty: the target is met."""


def tuned(settings: Settings) -> Tuned:
    """The model and the sizes that meet a target, as far as speeds are known.

    A pure lookup of a few milliseconds; `codeassist tune` does the measuring.

    Args:
        settings: Of the user; ``completion.latency_ms`` is the target.

    Raises:
        ModelError: no model is here, or the one that is named cannot be used.
    """
    target_ms = settings.completion.latency_ms
    if target_ms == 0:
        return Tuned(settings)
    speeds = []
    models = {}
    unknown = []
    for each in candidates(settings):
        speed = read(each.setup(settings))
        if speed is None:
            unknown.append(each.name)
        else:
            speeds.append((each.name, speed))
            models[each.name] = each.model
    missing = ""
    if unknown:
        missing = f"run `codeassist tune`, which measures {', '.join(unknown)}"
        log.info("completion.latency_ms: %s", missing)
    if not speeds:
        return Tuned(settings, f"completion.latency_ms has no effect yet, {missing}")
    choice = choose(speeds, target_ms, settings, settings.named)
    log.info("%s for %d ms: %s", choice.model, target_ms, choice.sizes)
    note = "" if choice.meets else too_slow(choice, target_ms)
    return Tuned(applied(settings, choice, models[choice.model]), note)


def applied(settings: Settings, choice: Choice, model: str) -> Settings:
    """Settings with a choice in them.

    Args:
        settings: Of the user.
        choice: What meets the target.
        model: As `ModelSettings.id` names it.
    """
    return replace(
        settings,
        model=replace(settings.model, id=model),
        completion=replace(settings.completion, **asdict(choice.sizes)),
    )


def too_slow(choice: Choice, target_ms: int) -> str:
    """What is to be said where nothing meets the target."""
    return (
        f"nothing here answers within {target_ms} ms: {choice.model} takes "
        f"{milliseconds(choice)}; raise completion.latency_ms"
    )


def milliseconds(choice: Choice) -> str:
    """What the answers of a choice take."""
    jump = f"{choice.jump_ms:.0f} ms"
    if math.isinf(choice.jump_ms):
        jump = "more than was measured"
    return f"about {choice.typing_ms:.0f} ms while typing and {jump} at another place"
