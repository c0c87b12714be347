"""Plots as SVG that takes its colours from the page, light or dark."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

from codeassist.errors import InputError, installs
from codeassist.evaluate.rows import Ran

from .evaluation import Evaluation
from .strata import Stratum, figure, headline, strata

__all__ = ["SERIES", "by_confidence", "latencies", "quality"]

WIDTH = 4.9
"""Inches: narrow, so that the letters stay readable on a phone."""

INK, MUTED, GRID = "#010101", "#020202", "#030303"
SERIES = tuple(f"#0400{n:02x}" for n in range(1, 9))
"""Stand-ins that no plot uses otherwise; the page has the real colours."""

VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--grid"} | {
    colour: f"--series-{n}" for n, colour in enumerate(SERIES)
}

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "codeassist",
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.color": GRID,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


def quality(evaluation: Evaluation, metric: str) -> str:
    """Mean and interval of a metric, by stratum and system, as dots with bars."""
    rows, runs = strata(evaluation), evaluation.runs[: len(SERIES)]
    places = list(_places(rows))
    apart = 0.16 if len(runs) > 1 else 0.0
    # inches; dots of a row need room for each system
    height = 0.6 + (places[-1] + 1) * max(0.24, 0.145 * len(runs))
    with _axes("quality-" + metric, height) as (axes, svg):
        for n, run in enumerate(runs):
            for place, stratum in zip(places, rows, strict=True):
                found = figure(evaluation, run, metric, stratum)
                if found is None:
                    continue
                at = place + (n - (len(runs) - 1) / 2) * apart
                mean, low, high = (100 * x for x in (found.mean, found.low, found.high))
                axes.plot([low, high], [at, at], color=SERIES[n], linewidth=2.2)
                axes.plot(mean, at, "o", color=SERIES[n], markersize=5)
        axes.set_yticks(places, [stratum.label for stratum in rows])
        axes.set_ylim(places[-1] + 0.6, -0.6)
        axes.set_xlim(-2, 102)
        axes.set_xlabel(f"{metric.replace('_', ' ')}, per cent")
        axes.grid(visible=False, axis="y")
    return svg()


def _places(rows: Sequence[Stratum]) -> Iterator[float]:
    """Where each row stands; half a row is left free before each group."""
    place, group = -1.0, rows[0].group
    for stratum in rows:
        place += 1.0 if stratum.group == group else 1.5
        group = stratum.group
        yield place


def latencies(evaluation: Evaluation) -> str:
    """The share of answers that were there within a time."""
    with _axes("latency", 3.0) as (axes, svg):
        from matplotlib.ticker import LogLocator, NullLocator

        for n, run in enumerate(evaluation.runs[: len(SERIES)]):
            times = sorted(max(1.0, row.output.ms) for row in run.rows)
            share = [100 * (i + 1) / len(times) for i in range(len(times))]
            axes.step(times, share, where="post", color=SERIES[n], linewidth=1.8)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(lambda ms, _: _duration(ms))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(0, 101)
        axes.set_yticks([0, 50, 95], ["0", "50 %", "95 %"])
        axes.set_xlabel("time to the whole answer")
    return svg()


def _duration(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def by_confidence(evaluation: Evaluation) -> str:
    """Quality of the answers that a threshold would show, and how many those are.

    Empty where no system tells its log-probabilities.
    """
    metric = headline(evaluation)
    with _axes("confidence", 3.2) as (axes, svg):
        drawn = False
        for n, run in enumerate(evaluation.runs[: len(SERIES)]):
            points = _thresholds(run, metric)
            if not points:
                continue
            at, right, shown = zip(*points, strict=True)
            axes.plot(at, right, color=SERIES[n], linewidth=1.8)
            axes.plot(at, shown, "--", color=SERIES[n], linewidth=1.3)
            drawn = True
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 101)
        axes.set_yticks([0, 25, 50, 75, 100])
        axes.set_xlabel("shown only above this confidence, per cent")
        axes.set_ylabel("per cent")
    return svg() if drawn else ""


def _thresholds(run: Ran, metric: str) -> list[tuple[float, float, float]]:
    """Threshold, mean of the metric among answers above it, and their share."""
    told = [
        (math.exp(row.output.logprob), row.scores[metric])
        for row in run.rows
        if row.output.logprob is not None and metric in row.scores
    ]
    points = []
    for threshold in range(0, 100, 2):
        above = [value for sure, value in told if sure >= threshold / 100]
        if len(above) >= 5:  # fewer say nothing
            share = 100 * len(above) / len(run.rows)
            points.append((float(threshold), 100 * sum(above) / len(above), share))
    return points


@contextmanager
def _axes(name: str, height: float) -> Iterator[tuple[Any, Callable[[], str]]]:
    """Axes to draw on, and a function that brings the SVG after the block."""
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        msg = f"the page needs matplotlib; run {installs('evaluate')}"
        raise InputError(msg) from error
    drawing = StringIO()
    with rc_context(STYLE):
        made = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(made)
        yield made.subplots(), lambda: _for_page(drawing.getvalue(), name)
        made.savefig(drawing, format="svg", transparent=True, metadata={"Date": None})


def _for_page(svg: str, name: str) -> str:
    """The drawing without fixed size, with the page's colours and ids of its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # note: width and height of the root only; view boxes keep the proportions
    head, _, rest = svg.partition(">")
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    svg = f'{head} role="img" aria-label="{name}">{rest}'
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    name = re.sub(r"\W", "-", name)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
