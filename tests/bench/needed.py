"""A working measurement, no judged point: are the names that a new line needs from
other files in the prompt, and where they are not, why?

`needed.py [N [PACKAGE...]]`: N holes of each package, whole lines that its newest
release has and the one before it had not, in the tree of the one before it. A name
counts that the line has, that only other files define, and that the window around the
cursor does not show anyway. No model is asked; tokens are counted in its vocabulary.
"""

import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from codeassist.config import Settings
from codeassist.engine.context.index import Place, RepositoryIndex
from codeassist.engine.context.outline import identifiers
from codeassist.engine.context.select import (
    RepositoryContext,
    Snippet,
    View,
    indexed,
)
from codeassist.engine.context.select.fusion import fuse
from codeassist.engine.context.select.known import Reading
from codeassist.engine.context.select.surroundings import look_around
from codeassist.engine.decode.model import open_vocabulary
from codeassist.engine.window import head_window, tail_window
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from codeassist.evaluate.holes.workspace import workspace
from codeassist.training.corpus.index import Wanted
from tests.bench.harness import model, verdict
from tests.bench.releases import history

BUDGETS = (256, 512, 768)
USUAL = 512

BAR = 0.6
"""Of the names, with `USUAL` tokens."""

HIGH = 12
"""Rank below which a candidate should have been shown."""

PATIENCE_S = 60.0

PACKAGES = {  # all Apache-2.0 or MIT
    "datasette": ("1.0a36", "1.0a41"),
    "llm": ("0.31", "0.36"),
    "harlequin": ("2.8.1", "2.17.0"),
    "posting": ("2.9.2", "2.11.1"),
    "sqlite-utils": ("4.1.1", "4.2.1"),
}
CHOSEN_ON = ("datasette", "llm", "harlequin")
"""The others are those of `xline`: looked at, nothing is chosen on them."""

STRING = re.compile(r"""(?<!f)"[^"]*"|(?<!f)'[^']*'|#.*""")

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Need:
    """A name that a hole needs, and where it would be found."""

    name: str
    places: tuple[Place, ...]


@dataclass
class Tally:
    """What was found, over all holes."""

    holes: int = 0
    names: int = 0
    named: Counter[int] = field(default_factory=Counter)
    """By budget: names that stand somewhere in the snippets."""

    defined: Counter[int] = field(default_factory=Counter)
    """By budget: names whose definition does."""

    missing: Counter[str] = field(default_factory=Counter)
    """Why names are not there with `USUAL` tokens."""

    spent: Counter[str] = field(default_factory=Counter)
    """`USUAL` tokens by the reasons that they are shown for."""

    took: list[float] = field(default_factory=list)
    """CPU milliseconds of each selection."""

    def look(
        self, hole: Hole, needs: list[Need], context: RepositoryContext, count: Count
    ) -> None:
        """Count one hole."""
        self.holes += 1
        self.names += len(needs)
        view = _view(hole, count)
        for budget in BUDGETS:
            start = time.process_time()
            found = context.around(view, budget, count)
            self.took.append(1000 * (time.process_time() - start))
            shown = found.snippets if found else ()
            self.defined[budget] += sum(_is_defined(need, shown) for need in needs)
            there = [need for need in needs if _is_named(need.name, shown)]
            self.named[budget] += len(there)
            if budget == USUAL:
                self._spend(shown)
                for need in needs:
                    if need not in there:
                        self._miss(need, hole, _reason(need, hole, view, context))

    def _spend(self, shown: tuple[Snippet, ...]) -> None:
        for each in shown:
            for reason in each.reasons:
                self.spent[reason.split()[0]] += each.tokens / len(each.reasons)

    def _miss(self, need: Need, hole: Hole, reason: str) -> None:
        self.missing[reason.partition(":")[0]] += 1
        line = hole.middle.strip()[:60]
        print(f"{hole.path}: {line!r} needs {need.name}: {reason}")


def main() -> int:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    packages = sys.argv[2:] or list(CHOSEN_ON)
    vocab = open_vocabulary(model().path)
    count = lru_cache(maxsize=100_000)(lambda line: len(vocab.tokenize(line)))
    tally = Tally()
    for package in packages:
        for hole, needs, context in _holes(package, n, count):
            tally.look(hole, needs, context, count)
    print(f"{tally.holes} holes of {', '.join(packages)} need {tally.names} names")
    for budget in BUDGETS:
        print(
            f"{budget} tokens: {tally.named[budget]} named, {tally.defined[budget]} "
            "of them by their definition"
        )
    for what, counted in (
        (f"missing with {USUAL} tokens", tally.missing),
        ("tokens for each hole", tally.spent),
    ):
        per = tally.holes if counted is tally.spent else 1
        told = (f"{name} {total / per:.0f}" for name, total in counted.most_common())
        print(f"{what}: {', '.join(told)}")
    slow = statistics.quantiles(tally.took, n=20)[-1]
    print(f"CPU: median {statistics.median(tally.took):.1f} ms, p95 {slow:.1f} ms")
    share = tally.named[USUAL] / max(1, tally.names)
    return verdict("needed", f"{share:.3f}", f">= {BAR}", holds=share >= BAR)


def _holes(
    package: str, n: int, count: Count
) -> Iterator[tuple[Hole, list[Need], RepositoryContext]]:
    """Holes that need something of another file, each open in an index."""
    old, new = (Wanted(package, version, "") for version in PACKAGES[package])
    root, since = history(package, old, new)
    holes = cut(open_repository(root), Cutting(40 * n, 0, ("line",), since=since))
    with (
        workspace(open_repository(root), since) as copy,
        TemporaryDirectory() as cache,
        indexed(copy.root, cache=Path(cache), deadline=PATIENCE_S) as context,
    ):
        index, given = context.index, 0
        for hole in holes:
            if hole.tags.get("dup") == "yes":
                continue
            index.changed(hole.path, hole.prefix + hole.suffix)
            index.wait()
            needs = list(_needs(hole, index, count))
            if needs:
                given += 1
                yield hole, needs, context
            index.closed(hole.path)
            index.wait()
            if given == n:
                return


def _needs(hole: Hole, index: RepositoryIndex, count: Count) -> Iterator[Need]:
    own = {place.name for place in index.definitions_in(hole.path)}
    view = _view(hole, count)
    window = set(re.findall(r"\w+", view.head + view.tail))
    known = Reading(index).now()
    code = STRING.sub("", hole.middle).encode()
    for name in identifiers(code, hole.language).keys() - own - window:
        places = [
            place
            for place in index.definitions(name)
            if place.kind != "field" and known.reaches(hole.path, place.path)
        ]
        if places:
            yield Need(name, tuple(places))


def _view(hole: Hole, count: Count) -> View:
    most = Settings().completion
    head = head_window(hole.prefix, most.prefix_tokens, count)
    tail = tail_window(hole.suffix, most.suffix_tokens, count)
    return View(hole.path, hole.prefix, hole.suffix, head, tail)


def _is_named(name: str, shown: tuple[Snippet, ...]) -> bool:
    return any(_has(name, f"{each.path}\n{each.text}") for each in shown)


def _is_defined(need: Need, shown: tuple[Snippet, ...]) -> bool:
    return any(
        each.path == place.path
        and not {place.start_row, place.start_row + 1}.isdisjoint(each.rows)
        for each in shown
        for place in need.places
    )


def _reason(need: Need, hole: Hole, view: View, context: RepositoryContext) -> str:
    """Why a name is not shown: which rank its best candidate has, if it has one."""
    known = Reading(context.index).now()
    here = look_around(view, hole.path)
    sources = context._selector._sources()
    ranked = fuse([(weight, source(known, here)) for weight, source in sources])
    for rank, each in enumerate(ranked):
        of = each.candidate
        rows = known.lines(of.path)[of.start_row : of.end_row + 1]
        if any(_has(need.name, row) for row in rows):
            label = "packed badly" if rank < HIGH else "ranked too low"
            return f"{label}: {rank} of {len(ranked)} ({of.reason}, {len(rows)} rows)"
    return f"no candidate: {need.places[0].path}"


def _has(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


if __name__ == "__main__":
    sys.exit(main())
