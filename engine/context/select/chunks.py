"""Candidates that show how something is done: usage elsewhere, and similar code."""

from collections.abc import Iterable

from codeassist.engine.context.index import Chunk

from .known import Known
from .model import Candidate
from .surroundings import Surroundings

__all__ = ["similar", "usage"]

CALLED = 6
"""Names whose usage is looked for."""

COMMON = 60
"""Stretches above which a name is used everywhere, and tells nothing."""

FOUND = 10


def usage(known: Known, here: Surroundings) -> list[Candidate]:
    """Stretches that call what is called at the cursor, or what encloses it.

    Those that name most of it, and the rarest, come first.
    """
    scores: dict[Chunk, float] = {}
    names: dict[Chunk, list[str]] = {}
    for name in here.called[:CALLED]:
        chunks = known.snapshot.references(name, COMMON + 1)
        if len(chunks) > COMMON:
            continue
        for chunk in _outside(known, here, chunks):
            share = here.names.get(name, 0.0) / (1 + len(chunks)) ** 0.5
            scores[chunk] = scores.get(chunk, 0.0) + share
            names.setdefault(chunk, []).append(name)
    best = sorted(scores, key=lambda chunk: -scores[chunk])
    return [
        _candidate(chunk, f"uses {', '.join(names[chunk])}", frozenset(names[chunk]))
        for chunk in best[:FOUND]
    ]


def similar(known: Known, here: Surroundings) -> list[Candidate]:
    """Stretches that share most words with the lines around the cursor, by BM25."""
    chunks = known.snapshot.similar(here.words, 2 * FOUND)
    focus = frozenset(here.names)
    return [
        _candidate(chunk, f"similar, BM25 {chunk.score:.1f}", focus)
        for chunk in _outside(known, here, chunks)
    ][:FOUND]


def _outside(
    known: Known, here: Surroundings, chunks: Iterable[Chunk]
) -> Iterable[Chunk]:
    """Those that the prompt does not touch anyway."""
    return (
        chunk
        for chunk in chunks
        if not any(
            known.is_shown(here, chunk.path, row)
            for row in (chunk.start_row, chunk.end_row)
        )
    )


def _candidate(chunk: Chunk, reason: str, focus: frozenset[str]) -> Candidate:
    return Candidate(chunk.path, chunk.start_row, chunk.end_row, reason, focus=focus)
