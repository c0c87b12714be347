"""Examples side by side in rows of one length, with little room wasted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codeassist.errors import ConfigError

from .examples import Example

__all__ = ["NO_DOCUMENT", "Packer", "Row"]

NO_DOCUMENT = -1
"""In place of the number of a document: padding."""


@dataclass(frozen=True, slots=True)
class Row:
    """Examples in one sequence; attention stays inside each of them."""

    tokens: npt.NDArray[np.int32]
    """*Shape:* ``(length,)``"""

    mask: npt.NDArray[np.bool_]
    """Whether a token is to be predicted from those of its document before it; never
    the first of a document, nor padding. *Shape:* ``(length,)``"""

    documents: npt.NDArray[np.int32]
    """Which example a token belongs to, from 0; padding to `NO_DOCUMENT`.
    *Shape:* ``(length,)``"""

    positions: npt.NDArray[np.int32]
    """Of a token in its document, from 0. *Shape:* ``(length,)``"""


class Packer:
    """Puts each example into the open row that it fills best.

    Args:
        length: Tokens of a row.
        pad: Id of what fills the rest.
        open_rows: Rows that wait for something that fits; more waste less.
    """

    def __init__(self, length: int, *, pad: int, open_rows: int = 128) -> None:
        self._length = length
        self._pad = pad
        self._open_rows = open_rows
        self.rows = 0
        self.tokens = 0
        """Tokens in the finished rows, without padding."""

    @property
    def waste(self) -> float:
        """Share of padding in the rows so far."""
        return 1 - self.tokens / (self.rows * self._length) if self.rows else 0.0

    def stream(self, examples: Iterable[Example]) -> Iterator[Row]:
        """The rows, each as soon as it is full or the fullest of too many.

        Raises:
            ConfigError: an example is longer than a row.
        """
        waiting: list[tuple[int, list[Example]]] = []  # room left, and what is in
        for example in examples:
            size = len(example.tokens)
            if size > self._length:
                msg = (
                    f"an example of {size} tokens does not fit a row of "
                    f"{self._length}; set fim.length to {self._length} or less"
                )
                raise ConfigError(msg)
            fitting = [n for n, (room, _) in enumerate(waiting) if room >= size]
            best = min(fitting, key=lambda n: waiting[n][0], default=None)
            room, inside = waiting.pop(best) if best is not None else (self._length, [])
            waiting.append((room - size, [*inside, example]))
            if room == size:
                yield self._row(waiting.pop()[1])
            elif len(waiting) > self._open_rows:
                fullest = min(range(len(waiting)), key=lambda n: waiting[n][0])
                yield self._row(waiting.pop(fullest)[1])
        for _, inside in waiting:
            yield self._row(inside)

    def _row(self, examples: list[Example]) -> Row:
        row = Row(
            np.full(self._length, self._pad, np.int32),
            np.zeros(self._length, np.bool_),
            np.full(self._length, NO_DOCUMENT, np.int32),
            np.zeros(self._length, np.int32),
        )
        start = 0
        for number, example in enumerate(examples):
            end = start + len(example.tokens)
            row.tokens[start:end] = example.tokens
            row.mask[start + 1 : end] = example.mask[1:]
            row.documents[start:end] = number
            row.positions[start:end] = np.arange(end - start)
            start = end
        self.rows += 1
        self.tokens += start
        return row
