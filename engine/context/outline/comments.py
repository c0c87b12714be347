"""What a definition's own documentation says, in one line."""

import re

from .traits import Traits

__all__ = ["documentation"]

MAX_CHARS = 200
MAX_COMMENT = 8000
MAX_LINE = 2000
MAX_LINES = 60
"""A longer comment's first line is not looked for."""

DOCSTRING = re.compile(rb"""[rRuU]?(\"{3}|'{3}|"|')""")
DECORATION = re.compile(
    rb"^(?:/\*+!?|\*+/|\*|/{2,}!?|#+|-{2,}\[*)[ \t]?|\s*\*+/$|</?\w+/?>"
)
ATTRIBUTES = (b"#[", b"@", b"[")
"""Lines between a comment and what it documents."""


def documentation(data: bytes, start: int, body: int, traits: Traits) -> str:
    """First line of the docstring at `body`, or of the comment above `start`.

    Args:
        data: The file.
        start: Offset of the definition's line, in bytes; -1 where others stand on it.
        body: Offset of its body; -1 where there is none.
        traits: Of the file's language.

    Returns:
        At most 200 characters; "" where nothing is documented.
    """
    if traits.docstrings and body >= 0:
        found = DOCSTRING.match(data, body)
        if found:
            quotes, start = found[1], found.end()
            line = (
                data[start : start + MAX_LINE].lstrip(b"\\ \t\r\n").split(b"\n", 1)[0]
            )
            return _text(line.partition(quotes)[0])
    return _above(data, start, traits.comment) if start > 0 else ""


def _above(data: bytes, start: int, leader: bytes) -> str:
    if data[start - 2 : start] == b"\n\n":
        return ""
    begin, line = _line(data, start - 1)
    while line.startswith(ATTRIBUTES):
        begin, line = _line(data, begin - 1)
    if not line.startswith(leader) and not line.endswith(b"*/"):
        return ""
    if leader == b"//" and line.endswith(b"*/"):
        return _block_comment(data, data.find(b"*/", begin) + 2)
    first = b""
    for _ in range(MAX_LINES):
        if not line.startswith(leader):
            break
        first = DECORATION.sub(b"", line).strip() or first
        begin, line = _line(data, begin - 1)
    return _text(first) if first else ""


def _block_comment(data: bytes, end: int) -> str:
    opening = data.rfind(b"/*", max(0, end - MAX_COMMENT), end)
    if opening < 0 or _line(data, opening)[1]:
        return ""
    lines = data[opening:end].split(b"\n")
    bare = (DECORATION.sub(b"", line.strip()).strip() for line in lines)
    return _text(next(filter(None, bare), b""))


def _line(data: bytes, end: int) -> tuple[int, bytes]:
    """Where the line that ends at `end` begins, and its text without white space."""
    if end < 0:
        return 0, b""
    begin = data.rfind(b"\n", 0, end) + 1
    return begin, data[max(begin, end - MAX_LINE) : end].strip()


def _text(line: bytes) -> str:
    return line[: 4 * MAX_CHARS].decode("utf-8", "replace").strip()[:MAX_CHARS]
