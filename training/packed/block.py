"""Some rows as four flat arrays and back: what can be derived is not kept.

In shapes R is rows, S examples and N tokens of the block, padding apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codeassist.training.fim_data import NO_DOCUMENT, Row

__all__ = ["PARTS", "Block"]

PARTS = ("counts", "lengths", "tokens", "mask")
"""Names of a block's arrays."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows without their padding; documents and positions follow from the lengths."""

    counts: npt.NDArray[np.uint32]
    """Examples of each row. *Shape:* ``(R,)``"""

    lengths: npt.NDArray[np.uint32]
    """Tokens of each example. *Shape:* ``(S,)``"""

    tokens: npt.NDArray[np.unsignedinteger]
    """Of 16 bits where the vocabulary allows. *Shape:* ``(N,)``"""

    mask: npt.NDArray[np.uint8]
    """A bit for each token. *Shape:* ``(ceil(N / 8),)``"""

    @classmethod
    def of(cls, rows: Sequence[Row], *, vocab_size: int) -> "Block":
        """Pack rows as `fim_data.Packer` makes them: padding last."""
        real = [row.documents != NO_DOCUMENT for row in rows]
        lengths = [
            np.bincount(row.documents[here]).astype(np.uint32)
            for row, here in zip(rows, real, strict=True)
        ]
        kind: type[np.unsignedinteger] = (
            np.uint16 if vocab_size <= 1 << 16 else np.uint32
        )
        pairs = list(zip(rows, real, strict=True))
        return cls(
            np.array([len(each) for each in lengths], np.uint32),
            np.concatenate(lengths),
            np.concatenate([row.tokens[here] for row, here in pairs]).astype(kind),
            np.packbits(np.concatenate([row.mask[here] for row, here in pairs])),
        )

    def row(self, number: int, *, length: int, pad: int) -> Row:
        """One of the rows, whole again.

        Args:
            number: Of the row in the block.
            length: Tokens of a row.
            pad: Id of what fills its rest.
        """
        ends = np.cumsum(self.counts)
        first = int(ends[number] - self.counts[number])
        start = int(self.lengths[:first].sum())
        lengths = self.lengths[first : ends[number]].astype(np.int64)
        size = int(lengths.sum())
        row = Row(
            np.full(length, pad, np.int32),
            np.zeros(length, np.bool_),
            np.full(length, NO_DOCUMENT, np.int32),
            np.zeros(length, np.int32),
        )
        row.tokens[:size] = self.tokens[start : start + size]
        bits = self.mask[start // 8 : -(-(start + size) // 8)]
        row.mask[:size] = np.unpackbits(bits)[start % 8 :][:size]
        row.documents[:size] = np.repeat(np.arange(len(lengths)), lengths)
        begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
        row.positions[:size] = np.arange(size) - begins
        return row
