"""Holes whose reference passes the set's own tests: only those can be judged."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from codeassist.evaluate.hole import Check, Hole

__all__ = ["Sound", "sound"]


@dataclass(frozen=True, slots=True)
class Sound:
    """A set after its references were run."""

    kept: tuple[Hole, ...]
    aside: tuple[Hole, ...]
    """The reference fails: a slow solution, or a problem with several right answers of
    which the tests know one."""


def sound(
    holes: Sequence[Hole], passes: Callable[[Check, str], bool], *, workers: int = 1
) -> Sound:
    """Set the holes aside whose reference does not pass.

    Args:
        holes: Those without a check or without a reference are kept as they are.
        passes: Whether a completion passes a check; called from `workers` threads.
        workers: How many checks run at a time.
    """

    def holds(hole: Hole) -> bool:
        if hole.check is None or not hole.middle:
            return True
        return passes(hole.check, hole.middle)

    with ThreadPoolExecutor(workers) as pool:
        verdicts = list(pool.map(holds, holes))
    pairs = list(zip(holes, verdicts, strict=True))
    return Sound(
        kept=tuple(hole for hole, held in pairs if held),
        aside=tuple(hole for hole, held in pairs if not held),
    )
