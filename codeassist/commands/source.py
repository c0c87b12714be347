"""A source file and a position in it, as the user names them."""

import re
import sys
from pathlib import Path
from typing import TextIO

from codeassist.engine.request import MAX_CHARACTERS
from codeassist.errors import InputError, PositionError, SourceFileError

__all__ = ["read_source", "read_text", "split_at", "split_position"]

POSITION = re.compile(r"(?P<file>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?")
ON_STDIN = re.compile(r"(?:(?P<file>.+):)?(?P<line>\d{1,9}):(?P<column>\d{1,9})")
MAX_BYTES = 4 * MAX_CHARACTERS
LINE_END = re.compile(r"\r\n|\r|\n")


def split_position(text: str, *, stdin: bool) -> tuple[str, int, int | None]:
    """``FILE:LINE[:COL]`` in its parts; with stdin ``[FILE:]LINE:COL``.

    Returns:
        The file's name, the line and the column, both from 1; without a column the
        end of the line is meant.

    Raises:
        InputError: not of that form.
    """
    match = (ON_STDIN if stdin else POSITION).fullmatch(text)
    if match is None:
        msg = f"{text!r} is no position; write FILE:LINE:COL, as in src/a.py:12:5"
        raise InputError(msg)
    column = int(match["column"]) if match["column"] else None
    return match["file"] or "", int(match["line"]), column


def read_source(path: Path | None) -> str:
    """The text of a file that can be completed, or of stdin for None.

    Raises:
        SourceFileError: as `read_text`, or empty.
    """
    text = read_text(path)
    if not text.strip():
        msg = (
            f"{path or 'stdin'} is empty; write something that the model can go on from"
        )
        raise SourceFileError(msg)
    return text


def read_text(path: Path | None) -> str:
    """The text of a file, or of stdin for None; its line ends are kept.

    Raises:
        SourceFileError: missing, a folder, binary, not UTF-8, or too large.
    """
    name = str(path or "stdin")
    raw = _read_file(path) if path is not None else _read_stdin()
    if len(raw) > MAX_BYTES:
        raise SourceFileError(_too_large(name))
    if b"\0" in raw[:8192]:
        msg = f"{name} is a binary file; name a source file"
        raise SourceFileError(msg)
    try:
        text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8")
    except UnicodeDecodeError as error:
        msg = f"{name} is not UTF-8 (byte {error.start}); convert it first"
        raise SourceFileError(msg) from error
    if len(text) > MAX_CHARACTERS:
        raise SourceFileError(_too_large(name))
    return text


def _read_file(path: Path) -> bytes:
    """Up to a byte more than is allowed; only regular files end for sure."""
    try:
        if path.is_dir():
            msg = f"{path} is a folder; name a file in it"
            raise SourceFileError(msg)
        if path.exists() and not path.is_file():
            msg = f"{path} is no regular file; use --stdin for a pipe"
            raise SourceFileError(msg)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); check the name"
        raise SourceFileError(msg) from error


def _read_stdin() -> bytes:
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        msg = "--stdin was given, but stdin is closed; pipe a file into it"
        raise SourceFileError(msg)
    return stdin.buffer.read(MAX_BYTES + 1)


def _too_large(name: str) -> str:
    mb = MAX_CHARACTERS // 1_000_000
    return f"{name} is larger than {mb} MB of text; name a smaller file"


def split_at(text: str, line: int, column: int | None, name: str) -> tuple[str, str]:
    """The text before and after a position.

    Args:
        text: The whole file.
        line: From 1.
        column: From 1, in characters, the cursor before it; None: the line's end.
        name: For the error.

    Raises:
        PositionError: there is no such line or column.
    """
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    if not 1 <= line <= len(starts):
        msg = f"{name} has {len(starts)} lines; line {line} is outside"
        raise PositionError(msg)
    start = starts[line - 1]
    end_of_text = starts[line] if line < len(starts) else len(text)
    length = len(text[start:end_of_text].rstrip("\r\n"))
    column = length + 1 if column is None else column
    if not 1 <= column <= length + 1:
        msg = f"{name}:{line} has columns 1 to {length + 1}; {column} is outside"
        raise PositionError(msg)
    offset = start + column - 1
    return text[:offset], text[offset:]
