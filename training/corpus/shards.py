"""A corpus on disk: zstandard JSON lines that stream, and go on where they stopped.

Against Parquet: a line of JSON can be read with any tool, the reader needs 5 MB of
library and not 170, and training reads whole documents, never single columns.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zstandard

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Document
from codeassist.whole import replacing, write_text

__all__ = [
    "INDEX",
    "Documents",
    "Position",
    "Shard",
    "documents",
    "write_index",
    "write_lines",
    "write_shard",
]

INDEX = "corpus.json"
FORMAT = 1
LEVEL = 10


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: behind so many documents of a shard."""

    shard: int = 0
    document: int = 0


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of documents."""

    file: str
    documents: int
    size: int
    """Bytes of text."""

    sha256: str
    """Of the file."""


def write_shard(path: Path, files: Iterable[Document]) -> Shard:
    """Write one shard; it appears as a whole."""
    count = size = 0
    with replacing(path) as part:
        with zstandard.open(
            part, "wt", encoding="utf-8", cctx=zstandard.ZstdCompressor(level=LEVEL)
        ) as out:
            for document in files:
                out.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
                count += 1
                size += len(document.text.encode())
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Shard(path.name, count, size, digest)


def write_index(folder: Path, shards: Iterable[Shard]) -> None:
    """Make a folder with shards a corpus."""
    told = {"format": FORMAT, "shards": [asdict(each) for each in shards]}
    write_text(folder / INDEX, json.dumps(told, indent=1) + "\n")


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON lines; the file appears as a whole."""
    with replacing(path) as part, part.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def documents(folder: Path, position: Position | None = None) -> "Documents":
    """The documents of a corpus, those of one repository one after another.

    Args:
        folder: That `codeassist corpus build` wrote.
        position: Where to go on; None: the beginning.

    Raises:
        CorpusError: it is no corpus.
    """
    return Documents(folder, position or Position())


class Documents(Iterator[Document]):
    """Streams a corpus; holds one line at a time.

    Args:
        folder: Of the corpus.
        position: Where to begin.
    """

    def __init__(self, folder: Path, position: Position) -> None:
        self._folder = folder
        self.shards = _index(folder)
        if position.shard > len(self.shards):
            msg = f"{folder} has no shard {position.shard}; is it another corpus?"
            raise CorpusError(msg)
        self.position = position
        """Behind the last document that was given out."""

        self._rows = self._read(position)

    def __next__(self) -> Document:
        self.position, document = next(self._rows)
        return document

    def _read(self, start: Position) -> Iterator[tuple[Position, Document]]:
        for number in range(start.shard, len(self.shards)):
            shard = self.shards[number]
            skip = start.document if number == start.shard else 0
            read = 0
            for row in _rows(self._folder / shard.file):
                read += 1
                if read > skip:
                    yield Position(number, read), Document(**row)
            if read != shard.documents:
                msg = f"{self._folder / shard.file} is cut off; build the corpus again"
                raise CorpusError(msg)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from map(json.loads, file)
    except (OSError, zstandard.ZstdError, ValueError) as error:
        msg = f"{path} is damaged ({str(error)[:120]}); build the corpus again"
        raise CorpusError(msg) from error


def _index(folder: Path) -> tuple[Shard, ...]:
    try:
        told = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            msg = f"{folder} has format {told['format']}, not {FORMAT}; build it again"
            raise CorpusError(msg)
        return tuple(Shard(**each) for each in told["shards"])
    except FileNotFoundError as error:
        msg = f"{folder} is no corpus; build one with `codeassist corpus build`"
        raise CorpusError(msg) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{folder / INDEX} cannot be read ({error}); build the corpus again"
        raise CorpusError(msg) from error
