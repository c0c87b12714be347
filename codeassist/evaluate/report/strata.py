"""Figures of an evaluation: overall, by kind of hole, by language, by tag."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from codeassist.evaluate.rows import Ran
from codeassist.evaluate.scores.intervals import (
    Comparison,
    Interval,
    bootstrap,
    compare,
)

from .evaluation import Evaluation, Place

__all__ = ["Latency", "Stratum", "figure", "headline", "latency", "pairs", "strata"]

HEADLINES = ("pass@1", "exact_match", "edit_similarity")
MOST_VALUES = 12
"""A tag with more values is an id, not a stratum."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Some of the holes."""

    group: str
    """``overall``, ``kind``, ``language`` or a tag's name."""

    name: str
    holes: frozenset[str]

    @property
    def label(self) -> str:
        """The name, with that of a tag's group."""
        known = ("overall", "kind", "language")
        return self.name if self.group in known else f"{self.group}: {self.name}"


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a system took, in milliseconds."""

    p50: float
    p95: float
    p99: float


def strata(evaluation: Evaluation) -> list[Stratum]:
    """All holes, then the groups that divide them into more than one part."""
    places = evaluation.places
    found = [Stratum("overall", "all holes", frozenset(p.id for p in places))]
    groups = {
        "kind": [place.kind for place in places],
        "language": [place.language for place in places],
    }
    for tag in sorted({tag for place in places for tag in place.tags}):
        groups[tag] = [place.tags.get(tag, "") for place in places]
    for group, values in groups.items():
        names = sorted(set(values) - {""})
        if len(set(values)) > 1 and len(names) <= MOST_VALUES:
            found += (_stratum(group, name, places, values) for name in names)
    return found


def _stratum(
    group: str, name: str, places: Sequence[Place], values: Sequence[str]
) -> Stratum:
    holes = (
        place.id for place, value in zip(places, values, strict=True) if value == name
    )
    return Stratum(group, name, frozenset(holes))


def figure(
    evaluation: Evaluation, run: Ran, metric: str, stratum: Stratum
) -> Interval | None:
    """Mean of a metric with its interval; None where it applies to no hole."""
    scores = evaluation.scores(run, metric)
    values = [value for hole, value in scores.items() if hole in stratum.holes]
    return bootstrap(values) if values else None


def pairs(evaluation: Evaluation, metric: str) -> Iterator[tuple[Ran, Ran, Comparison]]:
    """The first system and each other one on the holes that both filled."""
    if not evaluation.runs:
        return
    first, *others = evaluation.runs
    ours = evaluation.scores(first, metric)
    for other in others:
        theirs = evaluation.scores(other, metric)
        if ours.keys() & theirs.keys():
            yield first, other, compare(ours, theirs)


def headline(evaluation: Evaluation) -> str:
    """The metric that answers the question; empty where nothing was scored."""
    metrics = evaluation.metrics()
    return next((name for name in HEADLINES if name in metrics), "".join(metrics[:1]))


def latency(run: Ran) -> Latency | None:
    """Quantiles of the time to the whole answer; None without answers."""
    times = [row.output.ms for row in run.rows]
    return Latency(*map(float, np.percentile(times, (50, 95, 99)))) if times else None
