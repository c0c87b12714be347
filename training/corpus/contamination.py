"""Evaluation sets as n-grams: no file of a corpus may share one with them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from codeassist.errors import CorpusError

from .evaluation_sets import texts_below
from .tokens import WORD, Hashes, grams, hashed

__all__ = ["Evaluation", "evaluation_grams"]

VARIED = 6
"""Different tokens that a counted n-gram has at the least, and"""

SPELLED = 4
"""of them words of two letters or more: 0 1 2 3 and a b c are in many files."""


class Evaluation:
    """The n-grams of the evaluation sets, to look files up in.

    Args:
        known: Sorted. *Shape:* ``(n-grams,)``
        n: Tokens of an n-gram.
    """

    def __init__(self, known: Hashes, n: int) -> None:
        self._known, self._n = known, n

    def shared(self, tokens: Hashes) -> int:
        """How many n-grams of a file are in a set.

        Args:
            tokens: *Shape:* ``(tokens,)``
        """
        if len(tokens) < self._n or not len(self._known):
            return 0
        own = np.unique(grams(tokens, self._n))
        places = np.searchsorted(self._known, own).clip(max=len(self._known) - 1)
        return int(np.count_nonzero(self._known[places] == own))


def evaluation_grams(folders: tuple[str, ...], n: int) -> Hashes:
    """The n-grams of every text below the folders.

    As in GPT-3 (Brown et al. 2020, appendix C) and StarCoder, an n-gram is of words.

    Returns:
        Sorted, each once. *Shape:* ``(n-grams,)``

    Raises:
        CorpusError: a folder is missing, holds no text, or a file cannot be read.
    """
    found: list[Hashes] = []
    for folder in folders:
        before = len(found)
        if not Path(folder).is_dir():
            msg = f"{folder} is no folder; against needs folders of evaluation sets"
            raise CorpusError(msg)
        every = (_grams(text, n) for text in texts_below(Path(folder)))
        found += (each for each in every if len(each))
        if len(found) == before:
            msg = f"{folder} holds no text to decontaminate against; name another"
            raise CorpusError(msg)
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)


def _grams(text: str, n: int) -> Hashes:
    """The n-grams of a text that say something."""
    tokens = hashed(text)
    if len(tokens) < n:
        return np.empty(0, np.uint64)
    words = [len(word) > 1 and not word.isdigit() for word in WORD.findall(text)]
    varied = _different(tokens, n) >= min(VARIED, n)
    # note: all that is no word becomes one token, which is then taken off
    spelled = _different(np.where(words, tokens, np.uint64(0)), n)
    spelled -= ~sliding_window_view(np.array(words), n).all(axis=1)
    return np.unique(grams(tokens, n)[varied & (spelled >= min(SPELLED, n))])


def _different(tokens: Hashes, n: int) -> npt.NDArray[np.int64]:
    """How many different tokens each n-gram has.

    Returns:
        *Shape:* ``(n-grams,)``
    """
    rows = np.sort(sliding_window_view(tokens, n), axis=1)
    changes: npt.NDArray[np.int64] = np.count_nonzero(
        rows[:, 1:] != rows[:, :-1], axis=1
    )
    return changes + 1
