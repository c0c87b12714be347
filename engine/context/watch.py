"""What happens to a repository's files: the system tells, or a look now and then.

Events are collected until there is a pause, so that a branch switch or a mass rename
arrives as one batch.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

__all__ = ["Watch"]

PAUSE_SECONDS = 0.2
"""Without an event: then the batch is handed on."""

LONGEST_SECONDS = 2.0
"""That an event waits at the most."""

PERIOD_SECONDS = 60.0
"""Between two looks at everything where the system cannot tell."""

MOST = 1000
"""Of more events in a batch it is only said that there were many."""

IGNORED = frozenset({".git", "node_modules", "__pycache__"})
"""Folders, at any depth, whose events do not count."""

EVENTS: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileModifiedEvent, FileClosedEvent),
    *(FileMovedEvent, FileDeletedEvent),
    *(DirCreatedEvent, DirMovedEvent, DirDeletedEvent),
]
"""The system tells of no others: each file that the index itself reads would be two."""

log = logging.getLogger(__name__)

Changed = Callable[[frozenset[str] | None], None]
"""Takes paths from the root, with forward slashes; None: anything may have changed."""


class Watch(FileSystemEventHandler):
    """Tells of changed files.

    Args:
        root: The folder to watch.
        changed: Called in a thread of the watch: once when it begins to see, then with
            every batch.
        period: Seconds between two looks where the system cannot tell.
    """

    def __init__(
        self, root: Path, changed: Changed, period: float = PERIOD_SECONDS
    ) -> None:
        self._root = os.fspath(root)
        self._changed = changed
        self._period = period
        self._state = threading.Condition()
        self._paths: set[str] = set()
        self._anything = False
        self._first = self._last = 0.0
        self._closed = False
        self._observer: BaseObserver | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def is_told(self) -> bool:
        """Whether the system tells; else there is a look now and then."""
        return self._observer is not None

    def start(self) -> None:
        """Begin to watch, in the background: a large tree takes a while."""
        self._thread.start()

    def close(self) -> None:
        """End the threads."""
        with self._state:
            self._closed = True
            self._state.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Collect an event; watchdog calls it."""
        for name in (event.src_path, event.dest_path):
            if name:
                self._collect(os.fsdecode(name), whole=event.is_directory)

    def _collect(self, name: str, *, whole: bool) -> None:
        if self._anything:  # in a storm of events each must cost little
            self._last = time.monotonic()
            return
        path = os.path.relpath(name, self._root).replace(os.sep, "/")
        if not IGNORED.isdisjoint(path.split("/")):
            return
        with self._state:
            now = time.monotonic()
            self._first = self._first if self._paths else now
            self._last = now
            self._anything |= whole or len(self._paths) == MOST
            if len(self._paths) < MOST:
                self._paths.add(path)
            self._state.notify_all()

    def _run(self) -> None:
        self._observe()
        paths: frozenset[str] | None = None  # what happened before is not known
        while True:
            try:
                self._changed(paths or None)
            except Exception:
                log.exception("changed files were not taken in")
            with self._state:
                self._state.wait_for(
                    lambda: self._closed or self._paths,
                    None if self._observer is not None else self._period,
                )
                self._pause()
                paths = None if self._anything else frozenset(self._paths)
                self._paths, self._anything = set(), False
                if self._closed:
                    break
        if self._observer is not None:
            self._observer.stop()

    def _pause(self) -> None:
        """Wait, with the lock, until no more events come."""
        while self._paths and not self._closed:
            now = time.monotonic()
            ends = min(self._last + PAUSE_SECONDS, self._first + LONGEST_SECONDS)
            if now >= ends:
                return
            self._state.wait(ends - now)

    def _observe(self) -> None:
        observer = Observer()
        try:
            observer.schedule(self, self._root, recursive=True, event_filter=EVENTS)
            observer.start()
        except OSError as error:  # no watches left, or the folder is gone
            log.warning("%s is looked at every minute: %s", self._root, error)
        else:
            self._observer = observer
