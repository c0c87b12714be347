"""How much of an evaluation's wall time the model computes: holes of our own source."""

import os
import sys
import tempfile
from pathlib import Path

from harness import model, verdict

from codeassist.cli import main as codeassist
from codeassist.evaluate.report import load

HOLES = 60
BAR = 0.9
ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    model()
    named = os.environ.get("CODEASSIST_MODEL", "")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.json"
        status = codeassist(
            [
                *("evaluate", "repo", str(ROOT), "--holes", str(HOLES)),
                *("--journal", str(Path(folder) / "journal"), "--json", str(kept)),
                *(("--model", named) if named else ()),
            ]
        )
        if status:
            return status
        (run,) = load(kept).runs
    assert run.busy_s is not None
    share = run.busy_s / run.wall_s
    print(
        f"{len(run.rows)} holes in {run.wall_s:.0f} s, scored and journalled; the model "
        f"computed {run.busy_s:.0f} s (prompt, and first token to the end)"
    )
    return verdict(
        "evaluate-throughput", f"{share:.1%}", f">= {BAR:.0%}", holds=share >= BAR
    )


if __name__ == "__main__":
    sys.exit(main())
