"""[finetune] Three repositories learned on this machine, judged by their next release.

`finetune.py [--budget 26m] [--holes N] [--only NAME]`. Each package's older releases
are a history that `codeassist finetune --since` learns, over the house's adapter, on two
cores; one that was broken off begins anew, as its minutes count. Then the engine fills
holes in the lines that the newest release added, and rows of HumanEval-Infilling's dev
half, with the house's adapter alone and with the new one. A fine-tuning that is done is
not done again by the same code, and filled holes are not filled again. An adapter that the command has refused is not the user's: it counts as no
change, whatever it is worth.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codeassist import config
from codeassist.engine.models.store import digest
from codeassist.errors import CodeassistError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.repository import open_repository
from codeassist.evaluate.holes.workspace import workspace
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.run import Show, run
from codeassist.evaluate.scores.intervals import Comparison, compare
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.sets import load
from codeassist.evaluate.systems import ours
from tests.bench.finetune_repositories import PACKAGES, Package, grown, new_holes
from tests.bench.finetune_run import finetuned, house
from tests.bench.harness import settings, verdict

ROOT = Path(__file__).resolve().parents[2]
GAIN, ENOUGH, MINUTES = 1.15, 2, 30
SEED, CODE = 0, of_code()
LEARNING = of_code(also={"commands", "finetune", "training"})
EXACT, PASSED = "exact_match", "pass@1"
BEFORE, AFTER = "house", "own"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one repository."""

    name: str
    accepted: bool
    minutes: float
    before: float
    after: float
    general: Comparison

    @property
    def gain(self) -> float:
        """For the user: 1 where the adapter was refused."""
        return self.ratio if self.accepted else 1.0

    @property
    def ratio(self) -> float:
        """Exact matches over those before; 1 where there are none in both."""
        return self.after / self.before if self.before else 1 + self.after

    @property
    def forgets(self) -> bool:
        """Whether the public set is surely lower."""
        return self.accepted and self.general.difference.high < 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default=os.environ.get("FINETUNE_BUDGET", "26m"))
    parser.add_argument("--holes", type=int, default=150)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    os.environ.setdefault("CODEASSIST_SHARED", str(ROOT.parent / "shared"))
    packages = [each for each in PACKAGES if args.only in ("", each.name)]
    found = [_measured(each, args.budget, args.holes) for each in packages]
    better = [each for each in found if each.gain >= GAIN]
    holds = (
        len(better) >= ENOUGH
        and len(found) == len(PACKAGES)
        and all(each.gain >= 1 and not each.forgets for each in found)
        and all(each.minutes <= MINUTES for each in found)
    )
    figure = ", ".join(f"{each.name} {each.gain:.2f}" for each in found)
    forgot = sum(each.forgets for each in found)
    slowest = max(each.minutes for each in found)
    return verdict(
        "finetune",
        f"{figure} times, general ability lower on {forgot}, {slowest:.0f} minutes",
        f">= {GAIN} on {ENOUGH} of 3, none below 1, none lower, <= {MINUTES} minutes",
        holds=holds,
    )


def _measured(package: Package, budget: str, n: int) -> Found:
    of = hashlib.sha256(f"{LEARNING} {digest(_house_adapter())}".encode()).hexdigest()
    name = f"{package.name}-{budget}-{of[:8]}"
    folder = config.cache_dir() / "bench" / "finetune" / name
    accepted, minutes = _learned(package, folder, budget)
    root, since, holes = new_holes(package, n, SEED)
    with workspace(open_repository(root), since) as copy:
        mine, theirs = _filled(folder, "own", holes, EXACT, copy.show)
    public = load("infilling-single-line", limit=max(10, 2 * n // 3), seed=SEED)
    public = [as_in_editor(hole) for hole in public]
    general = compare(*_filled(folder, "public", public, PASSED))
    own = compare(mine, theirs)
    means = _mean(theirs), _mean(mine)
    found = Found(package.name, accepted, minutes, *means, general)
    d, g = own.difference, general.difference
    print(
        f"{package.name}: exact match {found.before:.1%} -> {found.after:.1%} "
        f"({d.mean:+.1%} [{d.low:+.1%}, {d.high:+.1%}], won {own.wins}, lost "
        f"{own.losses} of {d.n}), {found.ratio:.2f} times, "
        f"{'accepted' if accepted else 'refused'}; public {g.mean:+.1%} "
        f"[{g.low:+.1%}, {g.high:+.1%}]; learned in {minutes:.1f} minutes",
        flush=True,
    )
    return found


def _house_adapter() -> Path:
    adapter = house().adapter
    assert adapter is not None
    return adapter


def _learned(package: Package, folder: Path, budget: str) -> tuple[bool, float]:
    """Whether it was accepted, and minutes; what it made lies in the folder."""
    done = folder / "done.json"
    if done.is_file():
        known = json.loads(done.read_text())
        return known["accepted"], known["minutes"]
    shutil.rmtree(folder / "out", ignore_errors=True)  # what was begun has no minutes
    root = grown(package.name, package.releases)
    first = f"HEAD~{len(package.learned) - 1}"
    began = time.monotonic()
    told = finetuned(root, folder / "out", "--budget", budget, "--since", first)
    minutes = (time.monotonic() - began) / 60
    print("\n".join((f"{package.name}: {told['accepted']=}", *told["reasons"])))
    done.write_text(json.dumps({"accepted": told["accepted"], "minutes": minutes}))
    return told["accepted"], minutes


def _filled(
    folder: Path,
    name: str,
    holes: Sequence[Hole],
    metric: str,
    show: Show | None = None,
) -> tuple[dict[str, float], dict[str, float]]:
    """With the new adapter, and with the house's."""
    located = house()
    own = replace(located, adapter=folder / "out" / "adapter.gguf")
    systems = [
        ours(settings(own), name=AFTER),
        ours(settings(located), name=BEFORE),
    ]
    key = key_of(holes, {each.name: dict(each.settings) for each in systems})
    journal_file = folder / f"{name}-{key[:8]}-{CODE[:8]}.journal"
    more = {"show": show} if show else {}
    with Journal(journal_file, key, CODE) as journal:
        ran = [*run(systems, holes, scores, journal=journal, **more)]
    first, second = (
        {row.hole: row.scores.get(metric, 0.0) for row in each.rows} for each in ran
    )
    return first, second


def _mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CodeassistError as error:
        sys.exit(str(error))
