"""Rows of different lengths in flat arrays, by where each one starts."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .columns import Array

__all__ = ["ragged", "starts_of", "take"]


def starts_of(lengths: Iterable[int]) -> NDArray[np.uint32]:
    """Where each row starts, and where the last one ends."""
    if isinstance(lengths, np.ndarray):
        sizes = lengths
    else:
        sizes = np.fromiter(lengths, np.int64)
    starts = np.zeros(len(sizes) + 1, np.uint32)
    np.cumsum(sizes, dtype=np.uint32, out=starts[1:])
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
    return new, np.arange(lengths.sum()) + np.repeat(begins - new[:-1], lengths)
