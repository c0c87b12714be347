"""Writes the records in a thread of its own; whoever tells it something never waits."""

import json
import logging
import sqlite3
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from functools import singledispatch
from pathlib import Path

from .entries import Asked, Checked, Entry, Shown, Taken, Told
from .file import COLUMNS, open_records, prune, trim_texts
from .readable import Readable
from .still import still_there

__all__ = ["Recorder"]

log = logging.getLogger(__name__)

BATCH_S = 1.0
"""Seconds that entries are gathered before they are written."""

PENDING = 1_000
"""Entries that wait at the most, as while the disk is full; the oldest are dropped."""

PRUNED_S = 600.0
"""Seconds between two looks for rows that are too old or too many."""


class Recorder:
    """Takes what happens and writes it, in batches; any thread may tell it.

    No failure reaches the teller: where the file cannot be written (full disk, locked
    by another program) the newest entries wait for better times, and one line of the
    log says so.

    Args:
        path: The file; it is opened with the first entry.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pending: deque[Entry] = deque(maxlen=PENDING)
        self._lock = threading.Lock()
        self._scheduled = False
        self._closed = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._connection: sqlite3.Connection | None = None
        self._readable = Readable()
        self._pruned = 0.0
        self._complained = False

    def add(self, entry: Entry) -> None:
        """Take an entry; returns at once."""
        with self._lock:
            if self._closed.is_set():
                return
            self._pending.append(entry)
            if not self._scheduled:
                self._scheduled = True
                with suppress(RuntimeError):  # the interpreter is about to end
                    self._thread.submit(self._flush)

    def close(self) -> None:
        """Write what there is, soon, and end; further entries are dropped."""
        with self._lock:
            if not self._closed.is_set():
                self._closed.set()
                with suppress(RuntimeError):
                    self._thread.submit(self._end)
                self._thread.shutdown(wait=False)

    def join(self) -> None:
        """Close, and wait until all is written."""
        self.close()
        self._thread.shutdown(wait=True)

    # -- in the thread -----------------------------------------------------------------

    def _flush(self) -> None:
        self._closed.wait(BATCH_S)
        self._write()

    def _end(self) -> None:
        self._write()
        self._disconnect()

    def _write(self) -> None:
        """Write what waits; the border of this thread."""
        with self._lock:
            batch = list(self._pending)
            self._pending.clear()
            self._scheduled = False
        if not batch:
            return
        try:
            self._write_batch(batch)
            self._complained = False
        except (sqlite3.OperationalError, OSError) as error:
            self._disconnect()
            self._complain(error)
            with self._lock:
                self._pending = deque([*batch, *self._pending], maxlen=PENDING)
        except Exception as error:  # noqa: BLE001 - damaged: opening it heals it
            self._disconnect()
            self._complain(error)

    def _write_batch(self, batch: list[Entry]) -> None:
        if self._connection is None:
            self._connection = open_records(self._path)
        connection = self._connection
        # git may be asked here, which takes a while: not while others are locked out
        batch = [self._without_secrets(entry) for entry in batch]
        connection.execute("BEGIN IMMEDIATE")
        try:
            for entry in batch:
                _write_entry(entry, connection)
            trim_texts(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        now = time.time()
        if now > self._pruned + PRUNED_S:
            self._pruned = now
            prune(connection, now)

    def _without_secrets(self, entry: Entry) -> Entry:
        if not isinstance(entry, Asked) or entry.texts is None:
            return entry
        if self._readable.allows(entry.root, entry.path):
            return entry
        told = {name: getattr(entry, name) for name in COLUMNS}
        return Asked(**told, snippets=entry.snippets)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            log.warning("no records are written to %s: %s", self._path, error)


@singledispatch
def _write_entry(entry: Entry, connection: sqlite3.Connection) -> None:
    """Write one entry."""
    raise TypeError(entry)


@_write_entry.register
def _(entry: Asked, connection: sqlite3.Connection) -> None:
    values = [_clean(getattr(entry, name)) for name in COLUMNS]
    values.append(_clean(json.dumps([asdict(each) for each in entry.snippets])))
    names = ", ".join(f'"{name}"' for name in (*COLUMNS, "snippets"))
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR IGNORE INTO requests ({names}) VALUES ({marks})", values
    )
    if entry.texts is not None:
        texts = (entry.texts.before, entry.texts.after, entry.texts.answer)
        connection.execute(
            "INSERT OR IGNORE INTO texts (id, before, after, answer) VALUES (?, ?, ?, ?)",
            [entry.id, *map(_clean, texts)],
        )


@_write_entry.register
def _(entry: Shown, connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO suggestions (id, at, language, characters, seen) "
        "VALUES (?, ?, ?, ?, ?)",
        (entry.id, entry.at, entry.language, entry.characters, entry.seen),
    )


@_write_entry.register
def _(entry: Told, connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE suggestions SET seen = 1 WHERE id = ?", (entry.id,))


@_write_entry.register
def _(entry: Taken, connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE suggestions SET seen = 1, taken_at = coalesce(taken_at, ?), "
        "saved = ?, whole = ?, how = ? WHERE id = ?",
        (entry.at, entry.characters, entry.whole, entry.how, entry.id),
    )


@_write_entry.register
def _(entry: Checked, connection: sqlite3.Connection) -> None:
    connection.execute(
        f"UPDATE suggestions SET still_{entry.seconds:d} = ? WHERE id = ?",
        (still_there(entry.text, entry.place), entry.id),
    )


def _clean(value: object) -> object:
    """SQLite takes no lone surrogates, which editors may send."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
