"""How far two models agree: their logits on the same text, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .checkpoint import Array

__all__ = ["Agreement", "agree", "losses"]

ROWS = 32
"""Positions that are worked on at a time; a row may have 150,000 logits."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Two models on one text."""

    positions: int
    largest: float
    """Of all differences of logits."""

    mean: float
    """Of all absolute differences of logits."""

    spread: float
    """Standard deviation of the first one's logits, to see a difference against."""

    divergence: float
    """Mean Kullback-Leibler divergence of the second from the first, in nats."""

    same_top: float
    """Share of positions at which both prefer the same token."""

    first: Array
    """The first one's loss at every position, in nats. *Shape:* ``(tokens,)``."""

    second: Array
    """The second one's."""


def agree(pairs: Iterable[tuple[list[int], Array, Array]]) -> Agreement:
    """Compare logits, piece by piece.

    Args:
        pairs: Ids of a piece of text, and both models' logits after each of them,
            ``(len(ids), vocabulary)``.
    """
    sums, numbers, positions = np.zeros(5), 0, 0
    largest, found = 0.0, []
    for ids, first, second in pairs:
        for at in range(0, len(ids), ROWS):
            a = first[at : at + ROWS].astype(np.float64)
            b = second[at : at + ROWS].astype(np.float64)
            gap = np.abs(a - b)
            p, q = _log_softmax(a), _log_softmax(b)
            largest = max(largest, float(gap.max()))
            sums += (
                gap.sum(),
                a.sum(),
                np.square(a).sum(),
                (np.exp(p) * (p - q)).sum(),
                (a.argmax(1) == b.argmax(1)).sum(),
            )
            numbers, positions = numbers + a.size, positions + len(a)
        found.append((losses(ids, first), losses(ids, second)))
    mean = sums[1] / numbers
    return Agreement(
        positions=positions,
        largest=largest,
        mean=float(sums[0] / numbers),
        spread=float(np.sqrt(sums[2] / numbers - mean**2)),
        divergence=float(sums[3] / positions),
        same_top=float(sums[4] / positions),
        first=np.concatenate([each[0] for each in found]),
        second=np.concatenate([each[1] for each in found]),
    )


def losses(ids: list[int], logits: Array) -> Array:
    """Loss of each token but the first, in nats. *Shape:* ``(len(ids) - 1,)``."""
    parts = []
    for at in range(0, len(ids) - 1, ROWS):
        targets = ids[at + 1 : at + 1 + ROWS]
        rows = _log_softmax(logits[at : at + len(targets)].astype(np.float64))
        parts.append(-rows[np.arange(len(targets)), targets])
    return np.concatenate(parts)


def _log_softmax(logits: Array) -> Array:
    """*Shape:* ``(rows, vocabulary)``, the same for the result."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found
