"""Compiled layers learn as the plain ones do."""

from dataclasses import replace

import pytest

from codeassist.training.loop import LoopSettings, train
from tests.training.loop.rows import make_rows
from tests.training.shapes import GQA, decoder


@pytest.mark.filterwarnings("ignore")  # torch warns of its own ways while it compiles
def test_compiled_losses_equal_plain_ones(tmp_path):
    """Two steps through torch.compile give the plain losses within rounding."""
    config = replace(GQA, layers=1)
    losses = {}
    for compiled in (False, True):
        settings = LoopSettings(
            steps=2,
            rows_per_step=2,
            lr=1e-2,
            dtype="float32",
            warmup=0,
            compile=compiled,
        )
        seen = []
        folder = tmp_path / str(compiled)
        train(decoder(config), make_rows(4), settings, folder, observe=seen.append)
        losses[compiled] = [step.loss for step in seen]
    assert losses[True] == pytest.approx(losses[False], rel=1e-4)
