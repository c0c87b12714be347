"""The evaluation as text for a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from codeassist.evaluate.rows import Ran
from codeassist.evaluate.scores.intervals import Comparison, Interval
from codeassist.evaluate.scores.metrics import METRICS

from .evaluation import Evaluation
from .replays import replay_rows
from .strata import figure, headline, latency, pairs, strata

__all__ = ["chosen", "difference", "shown", "speed", "table", "title_of"]

SHORT = 5
"""Columns of metrics in a terminal; JSON and the page have all."""

FIRST = ("pass@1", "pass@5", "pass@10", "exact_match", "edit_similarity")
"""Shown before the others."""

TITLES = {metric.name: metric.title for metric in METRICS}
PLAIN = {"efficiency"}
"""Ratios that are not shown in per cent."""


def table(evaluation: Evaluation) -> str:
    """All figures with their 95 % intervals, and each two systems pair by pair."""
    parts = [_title(evaluation)]
    parts += [*evaluation.notes]
    parts += ["\n".join(_system(evaluation, run)) for run in evaluation.runs]
    compared = list(_compared(evaluation))
    if compared:
        parts.append("\n".join(["pair by pair", *_aligned(compared)]))
    if evaluation.replays:
        parts.append("\n".join(_aligned(replay_rows(evaluation.replays))))
    return "\n\n".join(parts) + "\n"


def _title(evaluation: Evaluation) -> str:
    n = len(evaluation.places)
    return f"{evaluation.title}: {n} holes" if n else evaluation.title


def chosen(evaluation: Evaluation, n: int) -> list[str]:
    """The ``n`` metrics to show, the telling ones first."""
    names = evaluation.metrics()
    first = [name for name in FIRST if name in names]
    ranked = [metric.name for metric in METRICS if metric.name in names]
    return list(dict.fromkeys((*first, *ranked, *names)))[:n]


def title_of(metric: str) -> str:
    """What a metric is called."""
    return TITLES.get(metric, metric.replace("_", " "))


def shown(interval: Interval | None, metric: str) -> str:
    """``62.1 [55.0, 68.9]`` in per cent; a dash where the metric does not apply."""
    if interval is None:
        return "-"
    form = "{:.2f} [{:.2f}, {:.2f}]" if metric in PLAIN else "{:.1f} [{:.1f}, {:.1f}]"
    scale = 1 if metric in PLAIN else 100
    return form.format(
        interval.mean * scale, interval.low * scale, interval.high * scale
    )


def difference(compared: Comparison, metric: str) -> str:
    """The first system's lead, with its interval."""
    lead = compared.difference
    sign = "+" if lead.mean > 0 else ""
    return sign + shown(lead, metric)


def speed(run: Ran) -> str:
    """One line on how long the answers took."""
    parts = []
    if found := latency(run):
        parts.append(
            f"answer p50 {found.p50:.0f}, p95 {found.p95:.0f}, p99 {found.p99:.0f} ms"
        )
    empty = sum(not row.output.text.strip() for row in run.rows)
    parts.append(f"{empty} of {len(run.rows)} answers empty")
    if run.busy_s is not None and run.wall_s:
        share = run.busy_s / run.wall_s
        parts.append(f"{run.wall_s:.0f} s, the model busy {share:.0%} of them")
    return "; ".join(parts)


def _system(evaluation: Evaluation, run: Ran) -> Iterator[str]:
    metrics = chosen(evaluation, SHORT)
    head = ("", "holes", *(title_of(metric) for metric in metrics))
    rows: list[Sequence[str]] = [head]
    for stratum in strata(evaluation):
        n = sum(row.hole in stratum.holes for row in run.rows)
        cells = (shown(figure(evaluation, run, m, stratum), m) for m in metrics)
        rows.append((stratum.label, str(n), *cells))
    yield f"{run.name} (per cent [95 % interval])"
    yield from _aligned(rows)
    yield speed(run)


def _compared(evaluation: Evaluation) -> Iterator[Sequence[str]]:
    metrics = dict.fromkeys((headline(evaluation), *chosen(evaluation, 3)))
    found = [
        (first, second, metric, compared)
        for metric in metrics
        for first, second, compared in pairs(evaluation, metric)
    ]
    if found:
        yield ("", "metric", "difference", "better", "worse", "equal", "p (McNemar)")
    for first, second, metric, compared in found:
        yield (
            f"{first.name} - {second.name}",
            title_of(metric),
            difference(compared, metric),
            str(compared.wins),
            str(compared.losses),
            str(compared.ties),
            "-" if compared.p is None else f"{compared.p:.3g}",
        )


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *cells in rows:
        padded = (
            f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True)
        )
        yield "  ".join(("", f"{first:<{widths[0]}}", *padded)).rstrip()
