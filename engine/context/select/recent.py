"""Where the user has been: regions edited and viewed, the newest first."""

import threading
from collections import OrderedDict

from .known import Known
from .model import Candidate
from .surroundings import Surroundings

__all__ = ["Recent", "recent"]

REGIONS = 32
"""That many are remembered, of edits and of views."""

REACH = 8
"""Rows above and below that belong to a region."""

FOUND = 8


class Recent:
    """A ring of regions, as in llama.vim; any thread may write and read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edited: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._viewed: OrderedDict[tuple[str, int], None] = OrderedDict()

    def edited(self, path: str, row: int) -> None:
        """Something was changed in a row, from 0, of a file of the repository."""
        self._note(self._edited, path, row)

    def viewed(self, path: str, row: int) -> None:
        """A row of a file was looked at."""
        self._note(self._viewed, path, row)

    @property
    def regions(self) -> tuple[tuple[str, int, str], ...]:
        """Path, row and what was done there: edits first, the newest first."""
        with self._lock:
            edited, viewed = list(self._edited), list(self._viewed)
        return (
            *((path, row, "edited") for path, row in reversed(edited)),
            *((path, row, "viewed") for path, row in reversed(viewed)),
        )

    def _note(
        self, ring: "OrderedDict[tuple[str, int], None]", path: str, row: int
    ) -> None:
        region = path, row // REACH * REACH + REACH // 2
        with self._lock:
            ring.pop(region, None)
            ring[region] = None
            if len(ring) > REGIONS:
                ring.popitem(last=False)


def recent(ring: Recent, known: Known, here: Surroundings) -> list[Candidate]:
    """The regions of a ring that the prompt does not show anyway."""
    found: list[Candidate] = []
    for path, row, done in ring.regions:
        rows = len(known.lines(path))
        start, end = max(0, row - REACH), min(rows - 1, row + REACH)
        if start > end or path == here.path:
            continue
        if not known.is_shown(here, path, start):
            found.append(Candidate(path, start, end, f"{done} recently"))
        if len(found) == FOUND:
            break
    return found
