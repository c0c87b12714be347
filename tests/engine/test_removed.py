"""What was deleted is likelier where the answer has come to its words."""

import numpy as np
import pytest

from codeassist.engine.decode.removed import RIGHT, RIGHT_IF_LONG, Removed
from tests.engine.test_favoured import Pieces

VOCAB = Pieces("(", "a", "b", ", b", ", c", ")", "\n", "x", "open", ".read", ", x")


def likely(**logits):
    """Logits of a model that knows some tokens; all others are far below."""
    row = np.full(11, -20.0, np.float32)
    for name, value in logits.items():
        row[VOCAB.of(name)] = value
    return row


def shares(logits):
    """Probabilities by spelling, those below a thousandth left out."""
    p = np.exp(logits - logits.max())
    p /= p.sum()
    pieces = [VOCAB.piece(token).decode() for token in range(p.size)]
    return {
        piece: float(each)
        for piece, each in zip(pieces, p, strict=True)
        if each > 0.001
    }


def test_two_witnesses_are_weighed():
    """A model that has two tokens for equally likely is right half as often as not: the
    deleted text then has its own share, and the model's tokens the rest."""
    removed = Removed(VOCAB, ("open(a, b)",), "z = f(a")
    found = shares(removed.lean(likely(x=0.0, a=0.0)))

    half = (1 - RIGHT) / 2
    assert found == pytest.approx({", b": RIGHT, "x": half, "a": half}, abs=1e-4)


def test_a_long_match_weighs_more():
    """Behind many words that agree the deleted text is right more often."""
    removed = Removed(VOCAB, ("f(a, b, c, a, x)",), "f(a, b, c, a")
    found = shares(removed.lean(likely(b=0.0, a=0.0)))

    assert sum(found.values()) == pytest.approx(1, abs=1e-2)
    assert 1 - found["b"] - found["a"] == pytest.approx(RIGHT_IF_LONG, abs=1e-2)


def test_followers_share_alike():
    """Where the deleted text went on in several ways, each has a part."""
    removed = Removed(VOCAB, ("f(a, b)\nf(a, c)",), "z = f(a")
    found = shares(removed.lean(likely(x=0.0, a=0.0)))

    assert found[", b"] == pytest.approx(RIGHT / 2, abs=1e-4)
    assert found[", c"] == pytest.approx(RIGHT / 2, abs=1e-4)


@pytest.mark.parametrize(
    ("texts", "head"),
    [
        ((), "f(a"),
        (("open(a, b)",), "f("),
        (("open(a, b)",), "a"),
        (("data = b",), "a ="),
        (("open(a",), "f(a"),
        (("open(a, b)",), "f(x"),
    ],
    ids=["none", "one sign", "one word", "half a word", "its end", "another"],
)
def test_what_tells_nothing(texts, head):
    """Two words or signs have to agree, whole ones, and something has to follow."""
    logits = likely(x=0.0, a=0.0)

    assert Removed(VOCAB, texts, head).lean(logits) is logits


def test_the_longest_match_decides():
    """What agrees farther back is likelier to go on alike."""
    removed = Removed(VOCAB, ("open(a.read)\nf(a, b)",), "z = open(a")

    assert ".read" in shares(removed.lean(likely(x=0.0, a=0.0)))
    assert ", b" not in shares(removed.lean(likely(x=0.0, a=0.0)))


def test_the_newest_deletion_decides():
    """An older text is asked where the newest says nothing."""
    newest, older = "f(a, c)", "f(a, b)\nx(b)"

    assert ", c" in shares(
        Removed(VOCAB, (newest, older), "f(a").lean(likely(x=0.0, a=0.0))
    )
    assert ")" in shares(
        Removed(VOCAB, (newest, older), "x(b").lean(likely(x=0.0, a=0.0))
    )


def test_the_answer_is_followed():
    """Tokens of the answer count like what stands before it, over line breaks, too."""
    removed = Removed(VOCAB, ("open(a)\nx(b)",), "z = f")
    for piece in ("(", "a", ")"):
        removed.took(VOCAB.of(piece))

    assert "\n" in shares(removed.lean(likely(x=0.0, a=0.0)))


@pytest.mark.parametrize("after", [", b)", " , b)\n", "\n  , b)\nx"])
def test_what_stands_behind_the_cursor_is_there(after):
    """A rest that the file still has, or has again, is not to be said twice."""
    logits = likely(x=0.0, a=0.0)

    assert Removed(VOCAB, ("open(a, b)",), "f(a", after).lean(logits) is logits


def test_what_is_masked_stays_masked():
    """A token that does not spell what is pending stays impossible."""
    logits = likely(x=0.0, a=0.0)
    logits[VOCAB.of(", b")] = -np.inf
    removed = Removed(VOCAB, ("open(a, b)",), "f(a")

    assert removed.lean(logits) is logits


def test_a_sure_model_is_not_contradicted():
    """Where the model is sure the likeliest token stays what it was."""
    removed = Removed(VOCAB, ("open(a, b)",), "f(a")
    leant = removed.lean(likely(x=10.0))

    assert VOCAB.piece(int(leant.argmax())) == b"x"
