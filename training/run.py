"""One training by its recipe: the decoder is loaded, trained and logged."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from codeassist.decoder import TOKENIZER_FILE
from codeassist.errors import TrainingError

from .checkpoint import load_decoder, read_config, save_checkpoint
from .curve import draw_curve
from .flops import step_cost
from .log import Log, read_log
from .loop import Outcome, Step, train
from .loop.state import load_state, state_folder
from .lora import LoraParts, LoraWeights, load_adapted
from .packed import Prepared
from .recipe import Recipe

__all__ = ["CURVE_FILE", "Speed", "learned_checkpoint", "learned_lora", "run"]

CURVE_FILE = "loss.png"


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a step was."""

    tokens: float
    """Per second, padding apart."""

    mfu: float
    """Model FLOPs per second over those of plain matrix products, between 0 and 1."""


Observe = Callable[[Step, Speed], None]


def run(
    base: Path,
    recipe: Recipe,
    rows: Prepared,
    out: Path,
    *,
    rate: float,
    begin: LoraWeights | None = None,
    observe: Observe = lambda _step, _speed: None,
) -> Outcome:
    """Train the checkpoint ``base`` by a recipe, or go on where it was interrupted.

    Leaves ``state``, ``log.jsonl`` and ``loss.png`` in ``out``.

    Args:
        base: Checkpoint folder.
        recipe: What is trained, and how.
        rows: What it learns from.
        out: The training's folder.
        rate: FLOPs per second of plain matrix products, over all processes.
        begin: What the file `lora.init` has, read; it counts where nothing was
            trained yet.
        observe: Told of each step.

    Raises:
        CodeassistError: as of `loop.train` and of loading the checkpoint.
    """
    named = recipe.lora.init if recipe.lora else None
    assert (named is None) == (begin is None), "lora.init is for the caller to read"
    config, loop = read_config(base), recipe.loop
    dtype: torch.dtype = getattr(torch, loop.dtype)
    if recipe.lora is None:
        decoder = load_decoder(base, dtype=torch.float32, recompute=loop.recompute)
    else:
        decoder = load_adapted(base, recipe.lora, dtype=dtype, begin=begin)
    cost = step_cost(config, length=rows.learned.index.length, lora=recipe.lora)
    log = Log(out)

    def seen(step: Step) -> None:
        flops = cost.flops(step.tokens, step.learned_tokens)
        seconds = max(step.seconds, 1e-9)
        speed = Speed(step.tokens / seconds, flops / seconds / rate)
        more = {"tokens_per_second": round(speed.tokens, 1)}
        log.add(step, {**more, "mfu": round(speed.mfu, 4)})
        observe(step, speed)

    outcome = train(
        decoder, rows.learned, loop, out, observe=seen, held_out=rows.held_out
    )
    steps = read_log(out)
    if steps:
        last = steps[-1]["loss"]
        draw_curve(steps, out / CURVE_FILE, f"{out.name}: loss {last:.3f}")
    return outcome


def learned_checkpoint(base: Path, out: Path, target: Path) -> None:
    """Write the weights of the last state as a checkpoint folder.

    Raises:
        TrainingError: there is no state.
        ModelFileError: ``target`` is in use for something else.
    """
    tokenizer = base / TOKENIZER_FILE
    save_checkpoint(
        target,
        read_config(base),
        _learned(out),
        tokenizer=tokenizer if tokenizer.is_file() else None,
    )


def learned_lora(out: Path, lora: LoraParts) -> LoraWeights:
    """The adapters of the last state.

    Raises:
        TrainingError: there is no state.
    """
    learned = {
        name: np.asarray(tensor.float().numpy())
        for name, tensor in _learned(out).items()
    }
    names = [name.removesuffix(".lora_a") for name in learned if "lora_a" in name]
    alpha = lora.scale * lora.rank
    return LoraWeights(
        alpha,
        {
            f"{n}.weight": (learned[f"{n}.lora_a"], learned[f"{n}.lora_b"])
            for n in names
        },
    )


def _learned(out: Path) -> dict[str, Tensor]:
    """What was learned, by the decoder's names; the moving average where there is one.

    note: not taken from the decoder, whose shards may lie with other processes.
    """
    saved = load_state(state_folder(out))
    if saved is None:
        msg = f"{out} has no saved state; train first"
        raise TrainingError(msg)
    averaged = any(name.startswith("average/") for name in saved.tensors)
    prefix = "average/" if averaged else "weight/"
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in saved.tensors.items()
        if name.startswith(prefix)
    }
