"""A corpus that was built: its files, what was left out, where each came from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .record import Drop, Gathered, Kept
from .shards import Shard
from .sources import Source

__all__ = ["MANIFEST", "Cluster", "Corpus", "manifest"]

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kept file and those that were nearly the same."""

    kept: str
    near: tuple[tuple[str, float], ...]
    """Name and Jaccard similarity, the nearest first."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was built."""

    folder: Path
    sources: tuple[tuple[Source, Gathered], ...]
    kept: tuple[tuple[int, Kept], ...]
    """Number of the source and facts of each file in the shards, in their order."""

    drops: tuple[Drop, ...]
    clusters: tuple[Cluster, ...]
    """The largest first."""

    shards: tuple[Shard, ...]


def manifest(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """The attribution: a row for each document, in the order of the shards."""
    files = iter(corpus.kept)
    for shard in corpus.shards:
        for line in range(1, shard.documents + 1):
            number, kept = next(files)
            source = corpus.sources[number][0]
            facts = asdict(kept)
            del facts["normal"]
            yield {
                "shard": shard.file,
                "line": line,
                "source": source.name,
                "version": source.version,
                "source_kind": source.kind.value,
                "source_sha256": source.sha256,
                **facts,
            }
