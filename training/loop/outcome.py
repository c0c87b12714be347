"""What a training tells of itself: each step, and how it ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Outcome", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is known of a step once it is done."""

    step: int
    """From 1."""

    loss: float
    """Mean cross-entropy of the learned tokens, before the weights changed."""

    lr: float
    grad_norm: float
    """Before clipping."""

    tokens: int
    """Of all rows of the step, padding apart."""

    learned_tokens: int
    seconds: float
    balance: float
    """Mean load-balancing loss of the layers with experts; 0 when dense."""

    shares: tuple[tuple[float, ...], ...]
    """For each layer with experts, what part of the choices fell on which expert."""

    held_out: float | None = None
    """Loss on the held-out rows after this step, of the averaged weights if any."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended."""

    steps: int
    """Done in all, those before a resumption included."""

    loss: float
    """Of the last step."""

    stopped: Literal["done", "interrupted"]
    state: Path
    """Folder of the last saved state."""
