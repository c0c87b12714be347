"""Token healing: the answer begins with text that was kept out of the prompt.

A prompt that ends inside a word ends in tokens that the model has never seen there:
`retu` is `ret`, `u`, but `return` is one token. So the end of the text stays out of the
prompt, and the first tokens of the answer must spell it (as in Guidance's token
healing); what they say behind it is new.
"""

import numpy as np

from .sampling import Logits
from .vocab import Vocab

__all__ = ["Healing"]

FIRST_LOOK = 256
"""Likeliest tokens that are looked at before all others; one of them fits nearly
always."""


class Healing:
    """Lets only tokens through that spell what is pending.

    Args:
        vocab: The model's tokens.
        pending: What the answer must begin with.
    """

    def __init__(self, vocab: Vocab, pending: str) -> None:
        self._vocab = vocab
        self._pending = pending.encode()

    def mask(self, logits: Logits) -> Logits:
        """The logits with -inf where a token does not fit; the same when all do.

        Shape of ``logits`` and of what is returned: (n_vocab,). Of the tokens that fit,
        the unlikely ones may be left out; the likeliest never is.
        """
        if not self._pending:
            return logits
        n = FIRST_LOOK
        while True:
            n = min(n, logits.size)
            likely = np.argpartition(logits, -n)[-n:]
            fitting = [t for t in likely.tolist() if self._fits(t)]
            if fitting or n == logits.size:
                break
            n *= 16
        masked = np.full_like(logits, -np.inf)
        masked[fitting] = logits[fitting]
        return masked if fitting else logits

    def took(self, token: int) -> None:
        """A token was chosen; what it spells is not pending any more."""
        if self._pending:
            self._pending = self._pending[len(self._vocab.piece(token)) :]

    def _fits(self, token: int) -> bool:
        piece = self._vocab.piece(token)
        pending = self._pending
        return bool(piece) and (piece.startswith(pending) or pending.startswith(piece))
