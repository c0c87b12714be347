"""Names that are favoured: what a file imports and does not use yet is meant to come.

Whoever writes an import means to use it, and a small model seldom weighs that enough. So
a token that leads to such a name gets a constant more (the logit bias of common APIs, on
the tokens of a trie), from the name's first token to its last.
"""

import re
from collections.abc import Collection

import numpy as np

from .sampling import Logits
from .vocab import Vocab

__all__ = ["Favoured"]

BIAS = 2.5
"""Logits: a token that leads to such a name counts twelve times (docs/experiments.md)."""

NEAR = 8.0
"""Logits below the likeliest token to which tokens are looked at."""

LOOKS = 256
"""So many of them at the most."""

NAME = re.compile(r"[^\W\d]\w*")
LAST = re.compile(r"(?<![\w.])[^\W\d]\w*\Z")
"""The name that a text ends with, unless it is an attribute."""


class Favoured:
    """Prefers the tokens that lead to some names.

    Args:
        vocab: The model's tokens.
        names: That are preferred, each until the answer has it.
        head: What stands before the answer on its line.
    """

    def __init__(
        self, vocab: Vocab, names: Collection[str] = (), head: str = ""
    ) -> None:
        self._vocab = vocab
        self._names = frozenset(names)
        self._line = head.encode("utf-8", "replace")

    def lean(self, logits: Logits) -> Logits:
        """The logits with `BIAS` added where a token leads to a name.

        Shape of ``logits`` and of what is returned: (n_vocab,).
        """
        if not self._names:
            return logits
        line = self._line.decode("utf-8", "ignore")
        near = np.flatnonzero(logits > logits.max() - NEAR)
        if near.size > LOOKS:
            near = near[np.argpartition(logits[near], -LOOKS)[-LOOKS:]]
        leading = [token for token in near.tolist() if self._leads(line, token)]
        if not leading:
            return logits
        leant = logits.copy()
        leant[leading] += BIAS
        return leant

    def took(self, token: int) -> None:
        """A token was chosen."""
        if not self._names:
            return
        written = self._line + self._vocab.piece(token)
        text = written.decode("utf-8", "ignore")
        ended = NAME.findall(text.removesuffix(_last(text)))
        self._names = self._names.difference(ended)
        self._line = written.rpartition(b"\n")[2]

    def _leads(self, line: str, token: int) -> bool:
        """Whether a token begins, continues or ends one of the names."""
        piece = self._vocab.piece(token).decode("utf-8", "ignore")
        last = _last(line + piece)
        if last:
            names = [name for name in self._names if name.startswith(last)]
            # one letter tells no name, unless the tokenizer itself begins it so
            lead = piece.removesuffix(last)
            return any(len(last) > 1 or self._begins(token, lead + n) for n in names)
        begun = len(line) - len(_last(line))
        ended = NAME.match(line + piece, begun) if begun < len(line) else None
        return ended is not None and ended[0] in self._names

    def _begins(self, token: int, text: str) -> bool:
        return self._vocab.tokenize(text, lead_space=False)[:1] == [token]


def _last(text: str) -> str:
    found = LAST.search(text)
    return found[0] if found else ""
