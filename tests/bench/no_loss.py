"""[no-loss] Ours as it ships against the plain prompt, on all of evaluate's sets.

`no_loss.py [ROWS]`. The plain prompt is the file around the cursor and nothing else:
the cursor ends the prefix, no other file is shown. Same weights, same finishing. On
each set the paired difference must not lie below 0 with its whole 95 % interval. Where
both come to the very same prompt the model is asked once. Interrupted, it goes on where
it was.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from codeassist import config
from codeassist.commands.evaluate_holes import sound_holes
from codeassist.config import Settings
from codeassist.errors import InputError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Hole, Output
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.run import run
from codeassist.evaluate.scores.intervals import compare
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.sets import NAMES, load
from codeassist.evaluate.systems import Contender, Ours, ours
from codeassist.evaluate.systems.ours import request_of
from tests.bench.harness import model, settings, verdict

ROWS = 80
"""Of each set, drawn with seed 0."""

ROOT = Path(__file__).resolve().parents[2]
Asked = tuple[str, tuple[int, ...], str, int]
"""A hole, the tokens of its prompt, what the answer begins with, its length."""

PLAIN = {"completion": {"placement": "cursor", "context_tokens": 0}}
TESTED, WRITTEN = "pass@1", "exact_match"


def main() -> int:
    os.environ.setdefault("CODEASSIST_SHARED", str(ROOT.parent / "shared"))
    rows = int(sys.argv[1]) if sys.argv[1:] else ROWS
    lost, told = [], 0
    for name, holes in _sets(rows):
        mine, theirs, metric = _filled(name, holes)
        found = compare(mine, theirs)
        d = found.difference
        print(
            f"{name}: {metric} {_mean(mine):.1%} against {_mean(theirs):.1%}, "
            f"difference {d.mean:+.1%} [{d.low:+.1%}, {d.high:+.1%}], won {found.wins}, "
            f"lost {found.losses} of {d.n}",
            flush=True,
        )
        told += 1
        if d.high < 0:
            lost.append(name)
    figure = f"a loss on {len(lost)} of {told} sets"
    figure += f" ({', '.join(lost)})" if lost else ""
    bar = f"no interval below 0 on any of {len(NAMES)} sets"
    return verdict("no-loss", figure, bar, holds=not lost and told == len(NAMES))


def _sets(rows: int) -> Iterator[tuple[str, list[Hole]]]:
    """All sets whose files are here."""
    for name in NAMES:
        try:
            loaded = load(name, limit=rows, seed=0)
        except InputError as error:
            print(f"{name}: left out ({error})")
            continue
        holes, aside = sound_holes([as_in_editor(hole) for hole in loaded])
        if aside:
            print(f"{name}: {aside} holes set aside, whose reference fails")
        yield name, [*holes]


def _filled(
    name: str, holes: list[Hole]
) -> tuple[dict[str, float], dict[str, float], str]:
    """The values of both on each hole, and what they are."""
    own = settings(model())
    plain, asked = config.merge(own, PLAIN, "bench"), dict[Asked, Output]()
    systems = [_once(own, "codeassist", asked), _once(plain, "plain prompt", asked)]
    folder = config.cache_dir() / "bench" / "no-loss"
    folder.mkdir(parents=True, exist_ok=True)
    key = key_of(holes, {system.name: dict(system.settings) for system in systems})
    code = of_code()
    journal_file = folder / f"{name}-{key[:8]}-{code[:8]}.journal"
    with Journal(journal_file, key, code) as journal:
        first, second = run(systems, holes, scores, journal=journal)
    kept = [asdict(row) for each in (first, second) for row in each.rows]
    (folder / f"{name}.json").write_text(json.dumps(kept, default=str))
    metric = TESTED if any(TESTED in row.scores for row in first.rows) else WRITTEN
    mine, theirs = (
        {row.hole: row.scores[metric] for row in each.rows if metric in row.scores}
        for each in (first, second)
    )
    return mine, theirs, metric


def _once(own: Settings, name: str, asked: dict[Asked, Output]) -> Contender:
    """Ours with these settings, which answers what was asked already from memory."""
    contender = ours(own, name=name)
    return replace(contender, open=lambda: Once(own, name, asked))


class Once(Ours):
    """Answers alike where hole, prompt and all that bounds the answer are alike."""

    def __init__(self, own: Settings, name: str, asked: dict[Asked, Output]) -> None:
        super().__init__(own, name=name)
        self._asked = asked

    def complete(self, hole: Hole) -> Output:
        """The greedy answer."""
        if hole.root:  # its prompt shows other files
            return super().complete(hole)
        plan = self.runtime.completer.plan(request_of(hole))
        prompt = plan.prompt
        key = (hole.id, tuple(prompt.tokens), prompt.pending, plan.max_tokens)
        if key not in self._asked:
            self._asked[key] = super().complete(hole)
        return self._asked[key]


def _mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)


if __name__ == "__main__":
    sys.exit(main())
