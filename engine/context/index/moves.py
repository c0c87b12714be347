"""Files that moved, and imports that mean another file since: nothing is parsed anew."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from codeassist.engine.context.outline.keywords import KEYWORDS
from codeassist.languages import of_path

from .building import Resolve, content_of, targets_of
from .model import FileState
from .segment import Segment, rewired, select
from .snapshot import Layer, Snapshot
from .terms import Terms, terms
from .workers import read_source

__all__ = ["moved", "rewire"]

NAMELESS = frozenset({"__init__", "__main__", "index", "main", "mod", "lib"})
"""Stems of files that are imported by their folder's name."""

NAME = re.compile(r"(?<!\w)[^\W\d]\w+")
"""What can be looked up of a file's or a folder's name."""


def moved(
    snapshot: Snapshot,
    root: Path,
    added: Sequence[str],
    gone: Sequence[str],
    resolve: Resolve,
) -> tuple[list[Segment], list[str]]:
    """What is known of files that are gone, for those that took their place.

    Args:
        snapshot: That still knows the files that are gone.
        root: The repository's folder.
        added: Paths of new files.
        gone: Paths of files that are no more.
        resolve: For the imports, which may mean other files from here.

    Returns:
        Segments under the new paths, and the new paths in them.
    """
    left: defaultdict[tuple[int, str], list[tuple[Segment, int]]] = defaultdict(list)
    for path in gone:
        place = snapshot.on_disk(path)
        if place is not None:
            content = int(place[0].columns["content"][place[1]])
            left[content, PurePosixPath(path).suffix].append(place)
    rows: dict[int, list[tuple[Segment, int, str, FileState]]] = {}
    for path in added if left else ():
        source = read_source(root, path)
        if source is not None:
            key = content_of(source.data), PurePosixPath(path).suffix
            if left[key]:
                segment, file = left[key].pop()
                entry = segment, file, path, source.state
                rows.setdefault(id(segment), []).append(entry)
    taken = [path for own in rows.values() for _, _, path, _ in own]
    return [_rewritten(own, resolve) for own in rows.values()], taken


def rewire(
    snapshot: Snapshot, paths: Iterable[str] | None, resolve: Resolve
) -> list[Segment]:
    """Files whose imports mean other files, since these came or went.

    Only files are looked at in which the name of one of the paths occurs.

    Args:
        snapshot: That knows the files' imports.
        paths: None: any import may mean another file.
        resolve: What the imports mean now.
    """
    names = None if paths is None else _names(paths)
    segments = []
    for layer in snapshot.layers:
        own = []
        for file in _all(layer) if names is None else _mentioning(layer, names):
            path = layer.segment.path(file)
            targets = targets_of(path, layer.segment.imports(file), resolve)
            if not np.array_equal(terms(targets), layer.segment.edges(file)):
                own.append((layer.segment, file, path, layer.segment.state(file)))
        if own:
            segments.append(_rewritten(own, resolve))
    return segments


def _all(layer: Layer) -> list[int]:
    shown: list[int] = np.flatnonzero(~layer.hidden).tolist()
    return shown


def _mentioning(layer: Layer, names: Terms) -> list[int]:
    postings = layer.segment.names
    spans = [postings.chunks[begin:end] for _, begin, end in postings.find(names)]
    if not spans:
        return []
    of_spans = layer.segment.files_of("chunk", np.concatenate(spans))
    files = np.flatnonzero(np.bincount(of_spans))
    shown: list[int] = layer.shown(files).tolist()
    return shown


def _names(paths: Iterable[str]) -> Terms | None:
    """By which names others may import files; None: one has none to be looked up."""
    names = set()
    for path in paths:
        pure = PurePosixPath(path)
        stem = pure.name.lstrip(".").partition(".")[0]
        folder, language = pure.parent.name, of_path(path).name
        own = _longest(folder if stem in NAMELESS else stem, language)
        if not own:
            return None
        names |= {own, _longest(folder, language)}
    return terms(names)


def _longest(name: str, language: str) -> str:
    """Of ``user-card`` what names its importers must have: the longest of its words."""
    keywords = KEYWORDS.get(language, frozenset())
    words = (word for word in NAME.findall(name) if word.encode() not in keywords)
    return max(words, key=len, default="")


def _rewritten(
    rows: Sequence[tuple[Segment, int, str, FileState]], resolve: Resolve
) -> Segment:
    segment = rows[0][0]
    paths = [path for _, _, path, _ in rows]
    targets = [
        targets_of(path, segment.imports(file), resolve) for _, file, path, _ in rows
    ]
    files = np.array([file for _, file, _, _ in rows], np.int64)
    columns = select(segment, files)
    return Segment(rewired(columns, paths, targets, [state for *_, state in rows]))
