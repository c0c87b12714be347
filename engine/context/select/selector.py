"""One request to the repository: ask the sources, fuse, pack, within a deadline."""

import time
from collections.abc import Callable

from codeassist.engine.context.index import RepositoryIndex

from .chunks import similar, usage
from .definitions import definitions
from .fusion import fuse
from .imported import brought, interfaces, members
from .known import Known, Reading
from .model import Candidate, Count, Snippet, View
from .neighbours import neighbours
from .packing import pack
from .recent import Recent, recent
from .surroundings import Surroundings, look_around

__all__ = ["DEADLINE", "Selector"]

DEADLINE = 0.020
"""Seconds of work: what was found by then counts."""

PATIENCE = 3
"""As many times that by the clock, where other programs keep the machine busy: a choice
lasts for a region, and cut short it has half of the names."""

GATHERING = 0.012
"""Seconds after which no further source is asked."""

Source = Callable[[Known, Surroundings], list[Candidate]]


def _stopwatch() -> Callable[[], float]:
    """Seconds that this thread has worked since, or a part of those that passed."""
    worked, began = time.thread_time(), time.monotonic()

    def spent() -> float:
        passed = time.monotonic() - began
        return max(time.thread_time() - worked, passed / PATIENCE)

    return spent


class Selector:
    """Chooses what a prompt shows of a repository.

    Args:
        index: Of the repository.
        ring: Where the user has been.
        deadline: Seconds of work, and `PATIENCE` times that by the clock.
    """

    def __init__(
        self,
        index: RepositoryIndex,
        ring: Recent | None = None,
        *,
        deadline: float = DEADLINE,
    ) -> None:
        self.recent = ring or Recent()
        self._reading = Reading(index)
        self._deadline = deadline

    def select(
        self, view: View, path: str, budget: int, count: Count
    ) -> tuple[Snippet, ...]:
        """Snippets for a cursor, the most important first.

        Args:
            view: The open file.
            path: Of the file, in the repository.
            budget: Tokens at the most.
            count: Counts the tokens of a line.
        """
        spent = _stopwatch()
        known = self._reading.now()
        here = look_around(view, path)
        rankings: list[tuple[float, list[Candidate]]] = []
        for weight, source in self._sources():
            if spent() > self._deadline * GATHERING / DEADLINE:
                break
            rankings.append((weight, source(known, here)))

        def late() -> bool:
            return spent() > self._deadline

        return pack(fuse(rankings), known, here, budget, count, late)

    def _sources(self) -> list[tuple[float, Source]]:
        """Weight and source, the most useful first: time may run out."""
        return [
            (2.0, definitions),
            (4.0, brought),
            (1.5, similar),
            (2.0, interfaces),
            (1.0, usage),
            (1.0, lambda known, here: recent(self.recent, known, here)),
            (0.7, members),
            (0.5, neighbours),
        ]
