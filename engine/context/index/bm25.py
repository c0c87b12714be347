"""Which chunks share most with some words: Okapi BM25.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the inverse document frequency kept positive, as Lucene does.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .postings import Postings
from .segment import Segment
from .terms import Terms

__all__ = ["best"]

K1 = 1.2
"""How soon further occurrences of a word stop to count; the paper's 1.2 to 2."""

B = 0.75
"""How much a long chunk is held against it; the paper's 0.5 to 0.8."""

COMMON = 0.2
"""Words of more than this share of all chunks tell nothing and are left out, as long
as there are others."""

MANY = 200
"""Postings of a word above which looking up a few is less work than adding all."""

Floats = NDArray[np.float32]


def best(
    views: Sequence[tuple[Segment, NDArray[np.bool_]]],
    words: Terms,
    weights: NDArray[np.float32],
    limit: int,
) -> list[tuple[Segment, int, float]]:
    """The best chunks of all segments, best first.

    Args:
        views: Segments, and which of their files do not count.
        words: What to look for, each word once.
        weights: Of the words.
        limit: Chunks at the most.

    *Shape:* ``words``, ``weights`` ``(words,)``; a mask ``(files,)``.
    """
    total = sum(segment.chunks for segment, _ in views)
    found = [list(segment.words.find(words)) for segment, _ in views]
    frequency = np.zeros(len(words))
    for postings in found:
        for word, begin, end in postings:
            frequency[word] += end - begin
    if not total or not frequency.any():
        return []
    rare = frequency <= COMMON * total
    counted = rare if (rare & (frequency > 0)).any() else np.ones(len(words), bool)
    value = weights * np.log1p((total - frequency + 0.5) / (frequency + 0.5))
    length = sum(float(s.lengths.sum()) for s, _ in views) / total
    ranked: list[tuple[Segment, int, float]] = []
    for (segment, hidden), postings in zip(views, found, strict=True):
        kept = [
            _Word(float(value[word]) * (K1 + 1), begin, end)
            for word, begin, end in postings
            if counted[word]
        ]
        if kept:
            norm = _norm(segment, hidden, max(length, 1.0))
            top = _top(segment.words, kept, norm, limit)
            ranked += ((segment, chunk, score) for chunk, score in top)
    ranked.sort(key=lambda entry: -entry[2])
    return ranked[:limit]


class _Word(NamedTuple):
    """A word that is looked for."""

    gain: float
    """What a chunk gains at the most in which it occurs."""

    begin: int
    """Its first posting in the segment."""

    end: int


def _norm(segment: Segment, hidden: NDArray[np.bool_], length: float) -> Floats:
    """What each chunk's length does to its counts; infinite in files that are hidden."""
    norm = K1 * (1 - B + B / length * segment.lengths)
    if hidden.any():
        norm[np.repeat(hidden, np.diff(segment.columns["chunk_starts"]))] = np.inf
    return norm


def _top(
    postings: Postings, words: Sequence[_Word], norm: Floats, limit: int
) -> list[tuple[int, float]]:
    """The best chunks of a segment and their scores, in no order.

    Words with few postings come first. As soon as what all others could add is less
    than the `limit`-th best has already, only chunks that were met can be among the
    best, and of the long lists only their postings are looked up (Turtle and Flood,
    "Query evaluation: strategies and optimizations", 1995). The result is exact.
    """
    left = sum(word.gain for word in words)
    scores = np.zeros(len(norm), np.float32)
    met: NDArray[np.int64] | None = None
    for word in sorted(words, key=lambda word: word.end - word.begin):
        chunks: NDArray[np.integer[Any]] = postings.chunks[word.begin : word.end]
        counts = postings.counts[word.begin : word.end]
        if met is None and word.end - word.begin > MANY:
            high = scores[scores > left]
            if len(high) > limit:
                met = np.flatnonzero(scores + left >= _least(high, limit))
        if met is not None:
            at = np.minimum(np.searchsorted(chunks, met), len(chunks) - 1)
            hit = np.flatnonzero(chunks[at] == met)
            chunks, counts = met[hit], counts[at[hit]]
        # note: a chunk stands once in a word's postings, so that this adds correctly
        scores[chunks] += np.float32(word.gain) * counts / (counts + norm[chunks])
        left -= word.gain
        if met is not None:
            met = met[scores[met] + left >= _least(scores[met], limit)]
    found = np.flatnonzero(scores) if met is None else met
    if len(found) > limit:
        found = found[np.argpartition(scores[found], -limit)[-limit:]]
    found = found[scores[found] > 0]
    return list(zip(found.tolist(), scores[found].tolist(), strict=True))


def _least(scores: Floats, limit: int) -> float:
    """What the `limit`-th best has; 0 where there are fewer."""
    return float(np.partition(scores, -limit)[-limit]) if len(scores) > limit else 0.0
