"""[xline] Holes in new lines of real repositories, with the repository there: ours with
its index against llama.cpp's server with llama.vim's policy, same weights, same machine.

`xline.py [N]`: N holes that need a name of another file, and N that need none. They
are rows of fresh-fim whose repository can be had (a release that is the set's commit,
file for file), then lines that the newest release of a package has and the one before
it had not. Exact match on those that need another file must be at least 1.3 times the
peer's, on the others not below it. Interrupted, it goes on where it was.
"""

import gzip
import json
import os
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import llama_server

from codeassist import config
from codeassist.config import Settings
from codeassist.engine.context.index import RepositoryIndex
from codeassist.engine.context.outline import identifiers
from codeassist.engine.context.select import indexed
from codeassist.engine.models.store import digest
from codeassist.evaluate import sets
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from codeassist.evaluate.holes.workspace import workspace
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.run import Show, run
from codeassist.evaluate.scores.intervals import compare
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.systems import Contender, against, ours
from codeassist.training.corpus.index import Wanted
from tests.bench.harness import model, settings, threads, verdict
from tests.bench.releases import history, tree

BAR = 1.3
N = 100
SEED = 0
CONTEXT_TOKENS = 512

AT_THE_COMMIT = Wanted("mini-swe-agent", "2.4.6", "")
"""MIT. 37 of the 40 files that fresh-fim has of its commit are the same."""

SET_FILE = "py-mini-swe-agent.jsonl.gz"

HISTORIES = (  # both Apache-2.0
    (Wanted("posting", "2.9.2", ""), Wanted("posting", "2.11.1", "")),
    (Wanted("sqlite-utils", "4.1.1", ""), Wanted("sqlite-utils", "4.2.1", "")),
)

METRIC = "exact_match"
CODE = of_code()
"""As it is loaded: the sources may change while it runs."""

PEERS_CODE = of_code(without={"engine", "fim"})
"""Of the peer's answers, which take hours and do not change with our engine."""

Group = tuple[Path, str, list[Hole]]
"""A repository, the commit whose files are shown (empty: today's), and its holes."""


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else N
    groups = _limited([_of_the_set(), *_of_histories(wanted)], wanted)
    located = model()
    own = settings(located)
    told = {"completion": {"context_tokens": _context(own)}}
    own = config.merge(own, told, "bench")
    with llama_server.running(
        located.path,
        adapter=located.adapter,
        n_ctx=0,
        threads=threads(),
        step=llama_server.INFILL_TOKENS,
        cache_reuse=256,
        patient=True,
    ) as server:
        url = f"http://127.0.0.1:{server._port}"
        rows = [_filled(group, own, url) for group in groups]
    needs = {hole.id: hole.tags["needs"] for _, _, holes in groups for hole in holes}
    return _judged(needs, rows)


def _context(own: Settings) -> int:
    return own.completion.context_tokens or CONTEXT_TOKENS


def _of_the_set() -> Group:
    """fresh-fim's rows of the repository that the package index has."""
    root = Path(__file__).resolve().parents[2]
    shared = Path(os.environ.get("CODEASSIST_SHARED", root / ".." / "shared"))
    source = shared / "eval" / "fresh-fim" / SET_FILE
    folder = config.cache_dir() / "bench" / "xline"
    checkout = tree(AT_THE_COMMIT, folder / "mini-swe-agent")
    shutil.copyfile(source, folder / SET_FILE)
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        xline = {row["id"] for row in map(json.loads, lines) if row["xfile"]}
    holes = [
        replace(hole, tags={**hole.tags, "needs": "yes" if hole.id in xline else "no"})
        for hole in sets.load(str(folder / SET_FILE))
        if hole.root and hole.kind in ("line", "xline") and hole.tags["dup"] == "no"
    ]
    random.Random(SEED).shuffle(holes)
    return checkout, "", holes


def _of_histories(n: int) -> Iterator[Group]:
    """Lines that are new in the newest release of a package."""
    for old, new in HISTORIES:
        root, since = history(new.name, old, new)
        kinds = ("line", "rest-of-line")
        cutting = Cutting(4 * n, SEED, kinds, since=since)
        holes = cut(open_repository(root), cutting)
        with indexed(root, cache=config.cache_dir() / "bench" / "indexes") as known:
            yield (
                root,
                since,
                [
                    replace(
                        hole, tags={**hole.tags, "needs": _needs(hole, known.index)}
                    )
                    for hole in holes
                    if hole.tags.get("dup") != "yes"
                ],
            )


def _needs(hole: Hole, index: RepositoryIndex) -> str:
    """Whether the reference has a name that only another file defines."""
    own = {place.name for place in index.definitions_in(hole.path)}
    names = identifiers(hole.middle.encode(), hole.language).keys() - own
    found = (place for name in names for place in index.definitions(name))
    return "yes" if any(place.kind != "field" for place in found) else "no"


def _limited(groups: Sequence[Group], n: int) -> list[Group]:
    """The first n holes of both kinds, in the order of the groups."""
    left = {"yes": n, "no": n}
    limited = []
    for root, since, holes in groups:
        kept = []
        for hole in holes:
            if left[hole.tags["needs"]]:
                left[hole.tags["needs"]] -= 1
                kept.append(hole)
        if kept:
            limited.append((root, since, kept))
    return limited


def _filled(group: Group, own: Settings, url: str) -> dict[str, dict[str, float]]:
    """Exact match of each system on each hole."""
    root, since, holes = group
    print(f"{root.name}: {len(holes)} holes")
    with workspace(open_repository(root), since) as copy:
        return {
            each.name: _noted(each, holes, f"{root.name}-{each.name}", code, copy.show)
            for each, code in (
                (ours(own), CODE),
                (_peer(url, own), PEERS_CODE),
            )
        }


def _peer(url: str, own: Settings) -> Contender:
    """Its answers are the adapter's, too, of which the server says nothing."""
    peer = against(f"llama.cpp={url}", own)
    adapter = own.model.adapter
    told = {"adapter": digest(Path(adapter)) if adapter else "none"}
    return replace(peer, settings={**peer.settings, **told})


def _noted(
    contender: Contender, holes: Sequence[Hole], name: str, code: str, show: Show
) -> dict[str, float]:
    """Exact match of one system, its answers in a journal of its own."""
    key = key_of(holes, {contender.name: dict(contender.settings)})
    folder = config.cache_dir() / "bench" / "xline"
    noted = folder / f"{name}-{key[:8]}-{code[:8]}.journal"
    with Journal(noted, key, code) as journal:
        (ran,) = run([contender], holes, scores, journal=journal, show=show)
    return {row.hole: row.scores[METRIC] for row in ran.rows}


def _judged(
    needs: dict[str, str], groups: Sequence[dict[str, dict[str, float]]]
) -> int:
    means: dict[str, tuple[float, float]] = {}
    for kind, label in (("yes", "need another file"), ("no", "need none")):
        mine, theirs = (
            {
                hole: value
                for rows in groups
                for hole, value in rows[name].items()
                if needs[hole] == kind
            }
            for name in ("codeassist", "llama.vim")
        )
        means[kind] = fmean(mine.values()), fmean(theirs.values())
        told = compare(mine, theirs)
        print(
            f"{label}: exact match {sum(mine.values()):.0f} of {len(mine)}, llama.vim "
            f"{sum(theirs.values()):.0f}; won {told.wins}, lost {told.losses}, "
            f"p {told.p}"
        )
    ratio = means["yes"][0] / means["yes"][1] if means["yes"][1] else float("inf")
    holds = ratio >= BAR and means["yes"][0] > 0 and means["no"][0] >= means["no"][1]
    figure = (
        f"{ratio:.2f} times, {means['no'][0]:.3f} against {means['no'][1]:.3f} "
        "where no other file is needed"
    )
    return verdict("xline", figure, f"{BAR} times, not below", holds=holds)


if __name__ == "__main__":
    sys.exit(main())
