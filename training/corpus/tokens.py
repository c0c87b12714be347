"""Texts as rows of hashed tokens and of n-grams of them, equal on every machine."""

import re
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

__all__ = ["WORD", "Hashes", "grams", "hashed"]

Hashes = npt.NDArray[np.uint64]

WORD = re.compile(r"[A-Za-z_0-9]+")
"""StarCoder's tokens: what stands between all other characters."""

KNOWN = 1_000_000
"""Words whose hash a process remembers."""

_words: dict[str, int] = {}


def hashed(text: str) -> Hashes:
    """The tokens of a text.

    Returns:
        *Shape:* ``(tokens,)``
    """
    found = WORD.findall(text)
    if len(_words) > KNOWN:
        _words.clear()
    for word in set(found):
        if word not in _words:
            digest = blake2b(word.encode(), digest_size=8).digest()
            _words[word] = int.from_bytes(digest, "little")
    return np.fromiter((_words[word] for word in found), np.uint64, len(found))


def grams(tokens: Hashes, n: int) -> Hashes:
    """The n-grams in their order; a text of fewer tokens is one gram.

    Args:
        tokens: *Shape:* ``(tokens,)``
        n: Tokens of a gram.

    Returns:
        *Shape:* ``(max(tokens - n + 1, 1),)``, or ``(0,)`` without tokens
    """
    n = min(n, len(tokens))
    if not n:
        return tokens
    rows = np.lib.stride_tricks.sliding_window_view(tokens, n)
    mixed = np.full(len(rows), 0x9E3779B97F4A7C15, np.uint64)
    for column in range(n):  # xor, multiply and shift, as in SplitMix64
        mixed = (mixed ^ rows[:, column]) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    return mixed
