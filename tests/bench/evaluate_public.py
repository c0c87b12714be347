"""HumanEval-Infilling single-line, passed by the default model, beside what is published.

The bar is an order of magnitude, in both directions. From below: at least half of the
published figure, since ours is the instruct-tuned sibling, which is known to fill
worse, in 4 bits. From above: our interval must reach down to the published figure; a
4-bit model that is surely better than its full-precision base has seen the answers.
"""

import os
import sys
import tempfile
from pathlib import Path

from harness import model, verdict

from codeassist.cli import main as codeassist
from codeassist.evaluate.published import HUMANEVAL_FIM
from codeassist.evaluate.report import load
from codeassist.evaluate.report.strata import figure, strata

ROWS = 150
"""Of 457, drawn with seed 0: all of them take more than eight minutes on two cores."""

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    entry = model().entry
    if entry is None or entry.id not in HUMANEVAL_FIM:
        sys.exit(
            f"nothing is published for this model; take {', '.join(HUMANEVAL_FIM)}"
        )
    os.environ.setdefault("CODEASSIST_SHARED", str(ROOT.parent / "shared"))
    published = HUMANEVAL_FIM[entry.id] / 100
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.json"
        status = codeassist(
            [
                *("evaluate", "set", "infilling-single-line", "--limit", str(ROWS)),
                *("--model", entry.id, "--json", str(kept)),
            ]
        )
        if status:
            return status
        evaluation = load(kept)
    found = figure(evaluation, evaluation.runs[0], "pass@1", strata(evaluation)[0])
    assert found is not None
    return verdict(
        "evaluate-public",
        f"pass@1 {found.mean:.1%} [{found.low:.1%}, {found.high:.1%}] of {found.n}, "
        f"published {published:.1%}",
        f"mean >= {published / 2:.1%}, interval reaches down to {published:.1%}",
        holds=found.mean >= published / 2 and found.low <= published,
    )


if __name__ == "__main__":
    sys.exit(main())
