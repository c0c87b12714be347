"""Packing: nothing lost, nothing split, little wasted."""

import random

import numpy as np
import pytest

from codeassist.errors import ConfigError
from codeassist.training.fim_data import NO_DOCUMENT, Example, Packer


def example(size, first=0):
    tokens = np.arange(first, first + size, dtype=np.int32)
    return Example(tokens, np.ones(size, np.bool_))


def test_every_example_is_whole_in_one_row():
    """Each example lies in one row in one piece, with its own number and positions."""
    dice = random.Random(0)
    sizes = [dice.randrange(1, 100) for _ in range(300)]
    examples = [example(size, 1000 * n) for n, size in enumerate(sizes)]
    found = []
    for row in Packer(100, pad=7).stream(examples):
        for number in range(row.documents.max() + 1):
            (at,) = np.nonzero(row.documents == number)
            assert at.tolist() == list(range(at[0], at[0] + len(at)))
            assert row.positions[at].tolist() == list(range(len(at)))
            assert not row.mask[at[0]]
            assert row.mask[at[1:]].all()
            found.append(row.tokens[at].tolist())
        padding = row.documents == NO_DOCUMENT
        assert (row.tokens[padding] == 7).all()
        assert not row.mask[padding].any()
    assert sorted(found) == [e.tokens.tolist() for e in examples]


def test_little_is_wasted():
    """Of code-like lengths less than two per cent of the rows is padding."""
    dice = random.Random(0)
    examples = (example(min(2048, int(dice.lognormvariate(6, 1)))) for _ in range(5000))
    packer = Packer(2048, pad=0)
    for _ in packer.stream(examples):
        pass
    assert packer.waste < 0.02


def test_rows_come_while_examples_do():
    """A row is handed out long before the last example is read."""
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield example(60)

    rows = Packer(100, pad=0, open_rows=4).stream(endless())
    assert [len(next(rows).tokens) for _ in range(3)] == [100] * 3
    assert taken == 7


def test_too_long():
    """An example that fits no row is refused with both figures."""
    with pytest.raises(ConfigError, match=r"11 tokens does not fit a row of 10"):
        list(Packer(10, pad=0).stream([example(11)]))
