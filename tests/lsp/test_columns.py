"""Columns are found from those before, as if each were counted from the line's start."""

import random

import pytest

from codeassist.lsp import columns
from codeassist.lsp.columns import Columns, characters


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
