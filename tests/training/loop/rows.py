"""Small rows that can be learned, for tests."""

import numpy as np

from codeassist.training.fim_data import NO_DOCUMENT, Row

__all__ = ["make_rows"]


def make_rows(count, *, length=32, vocabulary=97, seed=0, documents=2):
    """Rows of arithmetic sequences, some of whose tokens are given."""
    chance = np.random.default_rng(seed)
    return [row(chance, length, vocabulary, documents) for _ in range(count)]


def row(chance, length, vocabulary, documents):
    made = Row(
        np.zeros(length, np.int32),
        np.zeros(length, np.bool_),
        np.full(length, NO_DOCUMENT, np.int32),
        np.zeros(length, np.int32),
    )
    start = 0
    for number in range(documents):
        size = int(chance.integers(6, length // documents + 1))
        end, first = start + size, int(chance.integers(vocabulary))
        made.tokens[start:end] = (first + 7 * np.arange(size)) % vocabulary
        made.mask[start + int(chance.integers(1, 5)) : end] = True
        made.documents[start:end] = number
        made.positions[start:end] = np.arange(size)
        start = end
    return made
