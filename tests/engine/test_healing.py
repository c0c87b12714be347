from types import SimpleNamespace

import numpy as np

from codeassist.engine.decode.generate import Generation
from codeassist.engine.decode.healing import Healing
from codeassist.engine.decode.sampling import Greedy


class Pieces:
    """A vocabulary of a few spellings."""

    def __init__(self, *pieces: str) -> None:
        self.n_tokens = len(pieces)
        self._pieces = [piece.encode() for piece in pieces]

    def piece(self, token: int) -> bytes:
        return self._pieces[token]

    def tokenize(self, text: str, *, lead_space: bool) -> list[int]:
        """Ids of the longest spellings; nothing behind what no piece spells."""
        raw, ids = text.encode(), []
        while found := [p for p in self._pieces if p and raw.startswith(p)]:
            longest = max(found, key=len)
            ids.append(self._pieces.index(longest))
            raw = raw[len(longest) :]
        return ids


VOCAB = Pieces("re", "turn", "return", "x", " return", "returns", "", "r", "é"[:1])


def spelled(pending: str, *rows: list[float]) -> list[int]:
    healing = Healing(VOCAB, pending)
    taken = []
    for row in rows:
        token = int(healing.mask(np.array(row, np.float32)).argmax())
        healing.took(token)
        taken.append(token)
    return taken


def test_the_likeliest_token_that_spells_the_pending_text_is_taken():
    """`retu` is completed by the one token that the model would have written."""
    logits = [1.0, 5.0, 4.0, 9.0, 8.0, 2.0, 9.5, 0.0, 0.0]
    assert spelled("retu", logits, logits) == [2, 6]


def test_pending_text_may_take_several_tokens():
    """A token that says a part of it is followed by one that says the rest."""
    first = [6.0, 5.0, 4.0, 9.0, 8.0, 2.0, 9.5, 0.0, 0.0]
    second = [9.0, 5.0, 4.0, 9.0, 8.0, 2.0, 9.5, 0.0, 0.0]
    assert spelled("retu", first, second) == [0, 1]


def test_a_part_is_spelled_as_the_tokenizer_does():
    """A likely piece that the tokenizer would not begin with leads nowhere known."""
    row = [1.0, 5.0, 0.5, 9.0, 8.0, 0.5, 9.5, 6.0, 0.0]
    assert spelled("retu", row) == [0]  # neither `r` nor what is likelier still


def test_nothing_pending_changes_nothing():
    """Without pending text the model's own logits are passed on."""
    row = np.zeros(9, np.float32)
    assert Healing(VOCAB, "").mask(row) is row


def test_a_text_that_no_token_spells_stops_nobody():
    """A vocabulary without the letters leaves the choice to the model."""
    assert spelled("@", [0.0, 1.0, 0, 0, 0, 0, 0, 0, 0]) == [1]


def test_half_of_a_surrogate_pair():
    """One that an editor sent is spelled as the tokenizer is given it: `?`."""
    many = Pieces("x", "?", "??")

    assert int(Healing(many, "\ud83d").mask(np.array([9.0, 1.0, 0.0])).argmax()) == 1


def test_an_unlikely_token_is_found_beyond_the_first_look():
    """The only token that fits is taken, however unlikely it is."""
    many = Pieces(*[f"w{n}" for n in range(1000)], "zz")
    healing = Healing(many, "z")
    logits = np.linspace(5, 1, 1001).astype(np.float32)
    assert int(healing.mask(logits).argmax()) == 1000


class Rows:
    """A session whose logits are known."""

    def __init__(self, vocab, *rows):
        self.model = SimpleNamespace(vocab=vocab)
        self._rows = list(rows)

    def logits(self):
        return np.array(self._rows.pop(0), np.float32)

    def extend(self, _token):
        return True


def test_what_is_spelled_again_costs_no_tokens():
    """An answer may have as many tokens as it is allowed behind what is pending."""
    vocab = Pieces("re", "tu", "rn", "x", "")
    vocab.is_end = lambda _token: False
    row = [5.0, 4.0, 3.0, 9.0, 0.0]

    def said(pending):
        session = Rows(vocab, row, row, row, row)
        generation = Generation(
            session, sampler=Greedy(), ends=frozenset(), max_tokens=2, pending=pending
        )
        return [vocab.piece(token.id).decode() for token in generation]

    assert said("") == ["x", "x"]
    assert said("retu") == ["re", "tu", "x", "x"]
    assert said("retur") == ["re", "tu", "re", "x"]
