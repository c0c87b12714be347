"""The index at one moment, for one request: lines and outlines of files, read once."""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeVar

import numpy as np

from codeassist.engine.context.index import Place, RepositoryIndex
from codeassist.engine.context.index.segment import KINDS, Segment
from codeassist.ignore import contents, is_secret

from .surroundings import Surroundings

__all__ = ["FACADES", "Known", "Reading", "extends"]

FILES = 256
"""Files whose lines and outlines are kept from one request to the next."""

OFFERS = 400
"""Definitions of a file that are read, where all of them are asked for."""

MEMBERS = 200
"""Of a definition."""

MODULES = 24
"""Imported files whose interface is read."""

LARGEST = 20_000
"""Rows of a file that is read; nobody wants a part of a larger one."""

FACADES = frozenset({"__init__", "index", "lib", "mod"})
"""Names of files that hand on what others of their folder define."""

MODULE = KINDS.index("module")
NAMED = [KINDS.index(kind) for kind in ("class", "type", "function", "constant")]
"""What of a namespace is named by itself."""

IMPL = re.compile(r"(?:unsafe |default )?impl\b")
EXTENSION = re.compile(
    r"(?:unsafe |default )?impl\b[^{]* for\s|(?:\w+ )?extension [\w.]+\s*:"
)

Lines = Sequence[str]
Found = tuple[Segment, int]
K = TypeVar("K")
V = TypeVar("V")


class Reading:
    """What was read of an index's files, until they change.

    Args:
        index: Of the repository.
    """

    def __init__(self, index: RepositoryIndex) -> None:
        self.index = index
        self.lines: OrderedDict[Found, Lines] = OrderedDict()
        self.offers: OrderedDict[Found, list[Place]] = OrderedDict()
        self.members: OrderedDict[tuple[Segment, int, int], list[Place]] = OrderedDict()

    def now(self) -> "Known":
        """What is known at this moment."""
        _limit(self.lines)
        _limit(self.offers)
        _limit(self.members)
        return Known(self)


class Known:
    """The index as it is at one moment, as the sources ask it.

    Args:
        reading: What is kept from one request to the next.
    """

    def __init__(self, reading: Reading) -> None:
        self.snapshot = reading.index.snapshot
        self._reading = reading
        self._find = lru_cache(maxsize=None)(self._look_up)
        self.imported = lru_cache(maxsize=None)(self._imported)
        self.offered = lru_cache(maxsize=None)(self._offered)
        self.packages = lru_cache(maxsize=None)(self._packages)

    def lines(self, path: str) -> Lines:
        """The lines of a file as it was indexed; none of one that is gone or huge.

        Nor of one with a private key: any of its rows may be a part of that.
        """
        found = self._find(path)
        if found is None:
            return ()
        kept = self._reading.lines.get(found)
        if kept is None:
            text = self._reading.index.text(path, 0, LARGEST) or ""
            hidden = contents.has_private_key(text)
            kept = [] if hidden else [line.rstrip("\r") for line in text.split("\n")]
            if path not in self.snapshot.buffers:  # those change at once
                self._reading.lines[found] = kept
        return kept

    def offers(self, path: str) -> list[Place]:
        """What a file defines for others at its top and in its namespaces."""
        found = self._find(path)
        if found is None:
            return []
        kept = self._reading.offers.get(found)
        if kept is None:
            kept = list(islice(_open(*found), OFFERS))
            self._reading.offers[found] = kept
        return kept

    def owner(self, place: Place) -> Place | None:
        """The definition around another."""
        found = self._find(place.path)
        if found is None or place.parent < 0:
            return None
        segment, file = found
        begin, end = segment.span("definition", file)
        number = begin + place.parent
        return segment.place(file, number) if number < end else None

    def members(self, place: Place) -> list[Place]:
        """What stands right inside of a definition, the first of it."""
        found = self._find(place.path)
        if found is None:
            return []
        segment, file = found
        kept = self._reading.members.get((segment, file, place.start_row))
        if kept is None:
            kept = _inside(segment, file, place.start_row)
            self._reading.members[segment, file, place.start_row] = kept
        return kept

    @staticmethod
    def is_shown(here: Surroundings, path: str, row: int) -> bool:
        """Whether the prompt has this row anyway, or must not have it."""
        return (path == here.path and row in here.shown) or _is_secret(path)

    def _look_up(self, path: str) -> Found | None:
        found = self.snapshot.find(path)
        return None if found is None or found[0].rows(found[1]) > LARGEST else found

    def reaches(self, path: str, other: str) -> bool:
        """Whether a file imports another, or the package that the other is part of."""
        files = self.imported(path)
        return other in files or any(
            other.startswith(folder) for folder in self.packages(path)
        )

    def bound(self, path: str) -> frozenset[str]:
        """Names that a file's import statements bring in."""
        return frozenset(
            bound
            for found in self.snapshot.imports_in(path)
            for bound in (
                *(alias or name for name, alias in found.names),
                *(() if found.names else (found.module.partition(".")[0],)),
            )
        )

    def _imported(self, path: str) -> frozenset[str]:
        """Files of the repository that a file imports."""
        return frozenset(self.snapshot.imports_of(path)) - {path}

    def _offered(self, path: str) -> dict[str, list[Place]]:
        """What the files that a file imports define at their top, by name."""
        found: dict[str, list[Place]] = {}
        for each in sorted(self.imported(path))[:MODULES]:
            for place in self.offers(each):
                found.setdefault(place.name, []).append(place)
        return found

    def _packages(self, path: str) -> tuple[str, ...]:
        """Folders of those that stand for all of their folder."""
        parted = (file.rpartition("/") for file in self.imported(path))
        return tuple(
            f"{folder}/"
            for folder, _, name in parted
            if folder and name.partition(".")[0] in FACADES
        )


def extends(place: Place) -> bool:
    """Whether it only adds a trait or protocol to a type that is defined elsewhere."""
    return EXTENSION.match(place.signature) is not None


def _open(segment: Segment, file: int) -> Iterator[Place]:
    """What others can name of a file, its namespaces behind what is in them."""
    begin, end = segment.span("definition", file)
    parent, kind, exported = (
        segment.columns[name][begin:end] for name in ("parent", "kind", "exported")
    )
    around = {-1}
    for number in np.flatnonzero((kind == MODULE) & (exported == 1)).tolist():
        if int(parent[number]) in around:
            signature = segment.place(file, begin + number).signature
            around |= set() if IMPL.match(signature) else {number}
    named = np.isin(parent, list(around)) & ((parent == -1) | np.isin(kind, NAMED))
    mine = np.flatnonzero(named & (exported == 1))
    for number in mine[np.argsort(kind[mine] == MODULE, kind="stable")].tolist():
        if not extends(place := segment.place(file, begin + number)):
            yield place


def _inside(segment: Segment, file: int, row: int) -> list[Place]:
    """What stands right inside of the definition that begins in a row.

    Of several the one with most in it: `typedef struct node { … } node_t` has two.
    """
    begin, end = segment.span("definition", file)
    rows = segment.columns["first_row"][begin:end]
    parents = segment.columns["parent"][begin:end]
    sizes = np.bincount(parents[parents != -1], minlength=end - begin)
    fullest = max(np.flatnonzero(rows == row)[::-1], key=sizes.item, default=-2)
    of = [fullest, *_impls(segment, file, fullest)]
    inside = np.flatnonzero(np.isin(parents, of))
    return [segment.place(file, begin + n) for n in inside[:MEMBERS].tolist()]


def _impls(segment: Segment, file: int, number: int) -> list[int]:
    """Rust's blocks in which methods of a definition of the file stand."""
    begin, end = segment.span("definition", file)
    kinds = segment.columns["kind"][begin:end]
    if number < 0 or not (kinds == MODULE).any():
        return []
    terms = segment.columns["definition_term"][begin:end]
    found = np.flatnonzero((kinds == MODULE) & (terms == terms[number])).tolist()
    return [n for n in found if IMPL.match(segment.place(file, begin + n).signature)]


def _limit(kept: OrderedDict[K, V]) -> None:
    while len(kept) > FILES:
        kept.popitem(last=False)


_is_secret = lru_cache(maxsize=8192)(is_secret)
