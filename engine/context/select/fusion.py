"""One ranking out of several: reciprocal rank fusion over the lines of candidates."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .model import Candidate

__all__ = ["Ranked", "fuse"]

K = 60
"""As published: it keeps the first few ranks of one source from deciding alone."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score over all sources."""

    candidate: Candidate
    score: float


def fuse(rankings: Sequence[tuple[float, Sequence[Candidate]]]) -> list[Ranked]:
    """All candidates, best first.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009). Candidates of different
    sources are hardly ever the same rows, so a source votes for lines, as in Cody: a
    candidate has the vote of its own source, and of each other one the share in which
    that source's best candidate covers its rows.

    Args:
        rankings: Weight of a source, and what it brings, best first.
    """
    votes: defaultdict[str, list[tuple[int, Candidate, float]]] = defaultdict(list)
    for source, (weight, candidates) in enumerate(rankings):
        for rank, candidate in enumerate(candidates):
            vote = weight / (K + rank + 1)
            votes[candidate.path].append((source, candidate, vote))
    ranked = [
        Ranked(candidate, vote + _support(source, candidate, votes[candidate.path]))
        for of_file in list(votes.values())
        for source, candidate, vote in of_file
    ]
    return sorted(ranked, key=lambda each: -each.score)


def _support(
    source: int, candidate: Candidate, others: Sequence[tuple[int, Candidate, float]]
) -> float:
    """The other sources' votes for the rows of a candidate."""
    best: dict[int, float] = {}
    rows = candidate.end_row - candidate.start_row + 1
    for other_source, other, vote in others:
        if other_source == source:
            continue
        start = max(candidate.start_row, other.start_row)
        end = min(candidate.end_row, other.end_row)
        if end >= start:
            share = vote * (end - start + 1) / rows
            best[other_source] = max(share, best.get(other_source, 0.0))
    return sum(best.values())
