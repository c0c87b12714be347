"""Candidates that the file's imports lead to: what they bring in, and what it offers."""

import re
from collections.abc import Sequence

from codeassist.engine.context.index import Place

from .known import FACADES, Known
from .model import Candidate
from .surroundings import Surroundings

__all__ = ["brought", "interfaces", "members", "statement_end"]

FOUND = 32
"""Candidates at the most, of a source."""

BOUND = 0.5
"""What counts for a definition that is imported by its name."""

STATEMENTS = 12
STATEMENT = 40
"""Rows of an import statement, at the most."""

PARTS = re.compile(r"[/.:\\]+")
"""What stands between the parts of a module's name; the last may be a file's ending."""

CLASSES = 8
"""Whose members are looked at."""


def brought(known: Known, here: Surroundings) -> list[Candidate]:
    """The file's own imports from the repository, where the prompt does not show them.

    They are the names that somebody meant to use here, in as few tokens as can be.
    """
    modules = set(map(_called, known.imported(here.path)))
    names = known.offered(here.path).keys() | modules
    found: list[tuple[float, Candidate]] = []
    for each in known.snapshot.imports_in(here.path):
        own = {name for name, _ in each.names} | set(PARTS.split(each.module)[-2:])
        if each.row in here.shown or names.isdisjoint(own):
            continue
        end = statement_end(here.lines, each.row)
        score = max(map(here.affinity, own))
        found.append((score, Candidate(here.path, each.row, end, "imports")))
    found.sort(key=lambda one: -one[0])
    return [candidate for _, candidate in found[:STATEMENTS]]


def interfaces(known: Known, here: Surroundings) -> list[Candidate]:
    """What imported files offer: what is imported by name, and akin to what is near."""
    bound = known.bound(here.path)
    scored = [
        (here.affinity(place.name) + BOUND * (place.name in bound), place)
        for places in known.offered(here.path).values()
        for place in places
        if not known.is_shown(here, place.path, place.start_row)
    ]
    scored.sort(key=lambda each: -each[0])
    return [
        _candidate(place, f"imported from {place.path}") for _, place in scored[:FOUND]
    ]


def members(known: Known, here: Surroundings) -> list[Candidate]:
    """Members of the imported classes, those first that are akin to what is near."""
    bound = known.bound(here.path)
    classes = [
        place
        for places in known.offered(here.path).values()
        for place in places
        if place.kind == "class" and (place.name in bound or place.name in here.names)
    ]
    classes.sort(key=lambda place: -here.names.get(place.name, 0.0))
    scored = [
        (here.affinity(each.name), each)
        for place in classes[:CLASSES]
        for each in known.members(place)
        if not known.is_shown(here, each.path, each.start_row)
    ]
    scored.sort(key=lambda each: -each[0])
    return [
        _candidate(place, f"member of what is imported, {place.name}")
        for score, place in scored[:FOUND]
        if score > 0
    ]


def _called(path: str) -> str:
    """What a file is called as a module: its own name, or its folder's."""
    folder, _, file = path.rpartition("/")
    name = file.partition(".")[0]
    return folder.rpartition("/")[2] if name in FACADES else name


def statement_end(lines: Sequence[str], start: int) -> int:
    """The last row of an import statement: where its brackets are closed."""
    open_ = 0
    for row in range(start, min(start + STATEMENT, len(lines))):
        line = lines[row]
        open_ += sum(map(line.count, "({")) - sum(map(line.count, ")}"))
        if open_ <= 0 and not line.rstrip().endswith("\\"):
            return row
    return start


def _candidate(place: Place, reason: str) -> Candidate:
    return Candidate(place.path, place.start_row, place.end_row, reason, place)
