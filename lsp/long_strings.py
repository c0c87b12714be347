"""Long strings in what a client says, read without keeping the interpreter's lock.

Python's JSON reads a message in one go, and nothing else runs meanwhile: 25 ms for a file
of 10 MB, twice that with an emoji in it. So the thread that reads from the client takes
long strings out of a message, piece by piece, and leaves a mark in the place of each; who
reads the message gets the strings by their marks.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from uuid import uuid4

__all__ = ["LENGTH", "LongStrings", "header"]

LONG = 1 << 17
"""Bytes. A shorter message is read in a millisecond."""

PIECE = 1 << 16
LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)
"""The line of a header that says how long the body is."""

CONTENT = re.compile(rb'(?:[^"\\]++|\\(?:[^u]|u[0-9a-fA-F]{4}))*+')
HIGH = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}")
"""The first half of an escaped character that has two: it is not torn from the other."""

HALF = len(rb"\ud83d")
QUOTE = ord('"')
INNER = 0b10
"""The two highest bits of a byte that goes on with a character of UTF-8."""


class LongStrings:
    """Stands between a client and who reads its messages.

    Args:
        stream: The client's words.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._mark = f"\0{uuid4()}-"
        self._texts: dict[str, str] = {}

    def readline(self) -> bytes:
        """A line, with its end."""
        return header(self._stream.readline())

    def read(self, size: int) -> bytes:
        """The body of a message; where that is long, without its long strings."""
        body = self._stream.read(size)
        if len(body) < LONG:
            return body
        self._texts.clear()  # of a message that nobody could read
        try:
            return b"".join(self._shortened(body))
        except ValueError:  # it is no JSON; who reads it says so
            return body

    def restored(self, data: dict[str, Any]) -> dict[str, Any]:
        """An object of a message, with its strings."""
        if not self._texts:
            return data
        pairs = data.items()
        return {self._restored(key): self._restored(value) for key, value in pairs}

    def _restored(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(self._mark):
            return self._texts.pop(value, value)
        if isinstance(value, list):
            return [self._restored(each) for each in value]
        return value

    def _shortened(self, body: bytes) -> Iterator[bytes]:
        done = at = 0
        while (start := body.find(b'"', at) + 1) > 0:
            end = _end_of_piece(body, start)
            if body[end : end + 1] != b'"':
                end, text = _long(body, start)
                mark = f"{self._mark}{len(self._texts)}"
                self._texts[mark] = text
                yield body[done:start]
                yield json.dumps(mark)[1:-1].encode()
                done = end
            at = end + 1
        yield body[done:]


def header(line: bytes) -> bytes:
    """A header's line, that of the length as pygls knows it: it looks at the letters."""
    length = LENGTH.fullmatch(line)
    return b"Content-Length: %b\r\n" % length[1] if length else line


def _long(body: bytes, start: int) -> tuple[int, str]:
    """The end of a string, and what it says.

    Raises:
        ValueError: it is no string of JSON.
    """
    pieces, at = [], start
    while at < len(body) and body[at] != QUOTE:
        end = _end_of_piece(body, at)
        pieces.append(json.loads(b'"%b"' % body[at:end]))
        if end == at:
            msg = "an escape that is none"
            raise ValueError(msg)
        at = end
    if at >= len(body):
        msg = "a string without an end"
        raise ValueError(msg)
    return at, "".join(pieces)


def _end_of_piece(body: bytes, start: int) -> int:
    """Where a piece of a string ends: at its quote, or between two characters."""
    found = CONTENT.match(body, start, start + PIECE)
    end = found.end() if found else start
    if body[end : end + 1] == b'"' or end >= len(body):
        return end
    while end > start and body[end] >> 6 == INNER:
        end -= 1
    if end - HALF > start and HIGH.fullmatch(body, end - HALF, end):
        end -= HALF
    return end
