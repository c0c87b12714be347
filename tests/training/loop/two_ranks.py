"""One of two processes that train together; started by test_parallel."""

import json
import sys
from pathlib import Path

import torch

from codeassist.training.loop import LoopSettings, train
from tests.training.loop.rows import make_rows
from tests.training.shapes import FAMILIES, decoder


def main(folder, config, parallel, steps):
    model, seen = decoder(FAMILIES[config]), []
    model.layers[0].requires_grad_(False)
    settings = LoopSettings(
        steps=int(steps),
        schedule="constant",
        rows_per_step=4,
        rows_per_batch=1,
        lr=5e-3,
        dtype="float32",
        ema=0.9,
        parallel=parallel,
        save_every=4,
        held_out_every=2,
        balance=0.0,
    )
    outcome = train(
        model,
        make_rows(10),
        settings,
        folder,
        observe=lambda step: seen.append([step.loss, step.grad_norm, step.held_out]),
        held_out=make_rows(3, seed=9),
    )
    if seen:
        (folder / f"{parallel}-{steps}.json").write_text(json.dumps(seen))
    return outcome


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), *sys.argv[2:])
