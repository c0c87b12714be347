"""The whole way of a corpus: sources, stages, shards, manifest and report."""

import errno
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from codeassist.errors import CorpusError
from codeassist.lock import locked
from codeassist.training.fim_data import Document
from codeassist.whole import replacing, write_text

from .contamination import evaluation_grams
from .duplicates import Shingles, near
from .engines import Engine
from .gather import FORMAT, Task, gather, texts, write_array
from .licence_texts import UNKNOWN
from .mixture import left_out
from .recipe import Recipe
from .record import Drop, Gathered, Kept
from .report import page, summary
from .result import MANIFEST, Cluster, Corpus, manifest
from .shards import INDEX, Shard, documents, write_index, write_lines, write_shard
from .sources import Kind, Source

__all__ = ["build"]

WORK = "work"
LOCK = f"{WORK}/corpus.lock"
"""Held by the build that works in the folder; there from the first build on."""

DROPPED = "dropped.jsonl"
REPORT = "report.json"
PAGE = "report.html"
PER_ARCHIVE_BYTE = 5
"""Bytes of disk for a byte of an archive; 3.5 were measured over 100 packages."""

PER_BYTE = 2

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors that only who writes meets; most name no file."""

Show = Callable[[int], None]


def build(
    sources: Sequence[Source],
    recipe: Recipe,
    folder: Path,
    engine: Engine,
    show: Show = lambda _: None,
) -> Corpus:
    """Build a corpus; equal sources and recipe give equal files on any engine.

    A build that was killed goes on: the results of each source stay below ``work``.
    ``corpus.json`` is written last and makes the folder a corpus.

    Args:
        sources: Their order decides which of two duplicates stays.
        recipe: What is kept; its own lists of sources do not count here.
        folder: Where the corpus shall be.
        engine: What runs the work.
        show: Told of the bytes of each source that is done.

    Raises:
        CorpusError: nothing is left, the folder is a file, holds something else or is
            being built in, or the disk is too small or full.
    """
    _check(sources, folder)
    try:
        with locked(folder / LOCK, wait=False):
            return _built(sources, recipe, folder, engine, show)
    except BlockingIOError as error:
        msg = f"another build works in {folder}; wait for it or name another folder"
        raise CorpusError(msg) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        msg = f"no room in {folder} ({error.strerror}); make some and run it again"
        raise CorpusError(msg) from error


def _built(
    sources: Sequence[Source], recipe: Recipe, folder: Path, engine: Engine, show: Show
) -> Corpus:
    gathered = _gathered(sources, recipe, folder, engine, show)
    files = _Files(sources, gathered)
    drops = list(chain.from_iterable(each.drops for each in gathered))
    clusters = _deduplicate(files, recipe, engine, drops)
    for number, why in left_out(list(files.left()), recipe.mix).items():
        drops.append(files.drop(number, "mix", why))
    if not any(True for _ in files.left()):
        msg = f"no file is left for the corpus; look at {_why(drops, gathered)}"
        raise CorpusError(msg)
    shards, kept = _write(files, recipe, folder)
    corpus = Corpus(
        folder=folder,
        sources=tuple(zip(sources, gathered, strict=True)),
        kept=tuple(kept),
        drops=tuple(drops),
        clusters=clusters,
        shards=tuple(shards),
    )
    write_lines(folder / MANIFEST, manifest(corpus))
    write_lines(folder / DROPPED, map(asdict, drops))
    write_text(folder / REPORT, json.dumps(summary(corpus), indent=1) + "\n")
    write_text(folder / PAGE, page(corpus))
    write_index(folder, shards)
    return corpus


class _Files:
    """The files of all sources, numbered, and which of them are still in."""

    def __init__(self, sources: Sequence[Source], results: Sequence[Gathered]) -> None:
        self.results = results
        self.rows: list[tuple[int, str, Kept]] = []
        self.source_of: list[int] = []
        for at, (source, result) in enumerate(zip(sources, results, strict=True)):
            first = len(self.rows)
            self.rows += (
                (first + n, source.name, each) for n, each in enumerate(result.kept)
            )
            self.source_of += [at] * len(result.kept)
        self.out: set[int] = set()

    def left(self) -> Iterator[tuple[int, str, Kept]]:
        return (row for row in self.rows if row[0] not in self.out)

    def name(self, number: int) -> str:
        _, source, kept = self.rows[number]
        return f"{source}/{kept.path}"

    def drop(self, number: int, stage: str, reason: str, detail: str = "") -> Drop:
        self.out.add(number)
        _, source, kept = self.rows[number]
        return Drop(source, kept.path, stage, reason, kept.size, detail)


def _check(sources: Sequence[Source], folder: Path) -> None:
    """Refuse what cannot end well before anything is done."""
    if not sources:
        msg = "there is nothing to build from; name folders, archives or a recipe"
        raise CorpusError(msg)
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        msg = f"{folder} holds something else; name another folder"
        raise CorpusError(msg)
    place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not place.is_dir():
        msg = f"{place} is no folder; name another one for the corpus"
        raise CorpusError(msg)
    need = sum(
        each.size * (PER_ARCHIVE_BYTE if each.kind is Kind.ARCHIVE else PER_BYTE)
        for each in sources
    )
    free = shutil.disk_usage(place).free
    if need > free:
        msg = (
            f"the corpus needs about {need / 1e9:.1f} GB in {folder}, "
            f"{free / 1e9:.1f} GB are free; make room or name another folder"
        )
        raise CorpusError(msg)


def _is_ours(folder: Path) -> bool:
    """Whether a build has begun there, or what one made is there."""
    if (folder / LOCK).is_file():
        return True
    try:
        documents(folder)
    except CorpusError:
        return False
    return True


def _gathered(
    sources: Sequence[Source], recipe: Recipe, folder: Path, engine: Engine, show: Show
) -> list[Gathered]:
    work = folder.resolve() / WORK
    known = evaluation_grams(recipe.against, recipe.against_gram)
    digest = hashlib.sha256(known.tobytes()).hexdigest()[:16]
    against = work / f"against-{digest}.npy"
    if not against.is_file():
        with replacing(against) as part:
            write_array(part, known)
    rules = json.dumps([FORMAT, recipe.per_file(), digest], sort_keys=True)
    tasks = []
    for source in sources:
        about = (source.kind.value, source.name, source.sha256, source.below)
        told = "\0".join((rules, *about, *sorted(source.owners)))
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        tasks.append(Task(source, recipe, str(against), str(work / name)))
    results = []
    for task, result in zip(tasks, engine.each(gather, tasks), strict=True):
        results.append(result)
        show(task.source.size)
    return results


def _deduplicate(
    files: _Files, recipe: Recipe, engine: Engine, drops: list[Drop]
) -> tuple[Cluster, ...]:
    first: dict[str, int] = {}
    for number, _, kept in files.rows:
        earlier = first.setdefault(kept.normal, number)
        if earlier != number:
            where = f"as {files.name(earlier)}"
            drops.append(files.drop(number, "exact", "exact duplicate", where))
    if not recipe.near.jaccard:
        return ()
    folders = [each.folder for each in files.results if not each.refused]
    pairs = engine.pairs(folders, recipe.near.bands, frozenset(files.out))
    found = near(pairs, Shingles(folders), recipe.near.jaccard)
    members: dict[int, list[tuple[str, float]]] = {}
    for number, (kept_number, share) in sorted(found.items()):
        members.setdefault(kept_number, []).append((files.name(number), share))
        where = f"{share:.2f} as {files.name(kept_number)}"
        drops.append(files.drop(number, "near", "near-duplicate", where))
    clusters = [
        Cluster(files.name(number), tuple(sorted(rows, key=lambda row: -row[1])))
        for number, rows in members.items()
    ]
    return tuple(sorted(clusters, key=lambda each: (-len(each.near), each.kept)))


def _write(
    files: _Files, recipe: Recipe, folder: Path
) -> tuple[list[Shard], list[tuple[int, Kept]]]:
    """The shards and their manifest, both in the order of the sources."""
    (folder / INDEX).unlink(missing_ok=True)
    for old in folder.glob("shard-*.jsonl.zst*"):
        old.unlink()
    kept: list[tuple[int, Kept]] = []
    shards: list[Shard] = []
    rows = _texts(files)
    while (row := next(rows, None)) is not None:
        name = f"shard-{len(shards):05d}.jsonl.zst"
        part = _some(chain([row], rows), recipe.shard_bytes, kept)
        shards.append(write_shard(folder / name, part))
    return shards, kept


def _texts(files: _Files) -> Iterator[tuple[int, Document, Kept]]:
    first = 0
    for result in files.results:
        own = files.rows[first : first + len(result.kept)]
        first += len(own)
        if any(number not in files.out for number, *_ in own):
            rows = zip(own, texts(result.folder), strict=True)
            for (number, source, kept), text in rows:
                if number not in files.out:
                    document = Document(kept.path, text, kept.language, source)
                    yield files.source_of[number], document, kept


def _some(
    rows: Iterator[tuple[int, Document, Kept]],
    most: int,
    kept: list[tuple[int, Kept]],
) -> Iterator[Document]:
    """Documents of about so many bytes; those that were given out join ``kept``."""
    size = 0
    while size < most and (row := next(rows, None)) is not None:
        source, document, facts = row
        size += facts.size
        kept.append((source, facts))
        yield document


def _why(drops: Sequence[Drop], gathered: Sequence[Gathered]) -> str:
    """Where most files went, in a few words."""
    stages = Counter(drop.stage for drop in drops)
    refused = next((each.refused for each in gathered if each.refused), "")
    if not stages:
        return f"the sources: {refused}" if refused else "the sources: they are empty"
    stage, count = stages.most_common(1)[0]
    reasons = Counter(drop.reason for drop in drops if drop.stage == stage)
    reason = reasons.most_common(1)[0][0]
    told = f"the recipe: {count} went for {stage} ({reason})"
    if reason == UNKNOWN:
        return f"{told}; if it is your own, have {UNKNOWN!r} in licences.allow"
    return told
