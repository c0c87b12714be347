"""From states to an adapter: the best step, and adapters side by side."""

import json

import pytest

from codeassist.errors import TrainingError
from codeassist.finetune.learned import best_step


def test_the_best_step(tmp_path):
    """It has the lowest held-out loss of the steps whose state is there."""
    steps = [(1, None), (2, 3.0), (3, 1.0), (4, 2.0), (5, 2.5)]
    rows = [json.dumps({"step": step, "held_out": loss}) for step, loss in steps]
    (tmp_path / "log.jsonl").write_text("\n".join(rows) + "\n")
    for step in (1, 2, 4, 5):
        (tmp_path / "state" / f"step-{step:08d}").mkdir(parents=True)
    assert best_step(tmp_path) == (4, 2.0)


def test_no_step(tmp_path):
    """Without a state there is nothing to take, and that is said."""
    with pytest.raises(TrainingError, match="train again"):
        best_step(tmp_path)
