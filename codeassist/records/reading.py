"""The records as commands read them: the last requests, one request, the figures."""

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeassist.errors import InputError

from .entries import Asked, Snippet, Texts
from .figures import SUMS, Figures
from .file import COLUMNS, KEPT_TEXTS, WHOLE_TEXTS, RecordsError

__all__ = ["Kept", "Records"]

NAMES = ", ".join(f'requests."{name}"' for name in (*COLUMNS, "snippets"))
DAY = "date(at, 'unixepoch', 'localtime')"


LEARNED = 2_000
"""Suggestions that the gate learns from, the newest."""

Outcome = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """A request as it is kept, and whether it was worth something."""

    asked: Asked
    taken: bool = False
    """Whether its suggestion was accepted, wholly or in part."""


class Records:
    """Reads the file, and never changes it.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, n: int) -> list[Kept]:
        """The last requests, the newest last, without texts.

        Raises:
            RecordsError: there are no records, or they cannot be read.
        """
        query = (
            f"SELECT {NAMES}, taken_at FROM requests LEFT JOIN suggestions USING (id) "
            "ORDER BY requests.number DESC LIMIT ?"
        )
        rows = self._rows(query, (min(n, sys.maxsize),))
        return [Kept(_asked(row), row[-1] is not None) for row in reversed(rows)]

    def one(self, name: str) -> Asked:
        """A request with its texts.

        Args:
            name: Its id, or a beginning of it that no other has.

        Raises:
            InputError: there is none, there are several, or the texts are not kept.
            RecordsError: there are no records, or they cannot be read.
        """
        query = (
            f"SELECT {NAMES}, before, after, answer FROM requests "
            f"LEFT JOIN (SELECT * FROM texts WHERE {WHOLE_TEXTS}) USING (id) "
            "WHERE substr(id, 1, ?) = ? LIMIT 2"
        )
        rows = self._rows(query, (len(name), name)) if name else []
        if len(rows) != 1:
            what = "several requests begin" if rows else "no request begins"
            msg = f"{what} with {name!r}; `codeassist why` lists the last ones"
            raise InputError(msg)
        before, after, answer = rows[0][-3:]
        if before is None:
            msg = (
                f"the text of request {name} is not kept; it is for the last "
                f"{KEPT_TEXTS} only, and never for secret or ignored files"
            )
            raise InputError(msg)
        return _asked(rows[0], Texts(before, after, answer))

    def standing(self) -> list[Asked]:
        """Requests whose suggestion was taken whole and kept, the newest first.

        Kept means: still there when it was looked for last. With their texts, of older
        ones the line; requests whose texts are gone are left out.

        Raises:
            RecordsError: there are no records, or they cannot be read.
        """
        query = (
            f"SELECT {NAMES}, before, after, answer FROM requests "
            "JOIN texts USING (id) JOIN suggestions USING (id) WHERE whole "
            "AND coalesce(still_360, still_180, still_90, still_30) "
            "ORDER BY requests.number DESC"
        )
        return [_asked(row, Texts(*row[-3:])) for row in self._rows(query, ())]

    def figures(self, since: float) -> Figures:
        """What suggestions were worth, all together.

        Args:
            since: Seconds since 1970.
        """
        rows = self._rows(f"SELECT {SUMS} FROM suggestions WHERE at >= ?", (since,))
        return Figures.of(rows[0])

    def by_language(self, since: float) -> dict[str, Figures]:
        """The same by language, the most shown first."""
        return self._by("language", since, "sum(seen) DESC")

    def by_day(self, since: float) -> dict[str, Figures]:
        """The same by day (ISO dates, local time), the oldest first."""
        return self._by(DAY, since, DAY)

    def outcomes(self, model: str, adapter: str, since: float) -> list[Outcome]:
        """The gate's chance of each suggestion that was shown, and whether it was taken.

        What was taken and was gone soon afterwards counts as not taken. Without what
        was recalled: its chance is that of another place.

        Args:
            model: Its catalog id, or the name of its file.
            adapter: Its name; empty: none.
            since: Seconds since 1970.
        """
        rows = self._rows(
            "SELECT chance, taken_at IS NOT NULL AND still_30 IS NOT 0 FROM suggestions "
            "JOIN requests USING (id) WHERE seen AND chance IS NOT NULL "
            "AND NOT recalled AND model = ? AND adapter = ? AND suggestions.at >= ? "
            "ORDER BY suggestions.number DESC LIMIT ?",
            (model, adapter, since, LEARNED),
        )
        return [(chance, bool(taken)) for chance, taken in rows]

    def newest_model(self) -> tuple[str, str] | None:
        """Model and adapter that were asked last; None: none was."""
        rows = self._rows(
            "SELECT model, adapter FROM requests WHERE chance IS NOT NULL "
            "ORDER BY number DESC LIMIT 1",
            (),
        )
        return rows[0] if rows else None

    def _by(self, what: str, since: float, order: str) -> dict[str, Figures]:
        query = (
            f"SELECT {what}, {SUMS} FROM suggestions WHERE at >= ? "
            f"GROUP BY {what} ORDER BY {order}"
        )
        return {row[0]: Figures.of(row[1:]) for row in self._rows(query, (since,))}

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if not self._path.is_file():
            msg = (
                f"nothing is recorded yet in {self._path}; use an editor with "
                f"codeassist first, with records.enabled"
            )
            raise RecordsError(msg)
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            msg = (
                f"{self._path} cannot be read ({error}); if it is damaged, the server "
                f"begins a new one at its next start"
            )
            raise RecordsError(msg) from error


def _asked(row: tuple[Any, ...], texts: Texts | None = None) -> Asked:
    told = dict(zip(COLUMNS, row, strict=False))
    told["recalled"], told["block"] = bool(told["recalled"]), bool(told["block"])
    snippets = tuple(
        Snippet(each["path"], tuple(each["reasons"]), each["tokens"])
        for each in json.loads(row[len(COLUMNS)])
    )
    return Asked(**told, snippets=snippets, texts=texts)
