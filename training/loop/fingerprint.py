"""Whether a saved state belongs to what is being trained now."""

import hashlib
from typing import Any

import numpy as np
import torch

from codeassist.errors import TrainingError
from codeassist.training.lora import LoraEmbedding, LoraLinear
from codeassist.training.model import Decoder

from .batches import Rows
from .schedule import learning_rate
from .settings import LoopSettings
from .state import Saved

__all__ = ["check_unchanged", "fingerprint"]

LOOKED_AT = 64
"""Numbers of each frozen tensor."""

ROWS = 4096
"""Rows, spread over all where there are more."""


def fingerprint(decoder: Decoder, rows: Rows) -> dict[str, str]:
    """Sum up what the loss curve hangs on beside the settings.

    Of rows and frozen weights some are looked at: enough to tell others from them,
    not to find one changed number.
    """
    return {
        "the rows": _rows(rows),
        "the decoder": _digest(repr(decoder.config).encode()),
        "what is learned": _learned(decoder),
        "the frozen weights": _frozen(decoder),
    }


def check_unchanged(saved: Saved, now: dict[str, Any], settings: LoopSettings) -> None:
    """Refuse to go on where the result would be neither the old nor the new run's.

    More ``steps`` are no change where the learning rate so far is the same (constant,
    or WSD before its fall).

    Raises:
        TrainingError: with what has changed.
    """
    old, new = saved.about["settings"], now["settings"]
    for name in dict.fromkeys([*old, *new]):
        was, is_ = old.get(name), new.get(name)
        if was == is_ or (name == "steps" and _same_rates(saved, settings)):
            continue
        _refuse(saved, f"loop.{name} was {was} and is {is_}")
    old, new = saved.about["fingerprint"], now["fingerprint"]
    for name in new:
        if old.get(name) != new[name]:
            _refuse(saved, f"{name} changed")


def _refuse(saved: Saved, what: str) -> None:
    msg = f"{saved.path} is of another run: {what}; put it back or name another folder"
    raise TrainingError(msg)


def _same_rates(saved: Saved, settings: LoopSettings) -> bool:
    values = dict(saved.about["settings"])
    values["betas"] = tuple(values["betas"])
    old = LoopSettings(**values)
    return all(
        learning_rate(old, step) == learning_rate(settings, step)
        for step in range(saved.step)
    )


def _rows(rows: Rows) -> str:
    places = np.linspace(0, len(rows) - 1, min(ROWS, len(rows)), dtype=int)
    seen = hashlib.sha256(str(len(rows)).encode())
    for place in places:
        row = rows[int(place)]
        for array in (row.tokens, row.mask, row.documents):
            seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()


def _learned(decoder: Decoder) -> str:
    lines = [
        f"{name} {tuple(each.shape)}"
        for name, each in decoder.named_parameters()
        if each.requires_grad
    ]
    for name, part in decoder.named_modules():
        if isinstance(part, LoraLinear | LoraEmbedding):
            lines.append(f"{name} {part.scale} {getattr(part, 'dropout', 0)}")
    return _digest("\n".join(lines).encode())


def _frozen(decoder: Decoder) -> str:
    seen = hashlib.sha256()
    for name, each in decoder.named_parameters():
        if not each.requires_grad:
            stride = max(1, each.numel() // LOOKED_AT)
            some = each.detach().flatten()[::stride][:LOOKED_AT]
            seen.update(f"{name} {tuple(each.shape)}".encode())
            seen.update(some.to("cpu", torch.float32).numpy().tobytes())
    return seen.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
