"""The worst misses: wrong answers, the surest and farthest from the reference first."""

import math
from dataclasses import dataclass

from codeassist.evaluate.hole import Row

from .evaluation import Evaluation, Place
from .strata import headline

__all__ = ["Miss", "worst"]

UNKNOWN = 0.5
"""Confidence of a system that tells none."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A wrong answer."""

    place: Place
    row: Row
    others: tuple[Row, ...]
    """What the other systems made of the same hole."""

    confidence: float | None
    """Geometric mean of the tokens' probabilities; None where it is not told."""


def worst(evaluation: Evaluation, n: int = 20) -> list[Miss]:
    """The worst misses of the first system: confidence times distance.

    Answers that are empty come last: nobody was shown anything wrong. Of several samples
    the first is looked at, and it may be right.
    """
    if not evaluation.runs:
        return []
    metric = headline(evaluation)
    places = {place.id: place for place in evaluation.places}
    first, *rest = evaluation.runs
    others = {
        hole: tuple(row for run in rest for row in run.rows if row.hole == hole)
        for hole in places
    }
    misses = [
        Miss(places[row.hole], row, others[row.hole], _confidence(row))
        for row in first.rows
        if row.hole in places
        and row.scores.get(metric, 1.0) < 1.0
        and row.output.text.strip() != places[row.hole].middle.strip()
    ]
    return sorted(misses, key=_badness, reverse=True)[:n]


def _confidence(row: Row) -> float | None:
    logprob = row.output.logprob
    return None if logprob is None else math.exp(logprob)


def _badness(miss: Miss) -> float:
    if not miss.row.output.text.strip():
        return -1.0
    confidence = UNKNOWN if miss.confidence is None else miss.confidence
    return confidence * (1.0 - miss.row.scores.get("edit_similarity", 0.0))
