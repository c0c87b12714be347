"""The texts of the evaluation sets in a folder, however they are packed."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from codeassist.errors import CorpusError

__all__ = ["texts_below"]

SKIPPED_NAMES = ("license", "licence", "notice", "copying", "readme")
"""Files beside the sets that are in every package, too."""

NO_SETS = frozenset(
    {".gguf", ".model", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf"}
)
"""Models and pictures beside the sets."""

JSON = frozenset({".json", ".jsonl", ".ndjson"})
LEAST = 24
"""Characters of a string below which nothing is said by it."""


def texts_below(folder: Path) -> Iterator[str]:
    """The texts of all files of a folder, but for hidden ones.

    JSON and JSON lines give each of their strings, other files are one text; any may be
    packed with gzip or zstandard.

    Raises:
        CorpusError: a file cannot be read, or is neither text nor packed text.
    """
    for path in sorted(folder.rglob("*")):
        names = [name.lower() for name in path.relative_to(folder).parts]
        hidden = any(name.startswith(".") for name in names)
        kinds = frozenset(map(str.lower, path.suffixes))
        beside = names[-1].startswith(SKIPPED_NAMES) or kinds & NO_SETS
        if path.is_file() and not (hidden or beside):
            text = _text(path)
            yield from [text] if kinds.isdisjoint(JSON) else _strings_in(text)


def _text(path: Path) -> str:
    try:
        content = _unpacked(path)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        msg = f"{path} cannot be read ({error}); fetch the set again"
        raise CorpusError(msg) from error
    if b"\0" in content[:8192]:
        msg = f"{path} is no text; write the set as JSON lines, or take the file away"
        raise CorpusError(msg)
    return content.decode("utf-8-sig", errors="replace")


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix in (".zst", ".zstd"):
        with zstandard.ZstdDecompressor().stream_reader(content) as stream:
            return stream.read()
    return content


def _strings_in(text: str) -> Iterator[str]:
    """Of a JSON document, or one a line, whatever the file's name says."""
    try:
        yield from _strings(json.loads(text))
        return
    except ValueError:
        lines = text.split("\n")  # note: strings may have other line ends in them
    for line in lines:
        try:
            yield from _strings(json.loads(line))
        except ValueError:
            yield line


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= LEAST:
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
