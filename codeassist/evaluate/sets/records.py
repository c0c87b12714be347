"""Records of a set file: JSON lines or one JSON array, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codeassist.errors import InputError

__all__ = ["Record", "SetFileError", "read"]

GZIP = b"\x1f\x8b"


class SetFileError(InputError):
    """A file that is not an evaluation set, or a broken one."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a set file, which knows where it stands."""

    file: Path
    line: int
    """From 1; in a JSON array the number of the element."""

    values: Mapping[str, object]

    def error(self, what: str) -> SetFileError:
        """The error that names the file and the line."""
        return SetFileError(f"{self.file}: line {self.line}: {what}")

    def text(self, key: str) -> str:
        """A field that must be text; line ends of other systems become plain ones."""
        value = self._must(key)
        if not isinstance(value, str):
            raise self.error(f"field {key!r} must be text")
        return _plain(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A field that must be a list of texts."""
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise self.error(f"field {key!r} must be a list of texts")
        return tuple(_plain(str(value)) for value in values)

    def number(self, key: str) -> int:
        """A field that must be a whole number."""
        value = self._must(key)
        if not isinstance(value, int):
            raise self.error(f"field {key!r} must be a whole number")
        return value

    def inner(self, key: str) -> "Record":
        """A field that must be an object."""
        return self._nested(key, self._must(key))

    def inners(self, key: str) -> tuple["Record", ...]:
        """A field that must be a list of objects."""
        return tuple(self._nested(key, value) for value in self._list(key))

    def _nested(self, key: str, value: object) -> "Record":
        if not isinstance(value, dict):
            raise self.error(f"field {key!r} must hold JSON objects")
        return Record(self.file, self.line, value)

    def _list(self, key: str) -> list[object]:
        value = self._must(key)
        if not isinstance(value, list):
            raise self.error(f"field {key!r} must be a list")
        return value

    def _must(self, key: str) -> object:
        if key not in self.values:
            raise self.error(f"field {key!r} is missing")
        return self.values[key]


def read(file: Path) -> Iterator[Record]:
    """The records of a file, in its order.

    Args:
        file: JSON lines, or a JSON array of objects; gzip is known by its first bytes.

    Raises:
        SetFileError: not readable, not gzip, UTF-8 or JSON to its end, or empty.
    """
    text = _text(file)
    found = False
    for line, value in _values(file, text):
        found = True
        if not isinstance(value, dict):
            raise SetFileError(f"{file}: line {line}: not a JSON object")
        yield Record(file, line, value)
    if not found:
        raise SetFileError(f"{file}: holds no rows; give a set in JSON lines")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        if data.startswith(GZIP):
            data = gzip.decompress(data)
        return data.decode()
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise SetFileError(f"{file}: broken gzip; copy the file again") from None
    except UnicodeDecodeError:
        raise SetFileError(f"{file}: not text; give a set in JSON lines") from None
    except OSError as error:
        raise SetFileError(f"{file}: cannot be read: {error.strerror}") from None


def _values(file: Path, text: str) -> Iterator[tuple[int, object]]:
    if text.lstrip()[:1] == "[":
        yield from enumerate(_parsed(file, 1, text), 1)
        return
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            yield line, _parsed(file, line, row)


def _parsed(file: Path, line: int, text: str) -> list[object]:
    try:
        value: list[object] = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = (
            line + error.lineno - 1 if isinstance(error, json.JSONDecodeError) else line
        )
        raise SetFileError(f"{file}: line {at}: not JSON; repair the file") from None
    return value
