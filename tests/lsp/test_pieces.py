"""A text in pieces is the text that edits make of it."""

import random

from codeassist.lsp.pieces import Pieces


def test_any_edits():
    """After any edits, in any order, all of it and each part are as in a string."""
    choose = random.Random(1)
    for _ in range(200):
        text = "".join(choose.choices("ab🙂\n", k=choose.randrange(1200)))
        pieces = Pieces(text)
        for _ in range(30):
            start, end = sorted(choose.randrange(len(text) + 1) for _ in range(2))
            end = min(end, start + 400)
            new = "x" * choose.randrange(300)
            pieces.replace(start, end, new)
            text = text[:start] + new + text[end:]
            one, two = sorted(choose.randrange(len(text) + 1) for _ in range(2))
            assert len(pieces) == len(text)
            assert pieces.between(one, two) == text[one:two]
            if choose.random() < 0.1:
                assert pieces.whole() == text
        assert pieces.whole() == text


def test_nothing():
    """An empty text can be read and written."""
    pieces = Pieces("")
    assert pieces.whole() == ""
    pieces.replace(0, 0, "a")
    pieces.replace(0, 1, "")
    assert pieces.whole() == pieces.between(0, 0) == ""
