"""Rows from disk in any order, each shard checked before it is used."""

import hashlib
import weakref
import zipfile
import zlib
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Row

from .block import PARTS, Block
from .index import read_index

__all__ = ["PackedRows"]

BLOCKS = 64
"""Unpacked blocks that are kept: some 20 MB."""

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class PackedRows:
    """The rows of a folder, as `write_rows` was given them.

    Raises:
        CorpusError: there are no rows; and, from the row that meets it, a shard that
            is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = read_index(folder)
        self._starts = [0, *accumulate(shard.rows for shard in self.index.shards)]
        self._open: dict[int, NpzFile] = {}
        self._block = lru_cache(BLOCKS)(self._read)
        weakref.finalize(self, _close, self._open)

    def __len__(self) -> int:
        return self.index.rows

    def __getitem__(self, number: int, /) -> Row:
        if not 0 <= number < len(self):
            msg = f"row {number} of {len(self)}"
            raise IndexError(msg)
        shard = bisect_right(self._starts, number) - 1
        block, inside = divmod(number - self._starts[shard], self.index.block)
        found = self._block(shard, block)
        return found.row(inside, length=self.index.length, pad=self.index.pad)

    def _read(self, shard: int, block: int) -> Block:
        if shard not in self._open:
            self._open[shard] = self._checked(shard)
        file = self._open[shard]
        try:
            return Block(*(file[f"{block}.{part}"] for part in PARTS))
        except DAMAGED as error:
            raise self._damaged(shard, str(error)) from error

    def _checked(self, shard: int) -> NpzFile:
        entry = self.index.shards[shard]
        path = self.folder / entry.file
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != entry.sha256:
                raise self._damaged(shard, "its checksum is another one")
            opened: NpzFile = np.load(path)
        except DAMAGED as error:
            raise self._damaged(shard, str(error)) from error
        return opened

    def _damaged(self, shard: int, why: str) -> CorpusError:
        name = self.folder / self.index.shards[shard].file
        return CorpusError(
            f"{name} is damaged ({why}); delete {self.folder} to prepare it again"
        )


def _close(files: dict[int, NpzFile]) -> None:
    for file in files.values():
        file.close()
