"""Which chunks share most with some words: Okapi BM25.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the inverse document frequency kept positive, as Lucene does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    length = sum(float(s.columns["chunk_length"].sum()) for s, _ in views) / total
    ranked: list[tuple[Segment, int, float]] = []
    for (segment, hidden), postings in zip(views, found, strict=True):
        kept = [p for p in postings if counted[p[0]]]
        if kept:
            scores = _scores(segment, kept, value, max(length, 1.0))
            top = _top(scores, segment, hidden, limit)
            ranked += ((segment, chunk, float(scores[chunk])) for chunk in top)
    ranked.sort(key=lambda entry: -entry[2])
    return ranked[:limit]


def _scores(
    segment: Segment,
    postings: Sequence[tuple[int, int, int]],
    value: NDArray[np.floating[Any]],
    length: float,
) -> NDArray[np.float32]:
    words = segment.words
    norm = K1 * (
        1 - B + B / length * segment.columns["chunk_length"].astype(np.float32)
    )
    scores = np.zeros(segment.chunks, np.float32)
    for word, begin, end in postings:
        chunks = words.chunks[begin:end]
        count = words.counts[begin:end].astype(np.float32)
        # note: a chunk stands once in a word's postings, so that this adds correctly
        scores[chunks] += (
            np.float32(value[word] * (K1 + 1)) * count / (count + norm[chunks])
        )
    return scores


def _top(
    scores: NDArray[np.float32],
    segment: Segment,
    hidden: NDArray[np.bool_],
    limit: int,
) -> list[int]:
    """The best chunks of files that count, in no order."""
    if hidden.any():
        sizes = np.diff(segment.columns["chunk_starts"])
        scores[np.repeat(hidden, sizes)] = 0
    if len(scores) > limit:
        top = np.argpartition(scores, -limit)[-limit:]
    else:
        top = np.arange(len(scores))
    found: list[int] = top[scores[top] > 0].tolist()
    return found
