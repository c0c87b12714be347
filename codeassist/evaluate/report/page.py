"""The evaluation as one page that needs nothing else: tables, plots, misses."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from codeassist.evaluate.rows import Ran
from codeassist.evaluate.scores.metrics import METRICS

from .evaluation import Evaluation
from .misses import Miss, worst
from .plots import by_confidence, latencies, quality
from .replays import replay_rows
from .strata import figure, headline, latency, pairs, strata
from .table import chosen, difference, shown, speed, title_of

__all__ = ["page"]

PLOTTED = 2
"""Metrics that get a plot."""


def page(evaluation: Evaluation) -> str:
    """The whole page, HTML with its style and its plots inside.

    Raises:
        InputError: matplotlib is not installed.
    """
    style = (files(__package__) / "page.css").read_text(encoding="utf-8")
    title = escape(evaluation.title)
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{title}</title><style>{style}</style></head><body><main>",
            f"<header><h1>{title}</h1>",
            "</header>",
            *_notes(evaluation),
            *_quality(evaluation),
            *_replays(evaluation),
            *_misses(evaluation),
            *_meanings(evaluation),
            *_settings(evaluation),
            "</main></body></html>\n",
        )
    )


def _notes(evaluation: Evaluation) -> Iterator[str]:
    for note in evaluation.notes:
        yield f'<p class="note">{escape(note)}</p>'


def _quality(evaluation: Evaluation) -> Iterator[str]:
    if not evaluation.places:
        return
    yield f"<p>{len(evaluation.places)} holes. Figures are means with their 95 % "
    yield "bootstrap intervals.</p>"
    yield from _cards(evaluation)
    yield from _plots(evaluation)
    yield from _pairs(evaluation)
    yield from _tables(evaluation)


def _replays(evaluation: Evaluation) -> Iterator[str]:
    if not evaluation.replays:
        return
    head, *rows = replay_rows(evaluation.replays)
    first = evaluation.replays[0]
    about = f"{first['script']}, seed {first['seed']}, {first['speed']:g} times as fast"
    if first.get("stops"):
        about += f", a stop for an answer at {first['stops']:.0%} of the keys"
    yield f"<section><h2>Typing</h2><p>{escape(about)}</p>"
    yield _table(("", *head[1:]), rows)
    yield "</section>"


def _cards(evaluation: Evaluation) -> Iterator[str]:
    metric = headline(evaluation)
    everything = strata(evaluation)[0]
    yield '<section class="cards">'
    for n, run in enumerate(evaluation.runs):
        found = figure(evaluation, run, metric, everything)
        mean = f"{100 * found.mean:.1f}" if found else "-"
        span = f"{100 * found.low:.1f} to {100 * found.high:.1f}" if found else ""
        times = latency(run)
        yield f'<div class="card s{n}"><h2>{escape(run.name)}</h2>'
        yield f'<p class="figure">{mean}<small> %</small></p>'
        yield f"<p>{escape(title_of(metric))}, {span}</p>"
        if times:
            yield f"<p>{times.p50:.0f} ms p50, {times.p95:.0f} ms p95</p>"
        yield "</div>"
    yield "</section>"


def _plots(evaluation: Evaluation) -> Iterator[str]:
    yield '<section class="plots">'
    for metric in chosen(evaluation, PLOTTED):
        about = f"{title_of(metric)} by kind of hole and language"
        yield _plot(about, quality(evaluation, metric), evaluation.runs)
    about = "Time to the whole answer: share of answers that were there"
    yield _plot(about, latencies(evaluation), evaluation.runs)
    metric = title_of(headline(evaluation))
    about = (
        f"{metric} (line) and share of holes (dashes) "
        "if only answers above a confidence were shown"
    )
    if drawn := by_confidence(evaluation):
        told = [
            run
            for run in evaluation.runs
            if any(row.output.logprob is not None for row in run.rows)
        ]
        yield _plot(about, drawn, evaluation.runs, told)
    yield "</section>"


def _plot(
    about: str, svg: str, runs: Sequence[Ran], told: Sequence[Ran] | None = None
) -> str:
    named = (
        f'<li class="s{n}">{escape(run.name)}</li>'
        for n, run in enumerate(runs)
        if told is None or run in told
    )
    legend = f'<ul class="legend">{"".join(named)}</ul>' if len(runs) > 1 else ""
    caption = f"<figcaption>{escape(about)}</figcaption>"
    return f"<figure>{caption}{legend}{svg}</figure>"


def _pairs(evaluation: Evaluation) -> Iterator[str]:
    metrics = chosen(evaluation, PLOTTED)
    found = [
        (first, second, metric, compared)
        for metric in metrics
        for first, second, compared in pairs(evaluation, metric)
    ]
    if not found:
        return
    rows = [
        (
            f"{first.name} - {second.name}",
            title_of(metric),
            difference(compared, metric),
            str(compared.wins),
            str(compared.losses),
            str(compared.ties),
            "-" if compared.p is None else f"{compared.p:.2g}",
        )
        for first, second, metric, compared in found
    ]
    head = ("", "metric", "difference", "better", "worse", "equal", "p")
    yield "<section><h2>Pair by pair</h2>"
    yield _table(head, rows)
    yield "</section>"


def _tables(evaluation: Evaluation) -> Iterator[str]:
    metrics = chosen(evaluation, len(METRICS))
    for n, run in enumerate(evaluation.runs):
        rows = [
            (
                each.label,
                str(sum(row.hole in each.holes for row in run.rows)),
                *(shown(figure(evaluation, run, m, each), m) for m in metrics),
            )
            for each in strata(evaluation)
        ]
        yield f'<section><h2 class="s{n}">{escape(run.name)}</h2>'
        yield _table(("", "holes", *map(title_of, metrics)), rows, "total")
        yield f"<p>{escape(speed(run))}</p></section>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], style: str = "") -> str:
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(
        f"<tr><th>{escape(first)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in rows
    )
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide {style}">{table}</div>'


def _misses(evaluation: Evaluation) -> Iterator[str]:
    found = worst(evaluation)
    if not found:
        return
    name = escape(evaluation.runs[0].name)
    yield f"<section><h2>The worst misses of {name}</h2>"
    yield "<p>Wrong, sure of it and far from the reference: worst first.</p>"
    for n, miss in enumerate(found, 1):
        yield from _miss(n, miss, headline(evaluation))
    yield "</section>"


def _miss(n: int, miss: Miss, metric: str) -> Iterator[str]:
    place, row = miss.place, miss.row
    facts = [place.kind, place.language]
    if miss.confidence is not None:
        facts.append(f"confidence {miss.confidence:.0%}")
    if "edit_similarity" in row.scores:
        facts.append(f"edit similarity {row.scores['edit_similarity']:.0%}")
    yield f"<article><h3><span>{n}</span> {escape(place.path)}</h3>"
    yield f'<p class="facts">{escape(" · ".join(facts))}</p>'
    hole = f"<ins>{_visible(place.middle)}</ins>"
    yield f"<pre>{escape(place.before)}{hole}{escape(place.after)}</pre><dl>"
    yield f'<dt>reference</dt><dd class="good"><pre>{_visible(place.middle)}</pre></dd>'
    for each in (row, *miss.others):
        kind = "good" if each.scores.get(metric) == 1.0 else "bad"
        answer = _visible(each.output.text) or escape(f"({each.output.reason})")
        yield f"<dt>{escape(each.system)}</dt>"
        yield f'<dd class="{kind}"><pre>{answer}</pre></dd>'
    yield "</dl></article>"


def _visible(text: str) -> str:
    """Escaped; a line end at the end is shown by nothing."""
    return escape(text.rstrip("\n"))


def _meanings(evaluation: Evaluation) -> Iterator[str]:
    names = evaluation.metrics()
    yield "<details><summary>What the metrics mean</summary><dl>"
    for metric in METRICS:
        if metric.name in names:
            yield f"<dt>{escape(metric.title)}</dt><dd>{escape(metric.about)}</dd>"
    yield "</dl></details>"


def _settings(evaluation: Evaluation) -> Iterator[str]:
    yield "<details><summary>Settings of the systems</summary>"
    for run in evaluation.runs:
        told = "".join(
            f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>"
            for key, value in run.settings.items()
        )
        yield f"<h3>{escape(run.name)}</h3><dl>{told}</dl>"
    yield "</details>"
