"""Files with unsaved changes: indexed as they stand in the editor."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from codeassist.ignore import MAX_BYTES, is_by_hand

from .building import Resolve, SourceFile
from .current import Current
from .model import FileState
from .readers import Reader
from .segment import Segment

__all__ = ["Buffers"]

SLOW_SECONDS = 0.05
"""A text that takes longer is a large one: no more than half of a processor is spent on
what somebody types in it."""

UNSAVED: FileState = (0, 0)

log = logging.getLogger(__name__)


class Buffers:
    """Takes texts as they change and indexes the newest one of each file.

    Args:
        current: Where the result goes.
        resolve: For the imports.
        allows: Whether a file may be read at all, by its path.
        reader: Builds their segments.
    """

    def __init__(
        self,
        current: Current,
        resolve: Resolve,
        allows: Callable[[str], bool],
        reader: Reader,
    ) -> None:
        self._current = current
        self._resolve = resolve
        self._allows = allows
        self._reader = reader
        self._texts: dict[str, str] = {}
        self._pending: dict[str, None] = {}
        self._state = threading.Condition()
        self._busy = False
        self._closed = False
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

    def read_anew(self) -> None:
        """Look anew at all texts: an ignore file may name some, imports mean others."""
        with self._state:
            self._pending |= dict.fromkeys(self._texts)
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
            begun = time.monotonic()
            try:
                wanted = text is not None and self._allows(path)
                segment = self._segment(path, text or "") if wanted else None
                self._current.change(lambda s: s.with_buffer(path, segment))  # noqa: B023
            except Exception:
                log.exception("%s is not indexed", path)
            self._rest(time.monotonic() - begun)

    def _rest(self, seconds: float) -> None:
        """Wait as long as the last text has taken, if that was long."""
        with self._state:
            if self._pending and seconds > SLOW_SECONDS:
                self._state.wait_for(lambda: self._closed, seconds)

    def _segment(self, path: str, text: str) -> Segment:
        data = b""
        if len(text) <= MAX_BYTES:
            data = text.encode("utf-8", "surrogatepass")
        if not is_by_hand(data):
            data = b""
        return self._reader.typed(SourceFile(path, UNSAVED, data), self._resolve)
