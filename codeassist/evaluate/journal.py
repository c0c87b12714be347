"""The journal of an evaluation: a killed one goes on where it was."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from codeassist.errors import InputError

from .hole import Hole, Row
from .rows import row_from, row_to

__all__ = ["Journal", "key_of"]


def key_of(holes: Sequence[Hole], settings: Mapping[str, Any]) -> str:
    """What two evaluations must share so that one can go on with the other's rows.

    Args:
        holes: All of them; where the repository lies does not matter.
        settings: Of all systems and of the scoring, JSON values.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for hole in holes:
        told = asdict(hole) | {"root": bool(hole.root), "tags": dict(hole.tags)}
        digest.update(json.dumps(told, sort_keys=True).encode())
    return digest.hexdigest()


class Journal:
    """Rows that are done, each on the disk before the next one is begun.

    Args:
        path: JSON lines: a header, then one row for each hole and system.
        key: From `key_of`.
        code: What fills the holes and scores the answers, from
            `codeassist.evaluate.fingerprint`.

    Raises:
        InputError: the file is broken, of another evaluation or another version of
            the code, or cannot be written.
    """

    def __init__(self, path: Path, key: str, code: str) -> None:
        self._path = path
        self.done: dict[tuple[str, str], Row] = {}
        """System and hole to row."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
        except OSError as error:
            msg = f"the journal {path} cannot be written ({error.strerror})"
            raise InputError(msg) from error
        try:
            self._resume(key, code)
        except BaseException:
            self.close()
            raise

    def add(self, row: Row) -> None:
        """Keep a row, for good.

        Raises:
            InputError: the disk is full, or the like.
        """
        self.done[row.system, row.hole] = row
        self._append(row_to(row))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _resume(self, key: str, code: str) -> None:
        self._file.seek(0)
        lines = self._file.read().splitlines(keepends=True)
        if lines and not lines[-1].endswith(b"\n"):  # killed while it was written
            self._cut(self._file, len(lines.pop()))
        if not lines:
            self._append({"journal": 1, "code": code, "key": key})
            return
        header, *rows = (self._parsed(line, n) for n, line in enumerate(lines, 1))
        if not isinstance(header, dict) or header.get("journal") != 1:
            msg = f"{self._path} is no journal; name another file with --journal"
            raise InputError(msg)
        if header.get("code") != code:
            msg = (
                f"the journal {self._path} was written by another version of codeassist, "
                f"whose answers may differ; delete it or name another file"
            )
            raise InputError(msg)
        if header.get("key") != key:
            msg = (
                f"the journal {self._path} is of another evaluation (other holes, "
                f"systems or settings); delete it or name another file"
            )
            raise InputError(msg)
        for n, told in enumerate(rows, 2):
            row = row_from(told, f"{self._path}, line {n}")
            self.done[row.system, row.hole] = row

    @staticmethod
    def _cut(file: IO[bytes], n_bytes: int) -> None:
        file.truncate(file.seek(0, os.SEEK_END) - n_bytes)

    def _parsed(self, line: bytes, n: int) -> Any:
        try:
            return json.loads(line)
        except ValueError as error:
            msg = f"the journal {self._path} is broken in line {n}; delete it"
            raise InputError(msg) from error

    def _append(self, told: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            msg = f"the journal {self._path} cannot be written ({error.strerror})"
            raise InputError(msg) from error
