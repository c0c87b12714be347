"""How much of a candidate is shown: a signature, an outline, or all of it."""

from collections.abc import Sequence
from itertools import chain

from codeassist.engine.context.index import Place

from .known import Known
from .model import Candidate

__all__ = ["forms"]

WHOLE = 60
"""Rows of a definition up to which it may be shown whole."""

WINDOW = 5
"""Rows above and below the densest one, where a stretch is too long."""

SIGNATURE = 12
"""Rows of a signature."""

DECORATORS = 12

Rows = tuple[int, ...]


def forms(candidate: Candidate, lines: Sequence[str], known: Known) -> list[Rows]:
    """The rows that may stand for a candidate, the shortest form first, all of it last.

    Args:
        candidate: What is to be shown.
        lines: Of its file.
        known: Says what stands in a class, and around a method.
    """
    last = min(candidate.end_row, len(lines) - 1)
    whole = tuple(range(candidate.start_row, last + 1))
    place = candidate.place
    if place is None:
        return [_window(candidate, lines, whole), whole]
    around = known.owner(place)
    owner = _signature(around, lines) if around else ()
    brief = (*owner, *_signature(place, lines))
    found = [brief]
    if place.kind == "class":
        members = (_signature(each, lines) for each in known.members(place))
        found.append(tuple(sorted({*brief, *chain.from_iterable(members)})))
    found.append((*owner, *whole) if len(whole) <= WHOLE else found[-1])
    return found


def _signature(place: Place, lines: Sequence[str]) -> Rows:
    """The rows of a definition's signature, behind its decorators."""
    first, *rest = place.signature.split("\n")
    start = place.start_row
    for row in range(start, min(start + DECORATORS, place.end_row + 1, len(lines))):
        if first and lines[row].strip().startswith(first.strip()):
            start = row
            break
    end = min(start + min(len(rest), SIGNATURE), place.end_row, len(lines) - 1)
    return tuple(range(start, end + 1))


def _window(candidate: Candidate, lines: Sequence[str], whole: Rows) -> Rows:
    """The rows around the one that has most of the names looked for."""
    if not candidate.focus:
        return whole
    densest = max(
        whole,
        key=lambda row: sum(name in lines[row] for name in candidate.focus),
        default=candidate.start_row,
    )
    return tuple(row for row in whole if abs(row - densest) <= WINDOW)
