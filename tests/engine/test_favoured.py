import numpy as np
import pytest

from codeassist.engine.decode.favoured import BIAS, Favoured


class Pieces:
    """A vocabulary of a few spellings."""

    def __init__(self, *pieces: str) -> None:
        self._pieces = [piece.encode() for piece in pieces]

    def piece(self, token: int) -> bytes:
        return self._pieces[token]

    def tokenize(self, text: str, *, lead_space: bool) -> list[int]:
        """The longest piece that a text begins with."""
        fitting = [p for p in self._pieces if text.encode().startswith(p)]
        return [self._pieces.index(max(fitting, key=len))] if fitting else []

    def of(self, text: str) -> int:
        return self._pieces.index(text.encode())


VOCAB = Pieces(
    "Base", "Lite", "Model", "Config", "):", "l", "load", "(Lite", ".Lite", "\n", "s"
)


def raised(head, *said, names=("LiteModelConfig", "loads")):
    """What is preferred behind some text and some tokens."""
    favoured = Favoured(VOCAB, names, head)
    for piece in said:
        favoured.took(VOCAB.of(piece))
    added = favoured.lean(np.zeros(11, np.float32))
    assert set(added.tolist()) <= {0.0, BIAS}
    return {VOCAB.piece(int(n)).decode() for n in np.flatnonzero(added)}


def test_what_begins_a_name_is_preferred():
    """Also behind a bracket in the same token, not as an attribute, no single letter."""
    assert raised("class Mine(") == {"Lite", "load", "(Lite"}
    assert raised("class Mine") == {"(Lite"}
    assert raised("self.") == {"(Lite"}


def test_one_letter_is_enough_where_the_tokenizer_cuts_so():
    """`l` begins a name that no longer piece begins, but not `loads`."""
    assert "l" in raised("x = ", names=("limit",))
    assert "l" not in raised("x = ", names=("loads",))


def test_a_name_is_led_to_its_end():
    """Each token that goes on with it, and then what stands behind it."""
    assert raised("x = ", "Lite") == {"Model", "(Lite"}
    assert raised("x = ", "Lite", "Model") == {"Config", "(Lite"}
    assert raised("x = ", "Lite", "Model", "Config") == {"):", "(Lite", ".Lite", "\n"}


def test_a_name_that_the_answer_has_is_used():
    """It is not preferred a second time, on its line or below."""
    said = ("load", "s", "):")
    assert raised("", *said) == {"Lite", "(Lite"}
    assert raised("", *said, "\n") == {"Lite", "(Lite"}


def test_half_of_a_surrogate_pair():
    """One that an editor sent is a sign like others before the answer."""
    assert raised('x = "\ud83d" + ') == raised('x = "?" + ') != set()


@pytest.mark.parametrize("names", [(), ("other",)])
def test_the_models_own_logits_are_passed_on(names):
    """Where nothing is expected, or no token leads there, not even a copy is made."""
    row = np.zeros(11, np.float32)
    assert Favoured(VOCAB, names, "x = ").lean(row) is row
