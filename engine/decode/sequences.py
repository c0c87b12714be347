"""Which sequence of the KV cache a prompt goes on with, and which one it may replace."""

from collections.abc import Sequence as Ids
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["SEQUENCES", "WORTH", "Cells", "Sequence", "Sequences"]

SEQUENCES = 4
"""Places that are remembered at once: open files, and where the cursor was before."""

WORTH = 192
"""Tokens. Less than that is computed again rather than kept: half a second of work, and
more than the text behind the cursor has, which changes with each move of it."""


class Cells(Protocol):
    """The cells of a KV cache; each belongs to one sequence or to several."""

    def cut(self, number: int, start: int) -> bool:
        """Forget a sequence from a position on; False where the model cannot."""

    def copy(self, source: int, target: int, end: int) -> None:
        """Share a sequence's cells up to a position with another, empty one."""


@dataclass(slots=True)
class Sequence:
    """One sequence of the cache."""

    number: int
    """llama.cpp's id of it."""

    tokens: list[int] = field(default_factory=list)
    """What is in the cache, in order."""

    prompt: int = 0
    """That many of the tokens belong to a prompt; behind them stands an answer."""


class Sequences:
    """The sequences of one cache, in the order of their last use.

    Args:
        cells: Where their keys and values are.
        n: How many there are.
        forgets: Whether the model can forget the end of one.
    """

    def __init__(
        self, cells: Cells, n: int = SEQUENCES, *, forgets: bool = True
    ) -> None:
        self._cells = cells
        self._forgets = forgets
        self._used = [Sequence(number) for number in range(n)]

    @property
    def current(self) -> Sequence:
        """The one that was taken last."""
        return self._used[-1]

    def take(self, tokens: Ids[int]) -> int:
        """Make `current` begin as `tokens` do, as far as the cache knows them.

        The sequence that shares most goes on. Where that would cost it a prompt that is
        worth keeping, and longer than half of what is shared, another one takes over
        and shares its cells.

        Args:
            tokens: A whole prompt; its last token is never counted as known.

        Returns:
            How many tokens are there.
        """
        known = [_common(each.tokens, tokens) for each in self._used]
        shared, at = max((n, at) for at, n in enumerate(known))
        taken = self._used[at]
        if taken.prompt - shared > max(WORTH, shared // 2):
            spare = min(self._used, key=_worth_keeping)
            if spare is not taken:
                self._forget(spare)
                if shared:
                    self._cells.copy(taken.number, spare.number, shared)
                    spare.tokens = taken.tokens[:shared]
                taken = spare
        self._used.remove(taken)
        self._used.append(taken)
        return self._cut(taken, shared)

    def known(self, tokens: Ids[int]) -> int:
        """How many tokens of a prompt `take` would find there."""
        known = ((_common(each.tokens, tokens), each) for each in self._used)
        there = (n for n, each in known if self._forgets or n == len(each.tokens))
        return max(there, default=0)

    def replace(self) -> Sequence:
        """An empty sequence in the place of the one that is missed least."""
        spare = min(self._used, key=_worth_keeping)
        self._forget(spare)
        self._used.remove(spare)
        self._used.append(spare)
        return spare

    def make_room(self) -> bool:
        """Forget the one that is missed least; False: only the current one is left."""
        others = [each for each in self._used[:-1] if each.tokens]
        if not others:
            return False
        self._forget(min(others, key=_worth_keeping))
        return True

    def clear(self) -> None:
        """Forget all of them."""
        for each in self._used:
            self._forget(each)

    def _cut(self, sequence: Sequence, n: int) -> int:
        if n < len(sequence.tokens):
            if not self._cells.cut(sequence.number, n):
                n = 0  # recurrent models cannot forget a part
                self._cells.cut(sequence.number, n)
            del sequence.tokens[n:]
        sequence.prompt = min(sequence.prompt, n)
        return n

    def _forget(self, sequence: Sequence) -> None:
        self._cells.cut(sequence.number, 0)
        sequence.tokens, sequence.prompt = [], 0


def _common(known: Ids[int], tokens: Ids[int]) -> int:
    """Length of the common beginning; the last of `tokens` does not count."""
    limit = min(len(known), len(tokens) - 1)
    for n in range(limit):
        if known[n] != tokens[n]:
            return n
    return max(0, limit)


def _worth_keeping(sequence: Sequence) -> bool:
    """Key for `min`, which takes the least recent of equals: short ones go first."""
    return sequence.prompt > WORTH
