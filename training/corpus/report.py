"""The report of a corpus: figures for programs, a page for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from .record import STAGES, Drop
from .result import Corpus

__all__ = ["page", "summary"]

EXAMPLES = 5
"""Of a stage; the largest files."""

NAMED = ("read", "opt-out", "licence", "secrets", "evaluation", "exact", "near")
"""Stages whose files the report names one by one, up to `MOST`."""

MOST = 500
CLUSTERS = 20
TITLES = {
    "read": "not readable as text",
    "language": "other languages, prose, data",
    "opt-out": "opted out",
    "licence": "licence not allowed or unknown",
    "filters": "generated, minified, vendored, data",
    "secrets": "with a private key",
    "evaluation": "in an evaluation set (shared n-gram)",
    "exact": "exact duplicates",
    "near": "near-duplicates",
    "mix": "beyond the language mix",
}


def summary(corpus: Corpus) -> dict[str, Any]:
    """All figures, as JSON has them."""
    read = sum(result.read_files for _, result in corpus.sources)
    size = sum(result.read_bytes for _, result in corpus.sources)
    seconds = sum(result.seconds for _, result in corpus.sources)
    kept = [each for _, each in corpus.kept]
    redacted: Counter[str] = Counter()
    for each in kept:
        redacted.update(each.redacted)
    named = [drop for drop in corpus.drops if drop.stage in NAMED]
    return {
        "sources": len(corpus.sources),
        "refused": {s.name: r.refused for s, r in corpus.sources if r.refused},
        "read": {"files": read, "bytes": size},
        "kept": {"files": len(kept), "bytes": sum(each.size for each in kept)},
        "stages": [_stage(corpus.drops, stage) for stage in STAGES],
        "languages": _bytes_by((each.language, each.size) for each in kept),
        "licences": _bytes_by((each.licence, each.size) for each in kept),
        "redacted": dict(redacted.most_common()),
        "clusters": [
            {"kept": each.kept, "near": [list(row) for row in each.near]}
            for each in corpus.clusters[:CLUSTERS]
        ],
        "dropped": [_named(drop) for drop in named[:MOST]],
        "dropped_more": max(0, len(named) - MOST),
        "seconds_per_core": round(seconds, 2),
        "mb_per_second_per_core": round(size / 1e6 / max(seconds, 1e-9), 2),
        "shards": len(corpus.shards),
    }


def _stage(drops: Sequence[Drop], stage: str) -> dict[str, Any]:
    own = [drop for drop in drops if drop.stage == stage]
    largest = sorted(own, key=lambda drop: (-drop.size, drop.source, drop.path))
    return {
        "stage": stage,
        "files": len(own),
        "bytes": sum(drop.size for drop in own),
        "reasons": dict(Counter(drop.reason for drop in own).most_common()),
        "largest": [_named(drop) for drop in largest[:EXAMPLES]],
    }


def _named(drop: Drop) -> dict[str, Any]:
    return {
        "file": f"{drop.source}/{drop.path}",
        "stage": drop.stage,
        "reason": drop.reason,
        "detail": drop.detail,
        "bytes": drop.size,
    }


def _bytes_by(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for name, size in rows:
        sizes[name] += size
    return dict(sizes.most_common())


def page(corpus: Corpus) -> str:
    """One HTML page that needs nothing else: bars, tables, examples."""
    told = summary(corpus)
    head = (
        f"{told['sources']} sources, {told['read']['files']:,} files read "
        f"({_mb(told['read']['bytes'])}), {told['kept']['files']:,} kept "
        f"({_mb(told['kept']['bytes'])}); {told['mb_per_second_per_core']:g} MB/s a core"
    )
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>Corpus</title><style>{STYLE}</style></head><body><main>",
            f"<h1>Corpus</h1><p>{escape(head)}</p>",
            *_refused(told["refused"]),
            *_bars("What is left after each stage, MB", _funnel(told), "MB"),
            *_bars("Languages, MB", _in_mb(told["languages"]), "MB"),
            *_bars("Licences, MB", _in_mb(told["licences"]), "MB"),
            *_bars("Redacted, places", list(told["redacted"].items()), ""),
            *_stages(told["stages"]),
            *_clusters(told["clusters"]),
            *_dropped(told),
            "</main></body></html>\n",
        )
    )


def _funnel(told: Mapping[str, Any]) -> list[tuple[str, float]]:
    left = told["read"]["bytes"]
    rows = [("read", left / 1e6)]
    for stage in told["stages"]:
        if stage["files"]:
            left -= stage["bytes"]
            rows.append((f"less: {TITLES[stage['stage']]}", left / 1e6))
    return rows


def _in_mb(sizes: Mapping[str, int]) -> list[tuple[str, float]]:
    return [(name, size / 1e6) for name, size in sizes.items()]


def _bars(title: str, rows: Sequence[tuple[str, float]], unit: str) -> Iterator[str]:
    """Horizontal bars, the longest as wide as the page."""
    if not rows:
        return
    most = max(value for _, value in rows) or 1
    yield f'<section><h2>{escape(title)}</h2><div class="bars">'
    for name, value in rows:
        width = f"{100 * value / most:.2f}%"
        figure = f"{value:,.2f} {unit}" if unit else f"{value:,}"
        yield f'<span>{escape(name)}</span><i style="--w:{width}"></i><b>{figure}</b>'
    yield "</div></section>"


def _refused(refused: Mapping[str, str]) -> Iterator[str]:
    if refused:
        yield "<section><h2>Sources that could not be read</h2><ul>"
        for name, why in refused.items():
            yield f"<li><b>{escape(name)}</b>: {escape(why)}</li>"
        yield "</ul></section>"


def _stages(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "<section><h2>What left, why, and the largest of it</h2>"
    for stage in stages:
        if not stage["files"]:
            continue
        figure = f"{stage['files']:,} files, {_mb(stage['bytes'])}"
        yield f"<details><summary>{escape(TITLES[stage['stage']])}: {figure}</summary>"
        reasons = [(why, f"{n:,}") for why, n in list(stage["reasons"].items())[:30]]
        yield _table(("reason", "files"), reasons)
        largest = [
            (
                each["file"],
                f"{each['reason']} {each['detail']}".strip(),
                _mb(each["bytes"]),
            )
            for each in stage["largest"]
        ]
        yield _table(("file", "why", "size"), largest) + "</details>"
    yield "</section>"


def _clusters(clusters: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not clusters:
        return
    yield "<section><h2>The largest groups of near-duplicates</h2>"
    rows = []
    for each in clusters:
        near = [f"{name} ({share:.2f})" for name, share in each["near"][:3]]
        rows.append((each["kept"], str(len(each["near"])), ", ".join(near)))
    yield _table(("kept", "dropped", "the nearest of them"), rows) + "</section>"


def _dropped(told: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (each["file"], TITLES[each["stage"]], f"{each['reason']} {each['detail']}")
        for each in told["dropped"]
    ]
    if not rows:
        return
    more = f", and {told['dropped_more']:,} more" if told["dropped_more"] else ""
    yield "<section><h2>Left out, file by file</h2>"
    yield f"<p>{len(rows):,} here{more}; all are in dropped.jsonl.</p><details>"
    yield "<summary>Show them</summary>"
    yield _table(("file", "stage", "why"), rows) + "</details></section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<div><table><tr>{titles}</tr>{body}</table></div>"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.2f} MB"


STYLE = """
:root { --ink: #1d2126; --muted: #667079; --paper: #fbfaf7; --line: #e3e1db;
  --bar: #2563c9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --muted: #9aa4ad;
  --paper: #14171a; --line: #343a40; --bar: #6ea8ff; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
p { color: var(--muted); margin: .2rem 0 .8rem; }
.bars { display: grid; grid-template-columns: minmax(8rem, 17rem) 1fr max-content;
  gap: .3rem .8rem; align-items: center; font-size: .9rem; }
.bars span { overflow-wrap: anywhere; }
.bars i { height: .9rem; width: var(--w); min-width: 2px; background: var(--bar);
  border-radius: 0 3px 3px 0; }
.bars b { font-weight: 500; font-variant-numeric: tabular-nums; text-align: right; }
table { border-collapse: collapse; font-size: .85rem; margin: .4rem 0 1rem; }
div:has(> table) { overflow-x: auto; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--muted); font-weight: 500; white-space: nowrap; }
summary { cursor: pointer; }
"""
