"""Token healing: the answer begins with text that was kept out of the prompt.

A prompt that ends inside a word ends in tokens that the model has never seen there:
`retu` is `ret`, `u`, but `return` is one token. So the end of the text stays out of the
prompt, and the first tokens of the answer must spell it (as in Guidance's token
healing); what they say behind it is new.

A token that spells only a part of it is let through where the tokenizer itself would
begin with it: `re`, which fits `retu`, would lead to pieces that the model never saw.
"""

import numpy as np

from .sampling import Logits
from .vocab import Vocab

__all__ = ["Healing"]

LOOKS = (256, 4096)
"""Likeliest tokens that are looked at, the second number where none of the first fits;
then the tokenizer's own first token is taken."""


WORD = "a"
"""Stands for what may come behind a blank."""


class Healing:
    """Lets only tokens through that spell what is pending.

    Args:
        vocab: The model's tokens.
        pending: What the answer must begin with.
    """

    def __init__(self, vocab: Vocab, pending: str) -> None:
        self._vocab = vocab
        self._pending = pending.encode("utf-8", "replace")
        self._first = self._begins_with()

    def mask(self, logits: Logits) -> Logits:
        """The logits with -inf where a token does not fit; the same when all do.

        Shape of ``logits`` and of what is returned: (n_vocab,). Of the tokens that fit,
        the unlikely ones may be left out.
        """
        if not self._pending:
            return logits
        fitting = self._fitting(logits)
        masked = np.full_like(logits, -np.inf)
        masked[fitting] = logits[fitting]
        return masked if fitting else logits

    def took(self, token: int) -> bool:
        """A token was chosen; what it spells is not pending any more.

        Returns:
            Whether it says something new.
        """
        if not self._pending:
            return True
        piece = self._vocab.piece(token)
        new = not piece or len(piece) > len(self._pending)
        self._pending = self._pending[len(piece) :]
        self._first = self._begins_with()
        return new

    def _fitting(self, logits: Logits) -> list[int]:
        for n in LOOKS:
            likely = np.argpartition(logits, -min(n, logits.size))[-n:]
            fitting = [t for t in likely.tolist() if self._fits(t)]
            if fitting:
                return fitting
        return [] if self._first is None else [self._first]

    def _fits(self, token: int) -> bool:
        piece = self._vocab.piece(token)
        if token == self._first or piece.startswith(self._pending):
            return bool(piece)
        return self._first is None and bool(piece) and self._pending.startswith(piece)

    def _begins_with(self) -> int | None:
        """The first token of what is pending, as the tokenizer cuts it.

        A blank at its end is cut as before a word. None: unknown, as in the middle of
        a character.
        """
        pending = self._pending
        text = pending.decode("utf-8", "ignore")
        word = WORD if text[-1:].isspace() else ""
        ids = self._vocab.tokenize(text + word, lead_space=False)
        if not ids:
            return None
        piece = self._vocab.piece(ids[0])
        fits = pending.startswith(piece) or piece.startswith(pending)
        return ids[0] if fits else None
