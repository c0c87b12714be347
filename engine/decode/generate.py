"""Tokens one after another, until something says stop."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .cancel import Cancel
from .healing import Healing
from .sampling import Logits, log_probability
from .session import Session
from .stop import Stop

__all__ = ["Generation", "Leaning", "Sampler", "Token"]


class Sampler(Protocol):
    """How the next token is picked."""

    def choose(self, logits: Logits) -> int:
        """Id of the next token. Shape of ``logits``: (n_vocab,)."""


class Leaning(Protocol):
    """What makes some tokens likelier than the model has them."""

    def lean(self, logits: Logits) -> Logits:
        """The logits to choose by. Shape of both: (n_vocab,)."""

    def took(self, token: int) -> None:
        """A token was chosen."""


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token."""

    id: int
    logprob: float
    """Natural logarithm of its probability under the model (not the sampler), among the
    tokens that fit what is pending, leanings counted in."""

    piece: bytes
    """What it writes; a part of a character, perhaps."""


class Generation:
    """Iterate over it to decode; leave the loop to stop.

    Args:
        session: With its prompt evaluated.
        sampler: How tokens are picked.
        ends: Ids that end the answer.
        max_tokens: Tokens at the most, those aside that only spell what is pending.
        deadline: Monotonic time after which no further token is begun.
        cancel: Stops from another thread; `Session.arm` makes it stop a token
            half-way, too.
        pending: What the answer must begin with; probabilities are then those among
            the tokens that fit.
        leanings: Change the logits one after another; probabilities count that in, too.
    """

    def __init__(
        self,
        session: Session,
        *,
        sampler: Sampler,
        ends: frozenset[int],
        max_tokens: int,
        deadline: float = float("inf"),
        cancel: Cancel | None = None,
        pending: str = "",
        leanings: Sequence[Leaning] = (),
    ) -> None:
        self._leanings = leanings
        self._healing = Healing(session.model.vocab, pending)
        self._session = session
        self._sampler = sampler
        self._ends = ends
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._cancel = cancel or Cancel()
        self.unfinished: Callable[[], bool] = lambda: False
        """Asked when the model ends the answer: whether it is made to go on."""

        self.stop = Stop.RULE
        """Why it ended; `RULE` while the reader has not let it run out."""

    def __iter__(self) -> Iterator[Token]:
        session, vocab = self._session, self._session.model.vocab
        left = self._max_tokens
        while left > 0:
            stop = self._interrupted()
            if stop is not None:
                self.stop = stop
                return
            logits = self._healing.mask(session.logits())
            for each in self._leanings:
                logits = each.lean(logits)
            token = self._sampler.choose(logits)
            if self._is_end(token) and self.unfinished():
                token = self._another(logits, token)
            if self._is_end(token):
                self.stop = Stop.END_TOKEN
                return
            left -= self._healing.took(token)
            for each in self._leanings:
                each.took(token)
            yield Token(token, log_probability(logits, token), vocab.piece(token))
            if left > 0 and not session.extend(token):
                cancelled = self._cancel.is_set()
                self.stop = Stop.CANCELLED if cancelled else Stop.CONTEXT_FULL
                return
        self.stop = Stop.MAX_TOKENS

    def _is_end(self, token: int) -> bool:
        return token in self._ends or self._session.model.vocab.is_end(token)

    def _another(self, logits: Logits, token: int) -> int:
        """The choice among the tokens that end nothing."""
        logits = logits.copy()
        while self._is_end(token) and np.isfinite(logits[token]):
            logits[token] = -np.inf
            token = self._sampler.choose(logits)
        return token

    def _interrupted(self) -> Stop | None:
        if self._cancel.is_set():
            return Stop.CANCELLED
        if time.monotonic() > self._deadline:
            return Stop.TIME_LIMIT
        return None
