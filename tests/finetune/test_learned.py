"""From states to an adapter: the best step, and adapters side by side."""

import json

import numpy as np
import pytest

from codeassist.errors import TrainingError
from codeassist.finetune.learned import best_step, stacked
from codeassist.quantize.lora import Adapter, Pair


def adapter(alpha, names, rank, seed):
    random = np.random.default_rng(seed)
    return Adapter(
        alpha,
        {
            name: Pair(
                random.standard_normal((rank, 6), np.float32),
                random.standard_normal((5, rank), np.float32),
            )
            for name in names
        },
    )


def change(adapted, name):
    if name not in adapted.pairs:
        return np.zeros((5, 6), np.float32)
    pair = adapted.pairs[name]
    return adapted.alpha / pair.rank * pair.b @ pair.a


def test_side_by_side_is_the_sum():
    """Two adapters in one change each weight as the two one after another."""
    below, above = adapter(8.0, "xy", 2, seed=0), adapter(32.0, "yz", 4, seed=1)
    both = stacked(below, above)
    for name in "xyz":
        wanted = change(below, name) + change(above, name)
        np.testing.assert_allclose(change(both, name), wanted, rtol=1e-5, atol=1e-5)
    assert both.pairs["y"].rank == 6


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
