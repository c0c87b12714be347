"""How sure a mean is, and whether one system is better than another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from codeassist.errors import InputError

__all__ = ["Comparison", "Interval", "bootstrap", "compare", "mcnemar"]

RESAMPLES = 2_000
LEVEL = 0.95
BLOCK = 1_000_000
"""Draws that are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it lies with 95 % confidence."""

    mean: float
    low: float
    high: float
    n: int
    """Values it was made of."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on the same holes, pair by pair."""

    difference: Interval
    """First minus second."""

    wins: int
    """Holes on which the first is better."""

    losses: int
    ties: int
    p: float | None
    """Of McNemar's exact test; None where values are not only 0 and 1."""


def bootstrap(
    values: Sequence[float], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Percentile bootstrap of the mean [Efron 1979].

    Holes are drawn one by one. Where many holes come from one problem (the multi-line
    set: 27 of each), the true interval is wider.

    Args:
        values: One for each hole.
        seed: The same seed gives the same interval.
        resamples: Drawn samples of ``len(values)``.

    Raises:
        InputError: no values.
    """
    if not values:
        raise InputError("an interval needs at least one value")
    data = np.asarray(values, dtype=np.float64)
    low, high = np.quantile(
        _means(data, seed, resamples), [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    )
    return Interval(float(data.mean()), float(low), float(high), len(data))


def _means(data: NDArray[np.float64], seed: int, resamples: int) -> NDArray[np.float64]:
    """Means of samples drawn with replacement; shape [resamples]."""
    random = np.random.default_rng(seed)
    rows = max(1, BLOCK // len(data))
    means = []
    for start in range(0, resamples, rows):
        shape = (min(rows, resamples - start), len(data))
        means.append(data[random.integers(len(data), size=shape)].mean(axis=1))
    return np.concatenate(means)


def compare(
    first: Mapping[str, float], second: Mapping[str, float], *, seed: int = 0
) -> Comparison:
    """Two systems on the holes that both have a value for.

    Args:
        first: Id of a hole to the first system's value.
        second: The same of the second.
        seed: Of the paired bootstrap.

    Raises:
        InputError: no hole is in both.
    """
    holes = [hole for hole in first if hole in second]
    if not holes:
        raise InputError("the two systems share no hole; evaluate both on one manifest")
    differences = [first[hole] - second[hole] for hole in holes]
    wins = sum(difference > 0 for difference in differences)
    losses = sum(difference < 0 for difference in differences)
    binary = all({first[hole], second[hole]} <= {0.0, 1.0} for hole in holes)
    return Comparison(
        difference=bootstrap(differences, seed=seed),
        wins=wins,
        losses=losses,
        ties=len(holes) - wins - losses,
        p=mcnemar(wins, losses) if binary else None,
    )


def mcnemar(wins: int, losses: int) -> float:
    """Two-sided exact p-value: wins and losses are as likely [McNemar 1947]."""
    n = wins + losses
    tail = sum(comb(n, i) for i in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / (1 << n))
