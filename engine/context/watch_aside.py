"""The watch in a process beside this one, so that thousands of events hold up nothing here.

watchdog takes three threads, each of which wants the interpreter's lock for every event.
"""

import logging
import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from .watch import PERIOD_SECONDS, Changed, Watch

__all__ = ["WatchAside"]

END_SECONDS = 5.0
"""To wait for threads and the process at the end."""

log = logging.getLogger(__name__)


class WatchAside:
    """Tells of changed files, as `Watch` does.

    The process ends with this one, however that ends. Where it ends by itself there is
    a look at everything now and then.

    Args:
        root: The folder to watch.
        changed: Called in a thread: once when the watch begins to see, then with every
            batch.
        period: Seconds between two looks where nobody tells.
    """

    def __init__(
        self, root: Path, changed: Changed, period: float = PERIOD_SECONDS
    ) -> None:
        self._place = (root, period)
        self._changed = changed
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch, in the background."""
        self._thread.start()

    def close(self) -> None:
        """End the process and the thread."""
        with self._turn:
            self._closed.set()
        if self._process is not None:
            self._process.terminate()
            self._process.join(END_SECONDS)
        if self._thread.ident is not None:
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        for paths in self._batches():
            try:
                self._changed(paths)
            except Exception:
                log.exception("changed files were not taken in")

    def _batches(self) -> Iterator[frozenset[str] | None]:
        """What the process tells; when it is no more, now and then everything."""
        root, period = self._place
        try:
            yield from self._told()
        except (OSError, RuntimeError) as error:  # nothing to open, no room for one
            log.warning("%s has no process that watches it: %s", root, error)
        if not self._closed.is_set():
            log.warning("%s is looked at every minute: its watch has ended", root)
            yield None
        while not self._closed.wait(period):
            yield None

    def _told(self) -> Iterator[frozenset[str] | None]:
        reader, writer = multiprocessing.Pipe(duplex=False)
        with reader:
            with writer:
                process = self._begin(writer)
            if process is None:
                return
            with suppress(EOFError):
                while reader in wait([reader, process.sentinel]):
                    told = reader.recv()
                    if isinstance(told, logging.LogRecord):
                        logging.getLogger(told.name).handle(told)
                    else:
                        yield told

    def _begin(self, writer: Connection) -> SpawnProcess | None:
        """Start the process; None: it is not wanted any more."""
        with self._turn:
            if self._closed.is_set():
                return None
            process = multiprocessing.get_context("spawn").Process(
                target=_watch, args=(*self._place, writer), name="watch", daemon=True
            )
            process.start()
            self._process = process
            return process


def _watch(root: Path, period: float, writer: Connection) -> None:
    """The process: tell until the one that started it is no more, or ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is its parent's
    turn = threading.Lock()

    def tell(what: object) -> None:
        with turn:
            writer.send(what)

    pipe: Any = SimpleNamespace(put_nowait=tell)
    logging.basicConfig(level=logging.WARNING, handlers=[QueueHandler(pipe)])
    Watch(root, tell, period).start()
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
