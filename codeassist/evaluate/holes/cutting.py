"""Cut holes into the files of a repository, the same ones for the same seed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeVar

from tqdm import tqdm

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole
from codeassist.grammars import NAMES
from codeassist.languages import of_path

from .duplicates import tag_duplicates
from .history import added_lines
from .places import KINDS, places
from .repository import Repository, Source
from .syntax import Range

__all__ = ["KINDS", "Cutting", "cut", "hole_at"]

T = TypeVar("T")
SLOW_S = 2.0
"""After which a progress bar is shown."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """Which holes are wanted; equal ones give equal holes in equal files."""

    n: int = 200
    """Of holes in all, shared evenly among kinds and languages."""

    seed: int = 0
    kinds: tuple[str, ...] = KINDS
    languages: tuple[str, ...] = NAMES
    since: str = ""
    """Hash of a commit: only lines that were added after it."""


@dataclass(frozen=True, slots=True)
class _Cut:
    source: Source
    kind: str
    place: Range


def cut(repository: Repository, cutting: Cutting) -> list[Hole]:
    """Cut holes, round robin over kinds and languages, then over files.

    So each beginning of the list is as mixed as the whole. Where a file could be cut
    depends on the seed, its path and its text, not on other files. Where there are
    fewer than ``n`` places, all are given.

    Raises:
        InputError: there is no place to cut, or no such kind or language.
    """
    _check(cutting)
    strata = _strata(repository, cutting)
    order = sorted(strata, key=lambda stratum: _digest(cutting.seed, *stratum))
    cuts = list(_in_turn(strata[stratum] for stratum in order))
    if not cuts:
        raise InputError(_nothing(repository, cutting))
    holes = [
        hole_at(found.source, found.kind, found.place, repository.name)
        for found in cuts[: cutting.n]
    ]
    files = repository.files(cutting.since)
    return tag_duplicates(holes, _watched(files, "looking for duplicates"))


def hole_at(source: Source, kind: str, place: Range, origin: str) -> Hole:
    """The hole of a kind at a place, in bytes of the file's UTF-8 text."""
    text = source.text.encode()
    start, end = place
    middle = text[start:end].decode()
    several = "\n" in middle
    return Hole(
        id=_digest(source.path, source.sha256, kind, start, end)[:12],
        path=source.path,
        language=source.language,
        kind=kind,
        prefix=text[:start].decode(),
        suffix=text[end:].decode(),
        middle=middle,
        lines="block" if kind == "block" else "auto" if several else "one",
        origin=origin,
    )


def _check(cutting: Cutting) -> None:
    for what, named, known in (
        ("kind", cutting.kinds, KINDS),
        ("language", cutting.languages, NAMES),
    ):
        if unknown := sorted(set(named) - set(known)):
            msg = f"no {what} {unknown[0]!r}; there are {', '.join(known)}"
            raise InputError(msg)
    if cutting.n < 1:
        msg = f"{cutting.n} holes cannot be cut; ask for one at least"
        raise InputError(msg)


def _nothing(repository: Repository, cutting: Cutting) -> str:
    where = f"{repository.root} has no place for a hole"
    if cutting.since:
        return f"{where} in lines added after {cutting.since[:12]}; go further back"
    return f"{where} in any source file of {', '.join(cutting.languages)}; name another"


def _strata(
    repository: Repository, cutting: Cutting
) -> dict[tuple[str, str], list[_Cut]]:
    """Cuts of each language and kind: the first of each file, the second, and so on.

    Of a language no more files are cut than holes are wanted.
    """
    added = added_lines(repository.root, cutting.since) if cutting.since else None
    cut_files: defaultdict[str, int] = defaultdict(int)
    by_file: defaultdict[tuple[str, str], dict[str, list[_Cut]]] = defaultdict(dict)
    for path in _watched(_chosen(repository, cutting, added), "cutting"):
        language = of_path(path).name
        if cut_files[language] >= cutting.n or not (source := repository.source(path)):
            continue
        found = places(
            source.text.encode(),
            language,
            seed=f"{cutting.seed} {path} {source.sha256}",
            kinds=cutting.kinds,
            rows=added[path] if added is not None else None,
        )
        cut_files[language] += any(found.values())
        for kind, ranges in found.items():
            by_file[language, kind][path] = [_Cut(source, kind, at) for at in ranges]
    return {
        (language, kind): list(
            _in_turn(
                files[path]
                for path in sorted(files, key=lambda p: _digest(cutting.seed, kind, p))
            )
        )
        for (language, kind), files in by_file.items()
    }


def _chosen(
    repository: Repository, cutting: Cutting, added: Mapping[str, object] | None
) -> list[str]:
    """Paths in the wanted languages, in an order drawn with the seed."""
    paths = repository.paths if added is None else repository.paths & added.keys()
    wanted = (path for path in paths if of_path(path).name in cutting.languages)
    return sorted(wanted, key=lambda path: _digest(cutting.seed, path))


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def _in_turn(lists: Iterable[list[T]]) -> Iterator[T]:
    """The first of each list, the second of each, and so on."""
    turns = zip_longest(*lists)
    return (item for item in chain.from_iterable(turns) if item is not None)


def _watched(items: Iterable[T], what: str) -> Iterable[T]:
    """The same items, with a progress bar where they take long."""
    return tqdm(items, what, unit=" files", delay=SLOW_S, leave=False, disable=None)
