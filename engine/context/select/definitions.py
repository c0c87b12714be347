"""Candidates that define the names around the cursor."""

from itertools import islice

from codeassist.engine.context.index import Place

from .known import Known, extends
from .model import Candidate
from .surroundings import Surroundings

__all__ = ["definitions"]

NAMES = 40
"""Names around the cursor that are looked up."""

COMMON = 12
"""Definitions above which a name tells nothing."""

FOUND = 24
"""Candidates at the most."""

MANY = 60
"""Definitions that are read where some tell nothing."""

REACHED, ELSEWHERE = 1.0, 0.25
"""What a definition is worth in a file that this one imports, and in another."""

WORTH = {"field": 0.2, "constant": 0.6}
"""Of a definition's kind; all others 1."""


def definitions(known: Known, here: Surroundings) -> list[Candidate]:
    """Definitions of the names around the cursor, best first.

    By how near the name is, and how few other definitions it has; what this file
    imports counts more. A name that an import brings in means nothing else.
    """
    bound = known.bound(here.path)
    scored: list[tuple[float, Place]] = []
    for name, weight in islice(here.names.items(), NAMES):
        places = _meant(known, name)
        if len(places) > COMMON:
            continue
        scored += [
            (weight * _worth(known, here, place) / len(places), place)
            for place in places
            if not known.is_shown(here, place.path, place.start_row)
            and (name not in bound or known.reaches(here.path, place.path))
        ]
    scored.sort(key=lambda each: -each[0])
    return [_candidate(place) for _, place in scored[:FOUND]]


def _meant(known: Known, name: str) -> list[Place]:
    """What a name may mean: of a class neither its constructors nor what extends it."""
    meant: list[Place] = []
    for limit in (COMMON + 1, MANY):
        places = known.snapshot.definitions(name, limit)
        typed = {place.path for place in places if place.kind in ("class", "type")}
        meant = [
            place
            for place in places
            if not (place.kind == "method" and place.path in typed)
            and not extends(place)
        ]
        if len(places) < limit or len(meant) > COMMON:
            break
    return meant


def _worth(known: Known, here: Surroundings, place: Place) -> float:
    near = place.path == here.path or known.reaches(here.path, place.path)
    return WORTH.get(place.kind, 1.0) * (REACHED if near else ELSEWHERE)


def _candidate(place: Place) -> Candidate:
    return Candidate(
        path=place.path,
        start_row=place.start_row,
        end_row=place.end_row,
        reason=f"defines {place.name}",
        place=place,
    )
