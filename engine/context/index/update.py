"""From what is on disk to the snapshot: compare, build, merge, keep."""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np

from codeassist.engine.context.outline.resolve import is_config
from codeassist.ignore import IGNORE_FILE, Found, Rules

from .columns import pack
from .current import Current
from .graph import Graph
from .model import FileState, Progress
from .moves import moved, rewire
from .readers import Reader
from .scan import Difference, Tree, compare, look_at, survey
from .segment import Segment, join, select
from .snapshot import Layer
from .store import Store, open_segment, write_block
from .workers import Built, Workers, read_source

__all__ = ["Update", "batches"]

BATCH_BYTES = 1_000_000
"""Of source that one worker turns into one segment: a third of a second."""

FEW_BYTES = 100_000
"""So little is read at once: a pool would take longer to start."""

MUCH_BYTES = 1_000_000
"""So much is certainly for the workers, also where half of it is left out."""

MOST_PATHS = 1000
"""More paths than these are looked for by a walk over the whole tree."""

MOST_LAYERS = 8
"""Above it, segments are merged: each costs every query some microseconds."""

SAVE_SECONDS = 5.0
"""Between two saves while much is read."""

log = logging.getLogger(__name__)


class Update:
    """Does one scan after the other.

    Args:
        root: The repository's folder.
        current: Where the result goes.
        store: Where segments are kept; None: in memory alone.
        processes: That read files; 0: one for each core.
        reader: Builds segments of few files.
        told: Called with the progress of each scan, in the thread that scans.
        renewed: Called there when `allows` and `graph` know all files anew.
    """

    def __init__(
        self,
        root: Path,
        current: Current,
        store: Store | None,
        processes: int,
        reader: Reader,
        told: Callable[[Progress], None],
        renewed: Callable[[], None],
    ) -> None:
        self.graph = Graph()
        self.stopping = threading.Event()
        self._root = root
        self._current = current
        self._store = store
        self._processes = processes or os.cpu_count() or 1
        self._told = told
        self._renewed = renewed
        self._tree = Tree({}, {})
        self._configs = ""
        self._written: set[str] = set()
        self._rules = Rules(root)
        self._reader = reader
        self._workers = Workers(root, None, 0)

    def load(self) -> None:
        """Begin with what an earlier run left."""
        if self._store is not None:
            kept, self._configs = self._store.load()
            for name, segment in reversed(kept):
                self._add(Layer.whole(segment, name))

    def allows(self, path: str) -> bool:
        """Whether a file may be read, by the rules of the last look at all files."""
        return self._rules.allows(path)

    def scan(self, paths: frozenset[str] | None) -> None:
        """Look at some paths, or at all there are, and take in what changed."""
        if paths is not None and (len(paths) > MOST_PATHS or any(map(_rules, paths))):
            paths = None
        folder = None if self._store is None else self._store.folder
        files = 0
        try:
            with Workers(self._root, folder, self._processes) as self._workers:
                files = self._scan(paths)
        finally:
            if not self.stopping.is_set():
                self._told(Progress(files, files, finished=True))

    def _scan(self, paths: frozenset[str] | None) -> int:
        """As `scan`; the number of files that were looked at."""
        found, known = self._survey() if paths is None else self._look_at(paths)
        difference = compare(known, found)
        configs = self._configs
        if paths is None:
            configs = self.graph.renew(tuple(self._tree.files), self._tree.configs)
            self._renewed()
        else:
            self.graph.shift(difference.added, difference.gone)
        if not difference.is_empty or configs != self._configs:
            self._apply(difference, found, configs)
            self._keep()
        return len(found)

    def _survey(self) -> tuple[Mapping[str, FileState], Mapping[str, FileState]]:
        """All files that there are, and all that are known."""
        self._told(Progress(0, 0, finished=False))
        self._rules = Rules(self._root)
        self._tree = survey(self._root, self._walk())
        return self._tree.files, dict(self._current.snapshot.files())

    def _walk(self) -> Iterator[Found]:
        """All files; where all are new, and many, the workers start meanwhile."""
        may_start, size = not self._current.snapshot.layers, 0
        for found in self._rules.walk():
            yield found
            size += found.stat.st_size
            if may_start and size > MUCH_BYTES:
                self._workers.start()
                may_start = False

    def _look_at(
        self, paths: frozenset[str]
    ) -> tuple[Mapping[str, FileState], Mapping[str, FileState]]:
        """Those of the paths that are files now, and those that were known."""
        found = look_at(self._rules, paths).files
        known = {}
        for path in paths:
            place = self._current.snapshot.on_disk(path)
            if place is not None:
                known[path] = place[0].state(place[1])
            self._tree.files.pop(path, None)
        self._tree.files.update(found)
        return found, known

    def _apply(
        self, difference: Difference, found: Mapping[str, FileState], configs: str
    ) -> None:
        resolve = self.graph.resolve
        before = self._current.snapshot
        added, gone = difference.added, difference.gone
        segments, taken = moved(before, self._root, added, gone, resolve)
        for segment in segments:
            self._add(Layer.whole(segment))
        if gone:
            self._current.change(lambda s: s.without(gone))
        shifted = None if configs != self._configs else [*added, *gone]
        if before.layers and shifted != []:
            for segment in rewire(self._current.snapshot, shifted, resolve):
                self._add(Layer.whole(segment))
        self._configs = configs
        moved_here = frozenset(taken)
        new = (path for path in (*added, *difference.changed) if path not in moved_here)
        self._read(by_folder(new), found)

    def _read(self, paths: Sequence[str], found: Mapping[str, FileState]) -> None:
        few = sum(found[path][1] for path in paths) <= FEW_BYTES
        if not few or not self._read_at_once(paths):
            self._read_by_workers(paths, found)

    def _read_at_once(self, paths: Sequence[str]) -> bool:
        """Read some files; whether that could be done."""
        read = [file for path in paths if (file := read_source(self._root, path))]
        if read:
            try:
                segment = self._reader.read(read, self.graph.resolve)
            except BrokenProcessPool:  # workers find out which file it was
                return False
            self._add(Layer.whole(segment))
        return True

    def _read_by_workers(
        self, paths: Sequence[str], found: Mapping[str, FileState]
    ) -> None:
        done, saved = 0, time.monotonic()
        parts = batches(paths, lambda path: found[path][1])
        self._workers.know(tuple(self._tree.files), self._tree.configs)
        for built in self._workers.build(parts, self.stopping):
            self._add_built(built)
            if time.monotonic() > saved + SAVE_SECONDS:
                self._save()  # so that a crash loses little
                saved = time.monotonic()
            done += built.files
            self._told(Progress(done, len(paths), finished=False))
        self._merge()

    def _merge(self) -> None:
        """Make few segments of all that are written, in the workers.

        To make one would keep one worker busy while the others have nothing to do.
        """
        layers = self._current.snapshot.layers
        if len(layers) < 2 or self.stopping.is_set():
            return
        if all(layer.name for layer in layers):
            parts = [(layer.name, _shown(layer).tolist()) for layer in layers]
            most = min(self._processes, MOST_LAYERS // 2, len(parts) // MOST_LAYERS)
            size = -(-len(parts) // max(most, 1))
            groups = [parts[at : at + size] for at in range(0, len(parts), size)]
            for built in self._workers.merge(groups):
                self._add_built(built)

    def _keep(self) -> None:
        """Merge what became too many, and write what is in memory alone."""
        layers = self._current.snapshot.layers
        if len(layers) > MOST_LAYERS:
            largest = max(layers, key=lambda layer: layer.segment.files)
            small = [layer for layer in layers if layer is not largest]
            columns = join([select(la.segment, _shown(la)) for la in small])
            self._add(Layer.whole(Segment(columns)))
        if self._store is None or self.stopping.is_set():
            return
        for layer in self._current.snapshot.layers:
            if not layer.name:
                block = pack(layer.segment.columns)
                self._take_name(layer, write_block(self._store.folder, block))
        self._save()

    def _save(self) -> None:
        """Name what is written in the manifest; delete what was merged since."""
        if self._store is not None:
            layers = self._current.snapshot.layers
            named = [la.name for la in layers if la.name]
            # what is in memory alone may be the imports as they are resolved now
            self._store.save(named, self._configs if len(named) == len(layers) else "")
            self._store.remove(self._written.difference(named))
            self._written.intersection_update(named)

    def _take_name(self, layer: Layer, name: str) -> None:
        self._written.add(name)
        self._current.change(lambda s: s.with_name(layer, name))

    def _add(self, layer: Layer) -> None:
        self._current.change(lambda s: s.with_layer(layer))

    def _add_built(self, built: Built) -> None:
        segment = None
        if built.name and self._store is not None:
            segment = open_segment(self._store.folder / built.name, check=False)
        elif built.block:
            segment = Segment.of_block(built.block)
        if segment is not None and segment.files:
            self._written.add(built.name)
            self._add(Layer.whole(segment, built.name))


def _shown(layer: Layer) -> "np.typing.NDArray[np.int64]":
    return np.flatnonzero(~layer.hidden)


def _rules(path: str) -> bool:
    """Whether a change of this file may change what everything means."""
    return path.rpartition("/")[2] in {".gitignore", IGNORE_FILE} or is_config(path)


def by_folder(paths: Iterable[str]) -> list[str]:
    """Paths in order, a folder's files together.

    Sorting many thousand strings in one go would keep the interpreter's lock all the
    time.
    """
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        folders[path.rpartition("/")[0]].append(path)
    return [path for folder in sorted(folders) for path in sorted(folders[folder])]


def batches(
    paths: Sequence[str], size_of: Callable[[str], int]
) -> Iterator[Sequence[str]]:
    """Cut a list of files into parts for the workers; neighbours stay together.

    Args:
        paths: In an order in which neighbours have much in common.
        size_of: Bytes of a file.
    """
    batch: list[str] = []
    size = 0
    for path in paths:
        batch.append(path)
        size += size_of(path)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
