"""What a fine-tuning has learned, as an adapter over the weights that it began with."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from codeassist.decoder import CONFIG_FILE
from codeassist.errors import TrainingError
from codeassist.quantize.convert import Progress, load_config
from codeassist.quantize.lora import Adapter, Pair, merge, read_adapter
from codeassist.training.log import read_log
from codeassist.training.loop.state import state_folder
from codeassist.training.lora import LoraParts
from codeassist.training.run import learned_lora

__all__ = ["best_step", "learned_at", "merged", "stacked"]


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


def merged(base: Path, adapter: Path, name: str, progress: Progress) -> Path:
    """The checkpoint with an adapter in its weights, made if it is not there.

    Args:
        base: Checkpoint folder.
        adapter: GGUF.
        name: Of the folder, beside the base's; it must tell this adapter from others.
        progress: Told of each tensor.

    Raises:
        AdapterError: it does not fit.
        DiskSpaceError: no room.
    """
    target = base.with_name(f"{base.name}-{name}")
    if (target / CONFIG_FILE).is_file():
        return target
    part = Path(tempfile.mkdtemp(prefix=".", dir=base.parent))
    try:
        pairs = read_adapter(adapter, load_config(base))
        merge(base, pairs, part / "base", format_="BF16", progress=progress)
        shutil.rmtree(target, ignore_errors=True)
        (part / "base").rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def stacked(below: Adapter, above: Adapter) -> Adapter:
    """One adapter that changes the weights as both do: their ranks side by side.

    So what was learned over merged weights is served over the plain ones. The sum of
    two products is one product of wider matrices: ``[b1 b2] @ [a1; a2]``.
    """
    alpha = above.alpha
    pairs: dict[str, Pair] = {}
    for name in dict.fromkeys((*below.pairs, *above.pairs)):
        parts = [
            (each.alpha / each.pairs[name].rank, each.pairs[name])
            for each in (below, above)
            if name in each.pairs
        ]
        rank = sum(pair.rank for _, pair in parts)
        a = np.concatenate([pair.a for _, pair in parts])
        b = np.concatenate(
            [np.float32(scale * rank / alpha) * pair.b for scale, pair in parts], axis=1
        )
        pairs[name] = Pair(a, b)
    return Adapter(alpha, pairs)
