"""Rows of different lengths in flat arrays, by where each one starts.

numpy keeps the interpreter's lock while `repeat` works, and while `cumsum` changes the
type of its numbers; the server's loop would wait for it. So types are changed first, and
much is repeated in parts.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Array

__all__ = ["ragged", "repeated", "starts_of", "take"]

PART = 1 << 17
"""Rows that are repeated at a time."""


def starts_of(lengths: Iterable[int]) -> NDArray[np.uint32]:
    """Where each row starts, and where the last one ends."""
    if isinstance(lengths, np.ndarray):
        sizes = lengths
    else:
        sizes = np.fromiter(lengths, np.int64)
    starts = np.zeros(len(sizes) + 1, np.uint32)
    np.cumsum(sizes.astype(np.uint32), out=starts[1:])
    return starts


def ragged(items: Sequence[bytes]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Byte strings: their starts, and all their bytes."""
    return starts_of(map(len, items)), np.frombuffer(b"".join(items), np.uint8)


def take(
    starts: Array, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Some of the rows: their new starts, and the places they held until now."""
    begins = starts[:-1][rows].astype(np.int64)
    lengths = starts[1:][rows].astype(np.int64) - begins
    new = starts_of(lengths)
    return new, np.arange(lengths.sum()) + repeated(begins - new[:-1], lengths)


def repeated(
    values: NDArray[np.int64], lengths: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """Each value as often as its row is long, as ``np.repeat``."""
    parts = range(0, len(values), PART)
    found = [np.repeat(values[at : at + PART], lengths[at : at + PART]) for at in parts]
    return np.concatenate([np.empty(0, np.int64), *found])
