"""The report of a fine-tuning: verdict, loss, and answers before and after."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from codeassist.evaluate.hole import Row
from codeassist.evaluate.report import Evaluation, Place, page, table
from codeassist.ignore.contents import redact

from .judging import Verdict

__all__ = ["redacted", "report_page"]

SHOWN = 12
"""Holes of each sort at the most."""

EXACT = "exact_match"


def redacted(own: Evaluation) -> Evaluation:
    """What may be handed on: without persons' data, and secrets that were answered."""

    def clean(row: Row) -> Row:
        return replace(
            row, output=replace(row.output, text=redact(row.output.text).text)
        )

    places = (
        replace(
            each,
            before=redact(each.before).text,
            middle=redact(each.middle).text,
            after=redact(each.after).text,
        )
        for each in own.places
    )
    runs = (replace(ran, rows=tuple(map(clean, ran.rows))) for ran in own.runs)
    return replace(own, places=tuple(places), runs=tuple(runs))


def report_page(
    own: Evaluation, general: Evaluation | str, verdict: Verdict, curve: Path
) -> str:
    """The evaluation's page, with what is a fine-tuning's own in front and behind.

    Args:
        own: The repository's holes; the first run is with the adapter.
        general: Other code, likewise, or why there is none.
        verdict: What came of them.
        curve: Picture of the loss.
    """
    what = "accepted" if verdict.accepted else "refused"
    notes = (f"The adapter is {what}.", *verdict.reasons)
    whole = page(replace(own, notes=notes))
    parts = [*_curve(curve), *_changed(own)]
    if isinstance(general, Evaluation):
        parts += ["<section><h2>General ability</h2>", f"<pre>{escape(table(general))}"]
        parts += ["</pre></section>"]
    body, end, rest = whole.rpartition("</main>")
    return "\n".join((body, *parts, end)) + rest


def _curve(curve: Path) -> Iterator[str]:
    if not curve.is_file():
        return
    data = base64.b64encode(curve.read_bytes()).decode()
    yield "<section><h2>Training</h2>"
    yield f'<img alt="loss by step" style="width:100%" src="data:image/png;base64,{data}">'
    yield "</section>"


def _changed(own: Evaluation) -> Iterator[str]:
    """Answers that became right, then those that were right before."""
    after, before = ({row.hole: row for row in ran.rows} for ran in own.runs)
    pairs = [
        (place, before[place.id], after[place.id])
        for place in own.places
        if place.id in before and place.id in after
    ]
    for title, sign in (("Right now", 1), ("Right before", -1)):
        found = [pair for pair in pairs if _step(*pair[1:]) == sign]
        if found:
            yield f"<section><h2>{title}: {len(found)}</h2>"
            yield from _examples(found[:SHOWN])
            yield "</section>"


def _step(before: Row, after: Row) -> int:
    return int(after.scores.get(EXACT, 0)) - int(before.scores.get(EXACT, 0))


def _examples(found: Sequence[tuple[Place, Row, Row]]) -> Iterator[str]:
    for place, before, after in found:
        facts = f"{place.kind} · {place.tags.get('part', '')}"
        yield f"<article><h3>{escape(place.path)}</h3>"
        yield f'<p class="facts">{escape(facts)}</p>'
        hole = f"<ins>{escape(place.middle)}</ins>"
        yield f"<pre>{escape(place.before)}{hole}{escape(place.after)}</pre><dl>"
        for title, text, row in (
            ("truth", place.middle, None),
            ("before", before.output.text, before),
            ("after", after.output.text, after),
        ):
            good = row is None or row.scores.get(EXACT) == 1.0
            shown = escape(text.rstrip("\n")) or "(nothing)"
            yield f'<dt>{title}</dt><dd class="{"good" if good else "bad"}">'
            yield f"<pre>{shown}</pre></dd>"
        yield "</dl></article>"
