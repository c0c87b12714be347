"""Processes of low priority that read files and build segments of them."""

import gc
import json
import logging
import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

import numpy as np
import psutil

from codeassist.engine.context.outline.resolve import Resolver
from codeassist.parent import end_with_parent

from .building import Builder, SourceFile
from .columns import pack
from .segment import join, select
from .store import open_segment, write_block

__all__ = ["Built", "Workers", "lower_priority", "read_source"]

NICE = 10

SEPARATOR = "\0"
AT_ONCE = 1000
"""Paths."""

COLLECTED = 100_000
"""Objects between two garbage collections: a batch makes many, and few in circles."""

MOST_FAILURES = 64
"""A file that kills its worker costs about ten."""

Part = tuple[str, list[int]]
"""Name of a segment's file, and the numbers of its files that count."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What a worker made of some files."""

    name: str
    """Of the segment's file; empty: `block` holds it."""

    block: bytes
    files: int
    """That were asked for; those that vanished are not in the segment."""


class Workers:
    """A pool that builds segments; it starts when it is told to, or first used.

    Args:
        root: The repository's folder.
        folder: Where segments are written; None: they are handed over in memory.
        count: Processes.
    """

    def __init__(self, root: Path, folder: Path | None, count: int) -> None:
        self._place = (root, folder)
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        self._tree = Path()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(wait=True)  # the interpreter's own end must not meet theirs
        if self._tree.name:
            self._tree.unlink(missing_ok=True)

    def start(self) -> None:
        """Start the processes before anything is known that they need."""
        for _ in range(self._count):
            self._started().submit(_wake)

    def know(self, paths: Sequence[str], configs: Mapping[str, str]) -> None:
        """Say what imports resolve by, before the first batch.

        Args:
            paths: All files of the repository.
            configs: Files that say how imports resolve, by path.
        """
        with NamedTemporaryFile(prefix="codeassist-", delete=False) as file:
            self._tree = Path(file.name)
            file.write(json.dumps(dict(configs)).encode() + b"\n")
            # note: each piece is encoded in one go, with the interpreter's lock
            for at in range(0, len(paths), AT_ONCE):
                piece = "".join(
                    f"{path}{SEPARATOR}" for path in paths[at : at + AT_ONCE]
                )
                file.write(piece.encode("utf-8", "surrogatepass"))

    def build(
        self, batches: Iterable[Sequence[str]], stopping: threading.Event
    ) -> Iterator[Built]:
        """Segments of batches of paths, as they are ready.

        When a worker dies, what was under way is tried again one by one, and a batch
        that fails by itself is halved until the file that does it is alone: that one is
        left out. Where everything seems to fail, the rest is left out.
        """
        todo = _Todo(batches, self._count)
        running: dict[Future[Built], Sequence[str]] = {}
        while todo.is_open(running) and not stopping.is_set():
            for batch in todo.next(len(running)):
                running[self._started().submit(_build, self._tree, batch)] = batch
            done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                batch = running.pop(future, ())
                if not batch:  # it was lost with the pool, and is tried again
                    continue
                error = future.exception()
                if error is None:
                    yield future.result()
                    continue
                log.error("a batch of %d files failed", len(batch), exc_info=error)
                lost: list[Sequence[str]] = []
                if isinstance(error, BrokenProcessPool):
                    self.stop()
                    lost += running.values()
                    running.clear()
                todo.failed(batch, lost)
                yield Built("", b"", len(batch) == 1 and not lost)

    def merge(self, groups: Sequence[Sequence[Part]]) -> Iterator[Built]:
        """Segments that were written, each group as one; all groups at the same time.

        A group of which one cannot be read stays as it is.
        """
        pool = self._started()
        try:
            for future in [pool.submit(_merge, parts) for parts in groups]:
                built = future.result()
                if built is not None:
                    yield built
        except BrokenProcessPool:
            self.stop()

    def stop(self, *, wait: bool = False) -> None:
        """End the processes; what has begun is finished and thrown away.

        Args:
            wait: For their end.
        """
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)
            self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=self._place,
            )
        return self._pool


def read_source(root: Path, path: str) -> SourceFile | None:
    """A file and its state before it was read; None: it is gone or unreadable."""
    try:
        with (root / path).open("rb") as file:
            found = os.fstat(file.fileno())
            data = file.read()
    except OSError:
        return None
    return SourceFile(path, (found.st_mtime_ns, found.st_size), data)


class _Todo:
    """Batches that wait; those that may have killed a worker come alone, and first."""

    def __init__(self, batches: Iterable[Sequence[str]], count: int) -> None:
        self._waiting = deque(batches)
        self._suspects: deque[Sequence[str]] = deque()
        self._failures = 0
        # note: few at a time, as the interpreter waits for them when it ends
        self._most = 2 * count

    def is_open(self, running: Sized) -> bool:
        left = self._waiting or self._suspects or running
        return bool(left) and self._failures < MOST_FAILURES

    def next(self, running: int) -> Iterator[Sequence[str]]:
        """What to begin now."""
        if self._suspects:
            if not running:
                yield self._suspects.popleft()
            return
        while self._waiting and running < self._most:
            running += 1
            yield self._waiting.popleft()

    def failed(self, batch: Sequence[str], lost: Sequence[Sequence[str]]) -> None:
        """Take back a batch, and those that were lost with it."""
        self._failures += 1
        self._suspects += lost
        if lost:
            self._suspects.append(batch)
        elif len(batch) > 1:
            half = len(batch) // 2
            self._suspects.extendleft((batch[half:], batch[:half]))


def lower_priority() -> None:
    """Let this process work when the others leave it time."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICE)


@dataclass(frozen=True, slots=True)
class _Place:
    root: Path
    folder: Path | None


_place: _Place


def _begin(root: Path, folder: Path | None) -> None:
    global _place
    lower_priority()
    end_with_parent()
    gc.freeze()
    gc.set_threshold(COLLECTED)
    _place = _Place(root, folder)


def _wake() -> None:
    """Nothing: the process that takes this has started."""


@cache
def _builder(tree: Path) -> Builder:
    configs, _, paths = tree.read_bytes().partition(b"\n")
    files = paths.decode("utf-8", "surrogatepass").split(SEPARATOR)[:-1]
    return Builder(Resolver(files, json.loads(configs)).resolve)


def _build(tree: Path, batch: Sequence[str]) -> Built:
    read = (read_source(_place.root, path) for path in batch)
    columns = _builder(tree).columns(file for file in read if file is not None)
    return _handed_over(pack(columns), len(batch))


def _merge(parts: Sequence[Part]) -> Built | None:
    chosen = []
    for name, files in parts:
        segment = open_segment(_place.folder / name) if _place.folder else None
        if segment is None:
            return None
        chosen.append(select(segment, np.array(files, np.int64)))
    return _handed_over(pack(join(chosen)), sum(len(files) for _, files in parts))


def _handed_over(block: bytes, files: int) -> Built:
    name = write_block(_place.folder, block) if _place.folder is not None else ""
    return Built(name, b"" if name else block, files)
