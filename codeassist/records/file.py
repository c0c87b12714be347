"""The file of the records: made for its user alone, whole or set aside, bounded."""

import logging
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from codeassist.config import data_dir
from codeassist.errors import CodeassistError

__all__ = [
    "COLUMNS",
    "KEPT_TEXTS",
    "WHOLE_TEXTS",
    "RecordsError",
    "open_records",
    "prune",
    "records_file",
    "trim_texts",
]

log = logging.getLogger(__name__)

APPLICATION = 0x63615265
"""SQLite's application_id of our files: "caRe"."""

VERSION = 2
"""Of the tables; a file of another version is set aside, but for those before, which are
brought up to it."""

ADDED = {1: "ALTER TABLE requests ADD COLUMN chance REAL;"}
"""What each version lacks of the next one."""

BUSY_S = 2.0
"""Another server of this user may be writing."""

ASIDE = 3
"""Files of other versions, or damaged ones, that are kept beside it."""

KEPT_DAYS = 90
KEPT_TEXTS = 200
"""Requests whose texts are kept as they were told."""

KEPT_LINES = 1_000
"""Suggestions that were taken whole of which the line is kept beyond that."""

KEPT_ROWS = {"requests": 20_000, "suggestions": 100_000}
MAX_BYTES = 32_000_000

WHOLE_TEXTS = f"number > (SELECT max(number) FROM texts) - {KEPT_TEXTS}"
"""Of texts: those that are as they were told."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, at REAL NOT NULL,
    root TEXT, path TEXT, language TEXT, line INTEGER, "column" INTEGER,
    reason TEXT, characters INTEGER, recalled INTEGER, block INTEGER,
    queue_ms REAL, prompt_ms REAL, first_token_ms REAL, total_ms REAL,
    reused INTEGER, evaluated INTEGER, generated INTEGER,
    model TEXT, adapter TEXT, logprob REAL, snippets TEXT, chance REAL);
CREATE TABLE IF NOT EXISTS texts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL,
    before TEXT, after TEXT, answer TEXT);
CREATE TABLE IF NOT EXISTS suggestions (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, at REAL NOT NULL,
    language TEXT, characters INTEGER, seen INTEGER,
    taken_at REAL, saved INTEGER, whole INTEGER, how TEXT,
    still_30 INTEGER, still_90 INTEGER, still_180 INTEGER, still_360 INTEGER);
"""

COLUMNS = (
    *("id", "at", "root", "path", "language", "line", "column", "reason"),
    *("characters", "recalled", "block"),
    *("queue_ms", "prompt_ms", "first_token_ms", "total_ms"),
    *("reused", "evaluated", "generated", "model", "adapter", "logprob"),
    "chance",
)
"""Of a request, but for its snippets: the fields of `Asked` by their names."""


class RecordsError(CodeassistError):
    """Records that are not there, or cannot be read."""


def records_file() -> Path:
    """Where the user's records lie."""
    return data_dir() / "records.sqlite3"


def open_records(path: Path) -> sqlite3.Connection:
    """The file, ready to be written; a damaged or foreign one is set aside.

    Raises:
        sqlite3.OperationalError: locked, no room, or not allowed.
        OSError: the folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _opened(path)
    except sqlite3.OperationalError:  # the file itself may be sound
        raise
    except sqlite3.DatabaseError as error:
        log.warning("%s is not used: %s", path, error)
        _set_aside(path)
        return _opened(path)


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # -wal and -shm follow it
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    connection.create_function("last_line", 1, lambda text: text.rpartition("\n")[2])
    try:
        missing = _missing(connection)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(
            f"BEGIN IMMEDIATE; {missing} {SCHEMA} {_marks()} COMMIT;"
        )
        prune(connection, time.time())
    except BaseException:
        connection.close()
        raise
    return connection


def _marks() -> str:
    return f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"


def _missing(connection: sqlite3.Connection) -> str:
    """What a file of an older version lacks; nothing of a new one, without tables.

    What is not ours, or not whole, is refused.

    Raises:
        sqlite3.DatabaseError: it is not to be used.
    """
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        return ""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION or version not in (*ADDED, VERSION):
        msg = "it is another program's or another version's"
        raise sqlite3.DatabaseError(msg)
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        msg = f"it is damaged: {sound}"
        raise sqlite3.DatabaseError(msg)
    return " ".join(added for since, added in ADDED.items() if since >= version)


def _set_aside(path: Path) -> None:
    """Keep the file under another name, where nobody writes to it any more.

    Those that were set aside before stay, but for the last of so many.
    """
    tails = (".aside", *(f".aside-{n}" for n in range(2, ASIDE + 1)))
    names = [path.with_name(path.name + tail) for tail in tails]
    path.replace(next((name for name in names if not name.exists()), names[-1]))
    for tail in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + tail).unlink()


def prune(connection: sqlite3.Connection, now: float) -> None:
    """Delete the oldest rows: of 90 days ago, too many, or in too large a file.

    Args:
        connection: Of the file, in no transaction.
        now: Seconds since 1970.
    """
    oldest = now - KEPT_DAYS * 86_400
    for table, most in KEPT_ROWS.items():
        connection.execute(f"DELETE FROM {table} WHERE at < ?", (oldest,))
        newest = f"(SELECT max(number) FROM {table})"
        connection.execute(f"DELETE FROM {table} WHERE number <= {newest} - ?", (most,))
    trim_texts(connection)
    connection.execute("DELETE FROM texts WHERE id NOT IN (SELECT id FROM requests)")
    if _bytes(connection) > MAX_BYTES:
        for table in ("requests", "suggestions"):
            middle = f"(SELECT (min(number) + max(number)) / 2 FROM {table})"
            connection.execute(f"DELETE FROM {table} WHERE number < {middle}")
    connection.executescript("PRAGMA incremental_vacuum")  # execute() frees one page


def trim_texts(connection: sqlite3.Connection) -> None:
    """Leave of older texts the line of what was taken whole, and nothing else."""
    taken = f"SELECT id FROM suggestions WHERE whole ORDER BY number DESC LIMIT {KEPT_LINES}"
    connection.execute(
        f"DELETE FROM texts WHERE NOT {WHOLE_TEXTS} AND id NOT IN ({taken})"
    )
    connection.execute(
        "UPDATE texts SET before = last_line(before), "
        "after = substr(after || char(10), 1, instr(after || char(10), char(10)) - 1) "
        f"WHERE NOT {WHOLE_TEXTS} AND instr(before || after, char(10))"
    )


def _bytes(connection: sqlite3.Connection) -> int:
    """Of the rows, without the pages that are free."""
    counts = ("page_count", "freelist_count", "page_size")
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in counts
    )
    return int((pages - free) * size)
