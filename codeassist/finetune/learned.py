"""Adapters before and after a fine-tuning: what it begins with, what it has learned."""

import tempfile
from pathlib import Path

from codeassist.decoder import DecoderConfig
from codeassist.errors import TrainingError
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.lora import Adapter, Pair, read_adapter
from codeassist.training.log import read_log
from codeassist.training.loop.state import state_folder
from codeassist.training.lora import LoraParts, LoraWeights
from codeassist.training.run import learned_lora

__all__ = ["beginning", "best_step", "learned_at", "rank_of"]


def best_step(out: Path) -> tuple[int, float]:
    """The saved step with the lowest loss on the held-out rows, and that loss.

    Raises:
        TrainingError: no step was saved and looked at.
    """
    states = {path.name for path in state_folder(out).glob("step-*")}
    seen = [
        (float(each["held_out"]), int(each["step"]))
        for each in read_log(out)
        if each["held_out"] is not None and _state(each["step"]) in states
    ]
    if not seen:
        msg = f"{out} has no saved step with a held-out loss; train again"
        raise TrainingError(msg)
    loss, step = min(seen)
    return step, loss


def learned_at(out: Path, step: int, lora: LoraParts) -> Adapter:
    """The adapter as it was at a saved step.

    Args:
        out: The training's folder.
        step: One whose state is there.
        lora: As it was trained.

    Raises:
        TrainingError: its state is damaged.
    """
    with tempfile.TemporaryDirectory(prefix=".", dir=out) as name:
        alone = Path(name)
        state_folder(alone).mkdir()
        link = state_folder(alone) / _state(step)
        link.symlink_to((state_folder(out) / _state(step)).resolve())
        weights = learned_lora(alone, lora)
    return Adapter(
        weights.alpha, {name: Pair(a, b) for name, (a, b) in weights.pairs.items()}
    )


def _state(step: int) -> str:
    return f"step-{step:08d}"


def beginning(adapter: Path, config: DecoderConfig) -> LoraWeights:
    """What a training begins with that goes on where an adapter stands.

    Args:
        adapter: GGUF.
        config: Of the model that it is for.

    Raises:
        AdapterError: it is none, or for another model.
        ModelFileError: a damaged file.
    """
    found = read_adapter(adapter, config)
    return LoraWeights(
        found.alpha, {name: (pair.a, pair.b) for name, pair in found.pairs.items()}
    )


def rank_of(adapter: Path) -> int:
    """The largest rank in an adapter's file.

    Raises:
        ModelFileError: a damaged file, or none.
    """
    shapes = GgufFile(adapter).shapes
    return max((min(s) for name, s in shapes.items() if ".lora_" in name), default=1)
