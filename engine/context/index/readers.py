"""From a few files to a segment at once: in this process, or in one beside it.

The parser and the compiler of its queries keep the interpreter's lock: 15 ms for 100 KB,
90 ms for the query of C++. A server, whose loop must not wait, has a process do it.
"""

import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from codeassist.engine.context.outline import Import, Reparser
from codeassist.parent import end_with_parent

from .building import Builder, Resolve, SourceFile, targets_of
from .columns import pack
from .segment import Segment, rewired
from .workers import lower_priority

__all__ = ["Aside", "Here", "Reader"]

PARSED = 4
"""Files whose tree is kept: some megabytes each."""


class Reader(Protocol):
    """Builds segments; several threads may ask, `typed` one."""

    def read(self, files: Sequence[SourceFile], resolve: Resolve) -> Segment:
        """The segment of some files."""

    def typed(self, file: SourceFile, resolve: Resolve) -> Segment:
        """The segment of a file that will soon be read again, little changed."""

    def close(self) -> None:
        """End what runs."""


class Here:
    """Reads in this process."""

    def __init__(self) -> None:
        self._parsers: dict[str, Reparser] = {}
        """Of the files that were typed in last."""

    def read(self, files: Sequence[SourceFile], resolve: Resolve) -> Segment:
        """The segment of some files."""
        return Segment(Builder(resolve).columns(files))

    def typed(self, file: SourceFile, resolve: Resolve) -> Segment:
        """The segment of a file of which only what changed is parsed."""
        parser = self._parsers.pop(file.path, None) or Reparser()
        while len(self._parsers) >= PARSED:
            del self._parsers[next(iter(self._parsers))]
        self._parsers[file.path] = parser
        return Segment(Builder(resolve, parser.parse).columns([file]))

    def close(self) -> None:
        """Nothing runs."""


class Aside:
    """Reads in a process of low priority, which starts with the first file.

    What an import means is looked up in this process, which knows all files.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def read(self, files: Sequence[SourceFile], resolve: Resolve) -> Segment:
        """The segment of some files.

        Raises:
            BrokenProcessPool: one of them has killed the process.
        """
        return self._made(files, resolve, typed=False)

    def typed(self, file: SourceFile, resolve: Resolve) -> Segment:
        """As `read`; only what changed is parsed."""
        return self._made([file], resolve, typed=True)

    def close(self) -> None:
        """End the process, and wait for it: the interpreter's own end must not meet it."""
        self._drop(self._pool, wait=True)

    def _made(
        self, files: Sequence[SourceFile], resolve: Resolve, *, typed: bool
    ) -> Segment:
        with self._turn:
            pool = self._pool = self._pool or _started()
        try:
            block = pool.submit(_block, files, typed).result()
        except BrokenProcessPool:
            self._drop(pool)
            raise
        return _resolved(Segment.of_block(block), resolve)

    def _drop(self, pool: ProcessPoolExecutor | None, *, wait: bool = False) -> None:
        """Have no more to do with this process."""
        with self._turn:
            if pool is None or pool is not self._pool:
                return
            self._pool = None
        pool.shutdown(wait=wait, cancel_futures=True)


def _started() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)


_here: Here


def _begin() -> None:
    global _here
    lower_priority()
    end_with_parent()
    _here = Here()


def _block(files: Sequence[SourceFile], typed: bool) -> bytes:
    if typed:
        return pack(_here.typed(files[0], _unresolved).columns)
    return pack(_here.read(files, _unresolved).columns)


def _unresolved(path: str, found: Import) -> tuple[str, ...]:
    """The process does not know what files there are."""
    return ()


def _resolved(segment: Segment, resolve: Resolve) -> Segment:
    """The segment with the files that its files import."""
    numbers = range(segment.files)
    paths = [segment.path(file) for file in numbers]
    targets = [
        targets_of(path, segment.imports(file), resolve)
        for file, path in zip(numbers, paths, strict=True)
    ]
    states = [segment.state(file) for file in numbers]
    return Segment(rewired(segment.columns, paths, targets, states))
