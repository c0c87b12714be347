"""The tokens of one step in llama.cpp's own form."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from .native import lib

__all__ = ["Batch"]


class Batch:
    """Memory for a step of up to `size` tokens, all of one sequence.

    It is filled again and again, and owned by Python: `llama_batch_free` is not for it.
    """

    def __init__(self, size: int) -> None:
        self._ids = np.zeros(size, np.int32)
        self._positions = np.zeros(size, np.int32)
        self._wanted = np.zeros(size, np.int8)
        self._n_sequences = np.ones(size, np.int32)
        self._sequence = (lib.llama_seq_id * 1)()
        one = ctypes.POINTER(lib.llama_seq_id)
        self._sequences = (one * size)(*[ctypes.cast(self._sequence, one)] * size)
        self._struct: Any = lib.llama_batch()
        self._struct.token = _pointer(self._ids, ctypes.c_int32)
        self._struct.pos = _pointer(self._positions, ctypes.c_int32)
        self._struct.logits = _pointer(self._wanted, ctypes.c_int8)
        self._struct.n_seq_id = _pointer(self._n_sequences, ctypes.c_int32)
        self._struct.seq_id = self._sequences

    def fill(
        self, tokens: Sequence[int], *, start: int, sequence: int, wanted: int
    ) -> Any:
        """The ``llama_batch`` for these tokens, valid until the next call.

        Args:
            tokens: Up to `size` ids.
            start: Position of the first one.
            sequence: Number of the sequence they go on with.
            wanted: So many of the last ones want logits.
        """
        n = len(tokens)
        self._ids[:n] = tokens
        self._positions[:n] = range(start, start + n)
        self._wanted[:n] = 0
        self._wanted[n - wanted : n] = 1
        self._sequence[0] = sequence
        self._struct.n_tokens = n
        return self._struct


def _pointer(array: Any, kind: Any) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))
