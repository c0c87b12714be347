"""Columns are found from those before, as if each were counted from the line's start."""

import random

import pytest

from codeassist.lsp import columns
from codeassist.lsp.columns import Columns, characters, units

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@pytest.mark.parametrize("encoding", CODECS)
def test_half_of_a_surrogate_pair(encoding):
    """One that is alone is a character, and only a column within a pair is none's."""
    line = "é\ud83dx🙂\ude42\ud83d\ude42y"
    codec, size = CODECS[encoding]
    before = 0
    for n, each in enumerate(line):
        width = len(each.encode(codec, "surrogatepass")) // size
        assert units(line[:n], encoding) == before
        for column in range(before, before + width):
            assert characters(line, column, encoding) == n
        before += width
    assert characters(line, before, encoding) == len(line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_any_columns(encoding, monkeypatch):
    """Far or near, forth or back, before and after edits: each column is its own."""
    monkeypatch.setattr(columns, "STEP", 5)
    choose = random.Random(2)
    text = ["".join(choose.choices("aé🙂", k=60))]
    found = Columns(lambda start, end: text[0][start:end], encoding)
    for _ in range(2000):
        start = choose.choice((0, 0, 0, 20))
        column = choose.randrange(200)
        line = text[0][start:50]
        expected = start + characters(line, column, encoding)
        assert found.offset(start, 50, column) == expected
        if choose.random() < 0.3:
            at = choose.randrange(60)
            text[0] = text[0][:at] + choose.choice("aé🙂") + text[0][at + 1 :]
            found.edited(at)
