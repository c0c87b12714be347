"""Candidates from files that belong together: test and implementation, siblings."""

import re
from functools import lru_cache

from codeassist.engine.context.outline import split

from .known import Known
from .model import Candidate
from .surroundings import Surroundings

__all__ = ["neighbours"]

TEST = re.compile(r"^tests?[-_.]|[-_.](tests?|spec)$|(?<=[a-z])(Tests?|Spec)$")
"""What a test's name has beside the name of what it tests."""

LINKED = 50
"""Files that import this one, among which its test is looked for."""

SIBLINGS, OF_EACH = 4, 4


def neighbours(known: Known, here: Surroundings) -> list[Candidate]:
    """Exported definitions of the other one of a pair, then of likely siblings."""
    name = _stem(here.path)
    linked = [
        *sorted(known.imported(here.path)),
        *known.snapshot.importers_of(here.path, LINKED),
    ]
    _, dot, last = here.path.rpartition(".")
    ending = dot + last
    siblings = [
        path for path in known.snapshot.siblings(here.path) if path.endswith(ending)
    ]
    pairs = [path for path in (*linked, *siblings) if _stem(path) == name]
    words = set(split(name))
    siblings.sort(key=lambda path: -len(words.intersection(split(_stem(path)))))
    likely = [path for path in siblings if words.intersection(split(_stem(path)))]
    return [
        Candidate(path, place.start_row, place.end_row, reason, place)
        for paths, reason in (
            (pairs, "test or tested"),
            (likely[:SIBLINGS], "sibling"),
        )
        for path in dict.fromkeys(paths)
        if path != here.path
        for place in known.offers(path)[:OF_EACH]
        if not known.is_shown(here, path, place.start_row)
    ]


@lru_cache(maxsize=1 << 14)
def _stem(path: str) -> str:
    """A file's name without ending, and without what makes it a test."""
    return TEST.sub("", path.rpartition("/")[2].partition(".")[0])
