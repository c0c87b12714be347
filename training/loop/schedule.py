"""The learning rate at each step: warmup, then cosine, WSD or constant."""

import math

from .settings import LoopSettings

__all__ = ["learning_rate"]


def learning_rate(settings: LoopSettings, step: int) -> float:
    """Return the rate of a step, counted from 0.

    The cosine falls to ``final_lr`` (Loshchilov and Hutter 2016, arXiv 1608.03983);
    WSD stays at its height and falls linearly over the last ``decay`` of all steps
    (Hu et al. 2024, arXiv 2404.06395; Hägele et al. 2024, arXiv 2405.18392).
    """
    s = settings
    warmup = round(s.warmup * s.steps) if s.warmup < 1 else int(s.warmup)
    if step < warmup:
        return s.lr * (step + 1) / warmup
    if s.schedule == "constant":
        return s.lr
    start = warmup
    if s.schedule == "wsd":
        start = max(warmup, s.steps - round(s.decay * s.steps))
    passed = (step - start) / max(1, s.steps - start)
    passed = min(max(passed, 0.0), 1.0)
    left = 1 - passed
    if s.schedule == "cosine":
        left = 0.5 * (1 + math.cos(math.pi * passed))
    return s.lr * (s.final_lr + (1 - s.final_lr) * left)
