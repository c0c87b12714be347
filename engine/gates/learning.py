"""What the user's own records say of the gate: a small shift of its calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Learned", "Outcome", "learn"]

Array = NDArray[np.float64]

Outcome = tuple[float, bool]
"""The chance that a suggestion was believed to have, and whether it was taken."""

LEAST_SHOWN, LEAST_TAKEN = 200, 30
"""Suggestions, and those of them that were taken, below which nothing is concluded."""

MOST = 0.6
"""Of the shift: a bound of 0.8 acts as one of 0.69 to 0.88, no further."""

DEVIATION = 0.4
"""Of the shift, before anything is known: no user's code is very different."""

STEPS = 61
"""Values of the shift, and of the share, that are tried."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What outcomes come to."""

    shown: int
    """Suggestions of which the chance and the outcome are known."""

    taken: int
    shift: float
    """On the score of a `Calibration`; 0: nothing can be concluded."""

    def bound(self, bound: float) -> float:
        """What a bound comes to: the chance that has to be given before the shift."""
        if not 0 < bound < 1:
            return bound
        return float(1 / (1 + (1 - bound) / bound * np.exp(self.shift)))


def learn(outcomes: Sequence[Outcome]) -> Learned:
    """The likeliest shift of the chances, given what became of suggestions.

    Nobody takes every suggestion that is right, so that one that was not taken need not
    be wrong. The share of the right ones that this user takes is estimated together
    with the shift: P(taken) = share * sigmoid(score + shift). What is sure tells the
    share, what is less sure then tells the shift. The shift's prior is a normal
    distribution around 0.

    Args:
        outcomes: Of suggestions that were shown unasked, by one model and adapter.
    """
    shown, taken = len(outcomes), sum(was_taken for _, was_taken in outcomes)
    if shown < LEAST_SHOWN or taken < LEAST_TAKEN:
        return Learned(shown, taken, 0.0)
    chance = np.array([chance for chance, _ in outcomes]).clip(1e-6, 1 - 1e-6)  # (N,)
    was_taken = np.array([was for _, was in outcomes], dtype=bool)
    shifts = np.linspace(-MOST, MOST, STEPS)
    shares = np.linspace(1 / STEPS, 1, STEPS)
    score = np.log(chance / (1 - chance))
    right = 1 / (1 + np.exp(-(score + shifts[:, None])))  # (shifts, N)
    likelihood = np.array([_likelihood(right * s, was_taken) for s in shares])
    best = (likelihood - shifts**2 / (2 * DEVIATION**2)).max(axis=0)  # (shifts,)
    # the mean and not the peak: where little is known it stays near 0
    weight = np.exp(best - best.max())
    return Learned(shown, taken, float((weight * shifts).sum() / weight.sum()))


def _likelihood(p: Array, was_taken: NDArray[np.bool_]) -> Array:
    """Logarithms of what was seen, for each row of probabilities."""
    p = p.clip(1e-9, 1 - 1e-9)
    summed: Array = np.where(was_taken, np.log(p), np.log1p(-p)).sum(axis=1)
    return summed
