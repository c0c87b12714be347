"""The index as it is at one moment: read by any thread without a lock.

Layers lie over each other. Where a file stands in several, the uppermost counts and
the others hide it; files with unsaved changes lie on top of all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from codeassist.engine.context.outline import Import

from .bm25 import best
from .model import Chunk, FileState, Place
from .segment import Segment
from .terms import Terms, are_among, term, terms

__all__ = ["Layer", "Snapshot"]

Mask = NDArray[np.bool_]

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Layer:
    """A segment, and which of its files do not count."""

    segment: Segment
    hidden: Mask
    """*Shape:* ``(files,)``."""

    name: str = ""
    """Of its file in the cache; empty: it is in memory alone."""

    @classmethod
    def whole(cls, segment: Segment, name: str = "") -> "Layer":
        """A layer that hides nothing."""
        return cls(segment, np.zeros(segment.files, bool), name)

    def without(self, paths: Terms) -> "Layer":
        """The layer with these files hidden; itself where it shows none of them."""
        hit = are_among(self.segment.path_terms, paths)
        if not (hit & ~self.hidden).any():
            return self
        return replace(self, hidden=self.hidden | hit)

    def shown(self, files: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some files that count."""
        return files[~self.hidden[files]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is known, at one moment. Changes make a new one."""

    layers: tuple[Layer, ...] = ()
    """Of files on disk, uppermost first."""

    buffers: Mapping[str, Layer] = field(default_factory=dict)
    """Of files with unsaved changes, by path."""

    views: tuple[Layer, ...] = ()
    """Buffers and layers, in which the buffers' files are hidden, too."""

    def files(self) -> Iterator[tuple[str, FileState]]:
        """Every file on disk, as it was when it was read."""
        for layer in self.layers:
            for file in np.flatnonzero(~layer.hidden).tolist():
                yield layer.segment.path(file), layer.segment.state(file)

    def with_layer(self, layer: Layer) -> "Snapshot":
        """With a new uppermost layer of files on disk."""
        fresh = layer.segment.path_terms
        below = (old.without(fresh) for old in self.layers)
        return _made((layer, *below), self.buffers)

    def without(self, paths: Iterable[str]) -> "Snapshot":
        """Without these files, which are no more on disk."""
        gone = terms(paths)
        return _made((layer.without(gone) for layer in self.layers), self.buffers)

    def with_name(self, layer: Layer, name: str) -> "Snapshot":
        """With the name of the file that a layer's segment was written to."""
        layers = (
            replace(own, name=name) if own.segment is layer.segment else own
            for own in self.layers
        )
        return _made(layers, self.buffers)

    def with_buffer(self, path: str, segment: Segment | None) -> "Snapshot":
        """With a file's unsaved text; None: as it is on disk again."""
        buffers = dict(self.buffers)
        buffers.pop(path, None)
        if segment is not None:
            buffers[path] = Layer.whole(segment)
        return _made(self.layers, buffers)

    def find(self, path: str) -> tuple[Segment, int] | None:
        """The segment and number of a file."""
        if path in self.buffers:
            return self.buffers[path].segment, 0
        return self.on_disk(path)

    def on_disk(self, path: str) -> tuple[Segment, int] | None:
        """As `find`, without what is unsaved."""
        for layer in self.layers:
            for file in layer.segment.numbers_of(path):
                if not layer.hidden[file]:
                    return layer.segment, file
        return None

    def definitions(self, name: str, limit: int = LIMIT) -> list[Place]:
        """Where a name is defined."""
        wanted = term(name)
        found: list[Place] = []
        for view in self.views:
            rows = np.flatnonzero(view.segment.columns["definition_term"] == wanted)
            files = view.segment.files_of("definition", rows)
            for row, file in zip(rows.tolist(), files.tolist(), strict=True):
                if not view.hidden[file]:
                    found.append(view.segment.place(file, row))
                    if len(found) == limit:
                        return found
        return found

    def definitions_in(self, path: str) -> list[Place]:
        """All that a file defines, in its order."""
        found = self.find(path)
        if found is None:
            return []
        segment, file = found
        return [
            segment.place(file, d) for d in range(*segment.span("definition", file))
        ]

    def imports_in(self, path: str) -> list[Import]:
        """A file's import statements."""
        found = self.find(path)
        return [] if found is None else found[0].imports(found[1])

    def importers_of(self, path: str, limit: int = LIMIT) -> list[str]:
        """Files that import a file."""
        wanted = term(path)
        found: list[str] = []
        for view in self.views:
            rows = np.flatnonzero(view.segment.columns["edge_term"] == wanted)
            files = view.shown(view.segment.files_of("edge", rows))
            found += map(view.segment.path, files[: limit - len(found)].tolist())
        return found

    def imports_of(self, path: str) -> list[str]:
        """Files that a file imports, among those that are known."""
        found = self.find(path)
        if found is None:
            return []
        edges = found[0].edges(found[1])
        paths: list[str] = []
        for view in self.views:
            files = np.flatnonzero(are_among(view.segment.path_terms, edges))
            paths += map(view.segment.path, view.shown(files).tolist())
        return paths

    def references(self, name: str, limit: int = LIMIT) -> list[Chunk]:
        """Stretches of files in which a name occurs, definitions included."""
        found: list[Chunk] = []
        for view in self.views:
            names = view.segment.names
            for _, begin, end in names.find(terms([name])):
                chunks = names.chunks[begin:end]
                files = view.segment.files_of("chunk", chunks)
                kept = chunks[~view.hidden[files]][: limit - len(found)]
                found += map(view.segment.chunk, kept.tolist())
        return found

    def similar(
        self, words: Mapping[str, float], limit: int = 10, exclude: Iterable[str] = ()
    ) -> list[Chunk]:
        """The stretches of files that share most with some words, by BM25.

        Args:
            words: In lower case, as `outline.split` gives them, with their weight.
            limit: Chunks at the most.
            exclude: Paths of files that do not count.
        """
        left = terms(exclude)
        views = [(v.segment, v.without(left).hidden) for v in self.views]
        weights = np.fromiter(words.values(), np.float32, len(words))
        ranked = best(views, terms(words), weights, limit)
        return [segment.chunk(chunk, score) for segment, chunk, score in ranked]

    def siblings(self, path: str, limit: int = LIMIT) -> list[str]:
        """Other files of the same folder, in order."""
        folder = path.rpartition("/")[0]
        found = set()
        for view in self.views:
            rows = np.flatnonzero(view.segment.columns["folder_term"] == term(folder))
            found |= set(map(view.segment.path, view.shown(rows).tolist()))
        return sorted(found - {path})[:limit]


def _made(layers: Iterable[Layer], buffers: Mapping[str, Layer]) -> Snapshot:
    left = tuple(layer for layer in layers if not layer.hidden.all())
    unsaved = terms(buffers)
    seen = (layer.without(unsaved) for layer in left)
    return Snapshot(left, buffers, (*buffers.values(), *seen))
