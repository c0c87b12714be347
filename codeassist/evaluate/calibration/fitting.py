"""A logistic regression: from log-probability to the chance that a word is right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from codeassist.engine.gates import Calibration
from codeassist.engine.gates.confidence import is_behind_sign, least_likely
from codeassist.evaluate.replay.typing_model import right

from .observing import Passage

__all__ = ["Example", "examples", "fit"]

ROUNDS = 30
"""Newton's method has converged long before."""

PENALTY = 1e-2
"""On the squares of the figures: keeps them finite where all answers are right."""


@dataclass(frozen=True, slots=True)
class Example:
    """What is known of an answer's first word."""

    least: float
    """Log-probability of the least likely of the tokens that tell of it."""

    behind_sign: bool
    right: bool


def examples(passages: Iterable[Passage]) -> list[Example]:
    """All answers that say something."""
    return [
        Example(
            least_likely(each.text, each.logprobs, each.ends, each.line),
            is_behind_sign(each.line),
            right(each.text, passage.text[each.at :]) > 0,
        )
        for passage in passages
        for each in passage.observations
        if each.text.strip()
    ]


def fit(known: Sequence[Example]) -> Calibration:
    """The figures under which what was right is likeliest, by Newton's method."""
    x = np.array([(1.0, each.least, each.behind_sign) for each in known])  # (N, 3)
    y = np.array([each.right for each in known], dtype=np.float64)  # (N,)
    w = np.zeros(3)
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        slope = x.T @ (y - p) - PENALTY * w
        curve = (x * (p * (1 - p))[:, None]).T @ x + PENALTY * np.eye(3)
        w += np.linalg.solve(curve, slope)
    bias, least, sign = map(float, w)
    return Calibration(bias, least, sign)
