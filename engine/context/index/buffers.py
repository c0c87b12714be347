"""Files with unsaved changes: indexed as they stand in the editor."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from codeassist.engine.context.outline import Reparser

from .building import Builder, Resolve, SourceFile
from .columns import pack
from .current import Current
from .model import FileState
from .segment import Segment

__all__ = ["Buffers"]

IN_PROCESS = 100_000
"""Bytes. The parser holds the interpreter's lock; a larger file goes to a process of
its own, so that the server is never held up."""

PARSED = 4
"""Files whose tree is kept: some megabytes each."""

UNSAVED = FileState(0, 0)

log = logging.getLogger(__name__)


class Buffers:
    """Takes texts as they change and indexes the newest one of each file.

    Args:
        current: Where the result goes.
        resolve: For the imports.
    """

    def __init__(self, current: Current, resolve: Resolve) -> None:
        self._current = current
        self._resolve = resolve
        self._parsed: dict[str, Reparser] = {}
        """Of the files that were typed in last."""

        self._texts: dict[str, str] = {}
        self._pending: dict[str, None] = {}
        self._state = threading.Condition()
        self._busy = False
        self._closed = False
        self._aside: ProcessPoolExecutor | None = None
        self._thread = threading.Thread(target=self._run, name="buffers", daemon=True)
        self._thread.start()

    @property
    def texts(self) -> Mapping[str, str]:
        """Unsaved texts by path."""
        return self._texts

    def changed(self, path: str, text: str | None) -> None:
        """A file's text in the editor; None: what is on disk counts again."""
        with self._state:
            if text is None:
                self._texts.pop(path, None)
            else:
                self._texts[path] = text
            self._pending[path] = None
            self._state.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all changes are in the index; whether that came true."""
        with self._state:
            return self._state.wait_for(self._is_idle, timeout)

    def close(self) -> None:
        """End the thread."""
        with self._state:
            self._closed = True
            self._state.notify_all()
        self._thread.join(timeout=5)
        if self._aside is not None:
            self._aside.shutdown(wait=False, cancel_futures=True)

    def _is_idle(self) -> bool:
        return self._closed or not (self._pending or self._busy)

    def _run(self) -> None:
        while True:
            with self._state:
                self._busy = False
                self._state.notify_all()
                self._state.wait_for(lambda: self._closed or self._pending)
                if self._closed:
                    return
                path = next(iter(self._pending))
                del self._pending[path]
                text = self._texts.get(path)
                self._busy = True
            try:
                if text is None:
                    self._parsed.pop(path, None)
                segment = None if text is None else self._segment(path, text)
                self._current.change(lambda s: s.with_buffer(path, segment))  # noqa: B023
            except Exception:
                log.exception("%s is not indexed", path)

    def _segment(self, path: str, text: str) -> Segment:
        data = text.encode("utf-8", "surrogatepass")
        file = SourceFile(path, UNSAVED, data)
        if len(data) <= IN_PROCESS:
            builder = Builder(self._resolve, self._parser(path).parse)
            return Segment(builder.columns([file]))
        if self._aside is None:
            self._aside = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        try:
            return Segment.of_block(self._aside.submit(_block, file).result())
        except BrokenProcessPool:
            self._aside = None
            raise

    def _parser(self, path: str) -> Reparser:
        parser = self._parsed.pop(path, None) or Reparser()
        while len(self._parsed) >= PARSED:
            del self._parsed[next(iter(self._parsed))]
        self._parsed[path] = parser
        return parser


def _block(file: SourceFile) -> bytes:
    return pack(Builder(_unresolved).columns([file]))


def _unresolved(path: str, found: object) -> tuple[str, ...]:
    """Imports of a file too large for this process count when it is saved."""
    return ()
