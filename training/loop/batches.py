"""Which rows a step learns from, and rows as tensors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from codeassist.training.fim_data import NO_DOCUMENT, Row

from .settings import LoopSettings

__all__ = ["Batch", "Order", "Rows", "batches", "longest_batch", "make_batch"]

STRIDE = 32
"""Lengths are rounded up to a multiple of it: matrix products like that."""


class Rows(Protocol):
    """Rows of tokens that can be had in any order."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, index: int, /) -> Row:
        """The row at an index."""


class Order:
    """The rows of every step, from the seed and the step alone.

    Each epoch is a permutation of all rows; steps follow each other through epochs.
    """

    def __init__(self, rows: int, *, rows_per_step: int, seed: int) -> None:
        self._rows, self._per_step, self._seed = rows, rows_per_step, seed
        self._epoch = -1
        self._permutation: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def __call__(self, step: int) -> list[int]:
        """Return the indices of a step's rows, steps counted from 0."""
        first = step * self._per_step
        return [self._at(place) for place in range(first, first + self._per_step)]

    def _at(self, place: int) -> int:
        epoch, within = divmod(place, self._rows)
        if epoch != self._epoch:
            chance = np.random.default_rng([self._seed, epoch])
            self._epoch, self._permutation = epoch, chance.permutation(self._rows)
        return int(self._permutation[within])


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows, ready for the decoder; B rows of T tokens."""

    ids: Tensor
    """*Shape:* ``(B, T)``"""

    keep: Tensor
    """Where the next token is to be predicted. *Shape:* ``(B, T)``, booleans"""

    targets: Tensor
    """Those next tokens. *Shape:* ``(kept tokens,)``"""

    real: Tensor
    """What is no padding. *Shape:* ``(B, T)``, booleans"""

    positions: Tensor | None
    """*Shape:* ``(B, T)``; None: no row has more than one document."""

    documents: Tensor | None
    """As ``positions``."""

    def to(self, device: torch.device) -> "Batch":
        """Return the same on a device."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return replace(
            self,
            **{
                name: value.to(device, non_blocking=True)
                for name, value in values.items()
                if value is not None
            },
        )


def make_batch(rows: Sequence[Row], *, trim: bool = True) -> Batch:
    """Put rows side by side, without the padding that all of them end with.

    Args:
        rows: of one length.
        trim: whether that padding goes; a compiled decoder wants one length.
    """
    tokens = np.stack([row.tokens for row in rows])
    mask = np.stack([row.mask for row in rows])
    documents = np.stack([row.documents for row in rows])
    length = tokens.shape[1]
    if trim:
        used = int((documents != NO_DOCUMENT).any(0).nonzero()[0].max(initial=0)) + 1
        length = min(length, _rounded(used))
    keep = np.zeros_like(mask)
    keep[:, :-1] = mask[:, 1:]
    targets = tokens[:, 1:][mask[:, 1:]]
    tokens, keep = tokens[:, :length], keep[:, :length]
    documents = documents[:, :length]
    # One document and padding behind it: nothing that is learned sees the padding.
    packed = (documents > 0).any()
    positions = np.stack([row.positions for row in rows])[:, :length]
    return Batch(
        ids=torch.from_numpy(tokens.astype(np.int64)),
        keep=torch.from_numpy(keep.copy()),
        targets=torch.from_numpy(targets.astype(np.int64)),
        real=torch.from_numpy(documents != NO_DOCUMENT),
        positions=torch.from_numpy(positions.astype(np.int64)) if packed else None,
        documents=torch.from_numpy(documents.copy()) if packed else None,
    )


def longest_batch(example: int, length: int, settings: LoopSettings) -> int:
    """Tokens that a batch of rows with one example each may come to have.

    Args:
        example: tokens of an example at the most.
        length: tokens of a row.
        settings: of the loop.
    """
    return length if settings.compile else min(length, _rounded(example))


def _rounded(tokens: int) -> int:
    return -(-tokens // STRIDE) * STRIDE


def batches(rows: Sequence[Row], size: int, *, trim: bool = True) -> Iterator[Batch]:
    """Yield batches of at most ``size`` rows."""
    for first in range(0, len(rows), size):
        yield make_batch(rows[first : first + size], trim=trim)
