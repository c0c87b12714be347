"""Text that stood here and was deleted: who deletes a line writes it again, changed.

Where the answer has come to words that the deleted text has, too, what followed them
there is likelier: the model's distribution is mixed with that of the deleted text behind
the longest match (a cache as in Tu, Su and Devanbu, "On the Localness of Software").
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from .sampling import Logits
from .vocab import Vocab

__all__ = ["Removed"]

RIGHT, LONG, RIGHT_IF_LONG = 0.7, 7, 0.85
"""How often the deleted text goes on as the new one does behind two words or signs that
agree, and behind so many (docs/experiments.md)."""

LOOK_BACK = 200
"""Characters before the next token that are compared."""

AHEAD = 40
"""Characters of the deleted text that the next token is made of."""

LONGEST_LINE = 400
"""Characters in which what stands behind the cursor is looked for."""

UNITS = 2, 12
"""Words and signs, the fewest and the most, that have to agree."""

UNIT = re.compile(r"\w+|[^\w\s]")


class Removed:
    """Prefers what followed, in deleted texts, the words that the answer has come to.

    Args:
        vocab: The model's tokens.
        texts: That were deleted, the newest first.
        head: What stands before the answer.
        after: What stands behind the cursor; it is there already.
    """

    def __init__(
        self,
        vocab: Vocab,
        texts: Sequence[str] = (),
        head: str = "",
        after: str = "",
    ) -> None:
        self._vocab = vocab
        self._texts = texts
        self._after = after[:LONGEST_LINE].lstrip()
        self._written = head[-LOOK_BACK:].encode("utf-8", "replace")

    def lean(self, logits: Logits) -> Logits:
        """The logits of the mixture, but for a constant.

        Shape of ``logits`` and of what is returned: (n_vocab,).
        """
        right, following = self._following() if self._texts else (0.0, Counter[int]())
        tokens = [token for token in following if np.isfinite(logits[token])]
        if not tokens:
            return logits
        top = float(logits.max())
        total = top + float(np.log(np.exp(logits - top).sum()))
        odds = _odds(right, model=float(np.exp(top - total)))
        parts = np.array([following[token] for token in tokens]) / following.total()
        own = np.exp(logits[tokens] - total)
        leant = logits.copy()
        leant[tokens] = total + np.log(own + odds * parts)
        return leant

    def took(self, token: int) -> None:
        """A token was chosen."""
        if self._texts:
            written = self._written + self._vocab.piece(token)
            self._written = written[-LOOK_BACK:]

    def _following(self) -> tuple[float, Counter[int]]:
        """The tokens that follow the longest match in the newest text that has one.

        With how often they are right.
        """
        written = self._written.decode("utf-8", "ignore")
        starts = [unit.start() for unit in UNIT.finditer(written)]
        fewest, most = UNITS
        for text in self._texts:
            for n in range(min(most, len(starts)), fewest - 1, -1):
                found = self._behind(text, written[starts[-n] :])
                if found:
                    return RIGHT_IF_LONG if n >= LONG else RIGHT, found
        return 0.0, Counter()

    def _behind(self, text: str, words: str) -> Counter[int]:
        """How often each token follows some words in a text."""
        found = Counter[int]()
        if words not in text:
            return found
        pattern = re.escape(words)
        if words[0].isalnum() or words[0] == "_":
            pattern = rf"(?<!\w){pattern}"
        for match in re.finditer(pattern, text):
            ahead = text[match.end() :]
            line = ahead[:LONGEST_LINE].strip().partition("\n")[0]
            if line and not self._after.startswith(line):
                ids = self._vocab.tokenize(ahead[:AHEAD], lead_space=False)
                found.update(ids[:1])
        return found


def _odds(right: float, model: float) -> float:
    """How much the deleted text weighs against the model: less where that is sure.

    As if two witnesses disagreed, one right so often, the other with its own likeliest
    token's probability.
    """
    model = min(max(model, 1e-6), 1 - 1e-6)
    return right / (1 - right) * (1 - model) / model
