"""[fim-0.5b] What the adapter of the default model is worth, beside the plain weights.

`fim_0_5b.py [--rows N] [--adapter FILE]`, or the environment variables FIM_ROWS and
FIM_ADAPTER: at most N holes of each part, another adapter than the catalog's. Both
systems are our engine with its own prompts and rules; only the adapter differs. The
plain weights fill the first holes of each part where all would take too long, and ratios
are of those that both have filled. Whether an answer ends by itself is asked without the
engine's rules. Interrupted, it goes on where it was.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from codeassist import config
from codeassist.commands.evaluate_holes import sound_holes
from codeassist.config import Settings
from codeassist.engine.adapters import chosen
from codeassist.errors import CodeassistError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.run import Score, run
from codeassist.evaluate.scores.intervals import bootstrap
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.sets import load
from codeassist.evaluate.systems import Contender, ours
from tests.bench.fim_free import STOPS, left_alone, stops
from tests.bench.fim_languages import language_holes
from tests.bench.harness import model, settings, verdict

NAME = "fim-0.5b"
ROOT = Path(__file__).resolve().parents[2]
SEED = 0

SINGLE, RATIO, STOPPED = 0.80, 1.4, 0.97
SHARE = "single-line"
RATIOS = ("random-span", "multi-line", "fresh-fim")
ALONE = "natural stop"
FRESH = ("py-mini-swe-agent", "py-nanochat", "ts-llama.vscode")
PASSED, EXACT = "pass@1", "exact_match"

INFILLING = {
    "single-line": (457, 60),
    "random-span": (100, 100),
    "multi-line": (80, 80),
}
"""Holes of each set for the adapter, and how many of them the plain weights fill."""

FRESH_HOLES, FRESH_DUPLICATES, LANGUAGE_HOLES = 40, 8, 16
STOP_HOLES, STOP_PLAIN = 13, 2
"""Of each part but the languages."""

RESAMPLES = 2_000
CODE = of_code()
"""As it is loaded: the sources may change while it runs."""

WITH, PLAIN = "adapter", "plain"


@dataclass(frozen=True, slots=True)
class Part:
    """Holes that are judged together."""

    name: str
    holes: Sequence[Hole]
    n_plain: int
    metric: str
    language: str = ""
    """Whose holes alone these are."""

    fresh: bool = False
    """Whether it counts for fresh-fim."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a part: hole to value, of both systems."""

    part: Part
    adapter: Mapping[str, float]
    plain: Mapping[str, float]

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Mean with the adapter over the plain one, and its 95 % interval."""
        both = [each for each in self.plain if each in self.adapter]
        mine = np.array([self.adapter[each] for each in both])
        theirs = np.array([self.plain[each] for each in both])
        draws = np.random.default_rng(SEED).integers(
            len(both), size=(RESAMPLES, len(both))
        )
        drawn = _over(mine[draws].mean(axis=1), theirs[draws].mean(axis=1))
        low, high = np.quantile(drawn, (0.025, 0.975), method="nearest")
        return float(_over(mine.mean(), theirs.mean())), float(low), float(high)

    def mean(self, values: Mapping[str, float]) -> float:
        return sum(values.values()) / max(1, len(values))

    def __str__(self) -> str:
        of, n = bootstrap([*self.adapter.values()], seed=SEED), len(self.plain)
        ratio, low, high = self.ratio
        return (
            f"{self.part.name:<26} {self.part.metric:<12} with {of.mean:6.1%} "
            f"[{of.low:.1%}, {of.high:.1%}] of {of.n:3}, plain "
            f"{self.mean(self.plain):6.1%} of {n:3}, {ratio:.2f} times "
            f"[{low:.2f}, {high:.2f}]"
        )


def main() -> int:
    args = _arguments()
    os.environ.setdefault("CODEASSIST_SHARED", str(ROOT.parent / "shared"))
    mine, theirs = _both(args.adapter)
    found: list[Found] = []
    for part in _parts(args.rows):
        found.append(_filled(part, ours(mine, name=WITH), ours(theirs, name=PLAIN)))
        print(found[-1], flush=True)
    alone = Part(ALONE, *_mixed(found, args.rows), STOPS)
    systems = left_alone(mine, WITH), left_alone(theirs, PLAIN)
    found.append(_filled(alone, *systems, score=stops))
    print(found[-1], flush=True)
    return _judged(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    rows, adapter = os.environ.get("FIM_ROWS", "1000"), os.environ.get("FIM_ADAPTER")
    parser.add_argument("--rows", type=int, default=int(rows))
    parser.add_argument("--adapter", type=Path, default=adapter and Path(adapter))
    return parser.parse_args()


def _both(named: Path | None) -> tuple[Settings, Settings]:
    """The settings with the adapter, and those of the plain weights."""
    located = model()
    adapter = named or located.adapter
    if adapter is None:
        sys.exit("the catalog names no adapter for this model; name one with --adapter")
    bare = replace(located, entry=None, adapter=None)
    if active := chosen("", bare):
        sys.exit(
            f"{active} is active; take it back first: codeassist adapters rollback"
        )
    return settings(replace(located, adapter=adapter)), settings(bare)


def _parts(rows: int) -> Iterator[Part]:
    for kind, (n, n_plain) in INFILLING.items():
        loaded = load(f"infilling-{kind}", limit=min(n, rows), seed=SEED)
        holes, aside = sound_holes([as_in_editor(hole) for hole in loaded])
        if aside:
            print(f"{kind}: {aside} holes set aside, whose reference fails")
        yield Part(kind, holes, n_plain, PASSED)
    shared = Path(os.environ["CODEASSIST_SHARED"]) / "eval" / "fresh-fim"
    for name in FRESH:
        # no checkout lies beside the set's own file, so that both see the file alone
        drawn = load(str(shared / f"{name}.jsonl.gz"), limit=10_000, seed=SEED)
        drawn = _shuffled(drawn)
        for dup, most in (("no", FRESH_HOLES), ("yes", FRESH_DUPLICATES)):
            holes = [each for each in drawn if each.tags["dup"] == dup]
            holes = holes[: min(most, rows)]
            title = f"fresh-fim {name}" if dup == "no" else f"dup {name}"
            yield Part(title, holes, most, EXACT, fresh=dup == "no")
    for language, holes in language_holes(min(LANGUAGE_HOLES, rows), SEED):
        yield Part(language, holes, LANGUAGE_HOLES, EXACT, language=language)


def _shuffled(holes: list[Hole]) -> list[Hole]:
    order = np.random.default_rng(SEED).permutation(len(holes))
    return [holes[at] for at in order]


def _mixed(found: Sequence[Found], rows: int) -> tuple[list[Hole], int]:
    """Some holes of each part, and how many of them are for the plain weights too."""
    chosen_ = [each.part for each in found if not each.part.language]
    first = [hole for part in chosen_ for hole in part.holes[: min(STOP_PLAIN, rows)]]
    rest = [
        hole
        for part in chosen_
        for hole in part.holes[STOP_PLAIN : min(STOP_HOLES, rows)]
    ]
    holes = [replace(hole, check=None) for hole in (*first, *rest)]
    return holes, len(first)


def _filled(
    part: Part, mine: Contender, theirs: Contender, *, score: Score = scores
) -> Found:
    return Found(
        part,
        _values(part, mine, part.holes, score),
        _values(part, theirs, part.holes[: part.n_plain], score),
    )


def _values(
    part: Part, system: Contender, holes: Sequence[Hole], score: Score
) -> dict[str, float]:
    folder = config.cache_dir() / "bench" / NAME
    key = key_of(holes, {system.name: dict(system.settings)})
    name = f"{part.name.replace(' ', '-')}-{system.name}-{key[:8]}-{CODE[:8]}.journal"
    with Journal(folder / name, key, CODE) as journal:
        (ran,) = run([system], holes, score, journal=journal)
    return {row.hole: row.scores.get(part.metric, 0.0) for row in ran.rows}


def _joined(found: Sequence[Found], name: str) -> Found:
    part = replace(found[0].part, name=name)
    mine = {hole: value for each in found for hole, value in each.adapter.items()}
    theirs = {hole: value for each in found for hole, value in each.plain.items()}
    return Found(part, mine, theirs)


def _judged(found: Sequence[Found]) -> int:
    by_name = {each.part.name: each for each in found}
    by_name["fresh-fim"] = _joined([f for f in found if f.part.fresh], "fresh-fim")
    print(by_name["fresh-fim"], flush=True)
    single, alone = by_name[SHARE], by_name[ALONE]
    share, ended = single.mean(single.adapter), alone.mean(alone.adapter)
    ratios = {name: by_name[name].ratio[0] for name in RATIOS}
    behind = _behind(found)
    told = ", ".join(f"{name} {ratio:.2f} times" for name, ratio in ratios.items())
    figure = (
        f"single-line {share:.1%}, {told}, natural stop {ended:.1%}, "
        f"below plain: {', '.join(behind) or 'no language'}"
    )
    bar = f">= {SINGLE:.0%}, each >= {RATIO} times, >= {STOPPED:.0%}, none below"
    holds = share >= SINGLE and ended >= STOPPED and not behind
    return verdict(
        NAME, figure, bar, holds=holds and all(r >= RATIO for r in ratios.values())
    )


def _behind(found: Sequence[Found]) -> list[str]:
    """Languages in which the adapter is exact less often than the plain weights."""
    fresh = [each for each in found if each.part.fresh]
    strata = {each.part.language: [each] for each in found if each.part.language}
    strata["python"] = [
        each for each in fresh if each.part.name.startswith("fresh-fim py")
    ]
    strata["typescript"] = [each for each in fresh if each not in strata["python"]]
    joined = {name: _joined(parts, name) for name, parts in strata.items()}
    return [name for name, each in joined.items() if each.ratio[0] < 1]


def _over(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """First over second; 1 where both are nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((first == 0) & (second == 0), 1.0, first / second)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CodeassistError as error:
        sys.exit(str(error))
