"""[evaluate-controls] Known answers score what they must, on every set that is here.

Three systems that are no models: one gives each hole its reference, one gives nothing,
one gives each hole the reference of another problem. They are scored as any system is.
"""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import fmean

from tqdm import tqdm

from codeassist.evaluate import sets
from codeassist.evaluate.executing import run_check
from codeassist.evaluate.hole import Check, Hole, Output
from codeassist.evaluate.scores.codebleu import NOTE, available
from codeassist.evaluate.scores.metrics import normal
from codeassist.evaluate.scores.scoring import scores
from tests.bench.harness import verdict

SEED = 0
LARGEST = 250
"""Holes of a set; of a larger one so many are drawn."""

WHOLE = "infilling-single-line"
"""Taken whole, for the share of empty answers that pass is published for all rows."""

LIMIT_S = 4.0
"""For programs that nobody expects to end; references have the set's own limit."""

COMPARED = (
    "exact_match",
    "first_line",
    "edit_similarity",
    "identifier_match",
    "identifier_f1",
    "codebleu",
)
"""Of every set 1 for the reference and 0 for nothing."""

RIGHT = (*COMPARED, "parses", "pass@1")
"""Of every set 1 for the reference. (Efficiency is a measurement: about 1.)"""

SELF_CONTAINED = ("humaneval", "humaneval-plus", "mbpp")
"""No reference fails. One of MBPP+ takes longer than the limit, and SAFIM has problems
with several right answers, of which its tests know one."""

NECESSARY = (*SELF_CONTAINED, "mbpp-plus", "safim-block", "safim-control")
"""Nothing passes no test: a body, a program, a block or a condition is missing.
HumanEval-Infilling has lines and spans that no test needs: see `FLOOR`."""

FLOOR = 12 / 457
"""Of single-line holes that need no answer: 2.6 %, as the sets' README says."""

CHANCE = 0.02
"""How often at most another problem's reference may be this one's by its brevity."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean scores of the three systems on one set, by metric."""

    name: str
    holes: int
    aside: int
    """Holes whose reference does not pass."""

    right: Mapping[str, float]
    nothing: Mapping[str, float]
    others: Mapping[str, float]
    equal: float
    """Share of holes for which another problem's reference is the same text."""


def measure(name: str) -> Measured:
    drawn = sets.load(name, limit=None if name == WHOLE else LARGEST, seed=SEED)
    sound = sets.sound(drawn, passes, workers=os.cpu_count() or 1)
    holes = sound.kept
    answers = of_others(holes)
    known = any(hole.middle for hole in holes)  # MultiPL-E has no references
    pairs = [(normal(h.middle), normal(a)) for h, a in zip(holes, answers, strict=True)]
    hurry = [hurried(hole) for hole in holes]
    return Measured(
        name=name,
        holes=len(holes),
        aside=len(sound.aside),
        right=means(f"{name}: reference", holes, [hole.middle for hole in holes]),
        nothing=means(f"{name}: nothing", hurry, [""] * len(holes)),
        others=means(f"{name}: of others", hurry, answers) if known else {},
        equal=fmean(own == other for own, other in pairs if own) if known else 0.0,
    )


def passes(check: Check, completion: str) -> bool:
    return run_check(check, completion).passed


def hurried(hole: Hole) -> Hole:
    if hole.check is None:
        return hole
    return replace(hole, check=replace(hole.check, limit_s=LIMIT_S))


def of_others(holes: Sequence[Hole]) -> list[str]:
    """For each hole the reference of one of another problem, drawn at random."""
    order = list(range(len(holes)))
    random.Random(SEED).shuffle(order)
    answers = [""] * len(holes)
    for place, n in enumerate(order):
        following = order[place + 1 :] + order[:place]
        other = next(m for m in following if problem(holes[m]) != problem(holes[n]))
        answers[n] = holes[other].middle
    return answers


def problem(hole: Hole) -> str:
    """Holes of one problem or file share parts of their answers."""
    if hole.origin.startswith("infilling"):
        return hole.id.split("/")[2]
    return hole.path if hole.check is None else hole.id


def means(what: str, holes: Sequence[Hole], texts: Sequence[str]) -> dict[str, float]:
    """Mean of each metric over the holes that have it."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(lambda h, text: scores(h, [Output(text)]), holes, texts)
        values = defaultdict(list)
        for row in tqdm(rows, what, len(holes), unit="hole", leave=False):
            for metric, value in row.items():
                values[metric].append(value)
    return {metric: fmean(each) for metric, each in values.items()}


def controls(of: Measured) -> Iterator[tuple[str, bool]]:
    """What must hold, and whether it does."""
    for metric in RIGHT:
        if metric in of.right:
            share = of.right[metric]
            yield f"{metric} of the reference is {share:.4%}, not 100 %", share == 1
    for metric in COMPARED:
        if metric in of.nothing:
            share = of.nothing[metric]
            yield f"{metric} of nothing is {share:.4%}, not 0 %", share == 0
    if of.name in NECESSARY:
        share = of.nothing["pass@1"]
        yield f"pass@1 of nothing is {share:.4%}, not 0 %", share == 0
    if of.name == WHOLE:
        share = of.nothing["pass@1"]
        yield f"pass@1 of nothing is {share:.4%}, not {FLOOR:.1%}", share == FLOOR
    if of.name in SELF_CONTAINED or of.name.startswith("infilling"):
        yield f"{of.aside} references do not pass", of.aside == 0
    if of.others:
        exact = of.others["exact_match"]
        yield (
            f"exact match of others' references is {exact:.4%}; {of.equal:.4%} are equal",
            exact == of.equal <= CHANCE,
        )


def show(of: Measured, seconds: float) -> None:
    print(f"{of.name}: {of.holes} holes, {of.aside} set aside, {seconds:.0f} s")
    systems = {"reference": of.right, "nothing": of.nothing, "of others": of.others}
    for metric in of.right:
        shares = (
            f"{name} " + (f"{means[metric]:8.2%}" if metric in means else "       -")
            for name, means in systems.items()
        )
        print(f"  {metric:18}" + "   ".join(shares))


def main() -> int:
    if not available():
        print(NOTE)
    held: list[bool] = []
    measured_sets = 0
    for name in sets.NAMES:
        try:
            sets.load(name, limit=1)
        except sets.SetFileError as error:
            print(f"{name}: not measured: {error}")
            continue
        begun = time.monotonic()
        measured = measure(name)
        show(measured, time.monotonic() - begun)
        measured_sets += 1
        for what, holds in controls(measured):
            held.append(holds)
            if not holds:
                print(f"  DOES NOT HOLD: {what}")
    return verdict(
        "evaluate-controls",
        f"{sum(held)} of {len(held)} hold on {measured_sets} sets",
        f"all, on {len(sets.NAMES)} sets: references exactly 100 %, nothing exactly 0 %, others' references an "
        f"exact match only where they are equal, in at most {CHANCE:.0%}",
        holds=measured_sets == len(sets.NAMES) and all(held),
    )


if __name__ == "__main__":
    sys.exit(main())
