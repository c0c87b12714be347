"""Rows into shards of a bounded size; the folder appears whole or not at all."""

import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Row

from .block import PARTS, Block
from .index import INDEX_FILE, RowsIndex, Shard

__all__ = ["SHARD_BYTES", "write_rows"]

SHARD_BYTES = 60_000_000
"""Of a shard at the most."""

BLOCK_TOKENS = 65_536
"""Of a block, about: to read one row of it takes a millisecond."""


def write_rows(
    folder: Path,
    rows: Iterable[Row],
    about: Mapping[str, Any],
    *,
    vocab_size: int,
    pad: int,
    shard_bytes: int = SHARD_BYTES,
) -> RowsIndex:
    """Write rows as they come; nothing but one block is held in memory.

    A shard is an ordinary ``.npz`` with four arrays for each block of rows. What a
    killed writer left is cleared away by the next one.

    Args:
        folder: Where they shall stand; older rows there are replaced.
        rows: Of one length, as `fim_data.Packer` makes them.
        about: Where they come from, to be kept in `rows.json`.
        vocab_size: Above every id; decides how wide ids are kept.
        pad: Id that fills rows up.
        shard_bytes: Of a shard at the most.

    Raises:
        CorpusError: there are no rows, or ``folder`` holds something else.
    """
    if folder.exists() and not _replaceable(folder):
        msg = f"{folder} exists and holds no rows; name another folder"
        raise CorpusError(msg)
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        msg = "there is nothing to learn from: no row came of the sources; name others"
        raise CorpusError(msg)
    length = len(first.tokens)
    index = RowsIndex(length, vocab_size, pad, max(1, BLOCK_TOKENS // length))
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        index = _fill(part, chain([first], coming), index, shard_bytes)
        text = replace(index, about=about).to_json()
        (part / INDEX_FILE).write_text(text, "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return index


def _fill(
    folder: Path, rows: Iterator[Row], index: RowsIndex, shard_bytes: int
) -> RowsIndex:
    blocks = _batched(rows, index.block)
    waiting = next(blocks, None)
    shards: list[Shard] = []
    learned = tokens = 0
    while waiting is not None:
        path = folder / f"{len(shards):05}.npz"
        count = number = 0
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            while waiting is not None:
                block = Block.of(waiting, vocab_size=index.vocab_size)
                size = archive.fp.tell() if archive.fp else 0
                if count and size + _bytes(block) > shard_bytes:
                    break
                _add(archive, number, block)
                count, number = count + len(waiting), number + 1
                tokens += len(block.tokens)
                learned += sum(int(row.mask.sum()) for row in waiting)
                waiting = next(blocks, None)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        shards.append(Shard(path.name, count, digest))
    total = sum(shard.rows for shard in shards)
    return replace(
        index, rows=total, tokens=tokens, learned=learned, shards=tuple(shards)
    )


def _batched(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


def _bytes(block: Block) -> int:
    """What it takes where nothing can be compressed."""
    return sum(getattr(block, part).nbytes + 512 for part in PARTS)


def _add(archive: zipfile.ZipFile, number: int, block: Block) -> None:
    for part in PARTS:
        with archive.open(f"{number}.{part}.npy", "w") as member:
            np.lib.format.write_array(member, getattr(block, part))


def _replaceable(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return (folder / INDEX_FILE).is_file() or not any(folder.iterdir())
