"""AdamW over the learned parameters, and their moving average."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from .settings import LoopSettings

__all__ = ["Average", "make_optimiser", "moments", "restore_moments"]

Parameters = Mapping[str, nn.Parameter]

MOMENTS = ("exp_avg", "exp_avg_sq")


def make_optimiser(learned: Parameters, settings: LoopSettings) -> AdamW:
    """Return fused AdamW; only matrices decay (Loshchilov and Hutter, arXiv 1711.05101)."""
    matrices = [each for each in learned.values() if each.ndim > 1]
    vectors = [each for each in learned.values() if each.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return AdamW(
        [group for group in groups if group["params"]],
        lr=settings.lr,
        betas=settings.betas,
        fused=True,
    )


def moments(optimiser: AdamW, learned: Parameters) -> dict[str, Tensor]:
    """Name the optimiser's tensors, once a step has been made."""
    return {
        f"{moment}/{name}": optimiser.state[parameter][moment]
        for name, parameter in learned.items()
        for moment in MOMENTS
    }


def restore_moments(
    optimiser: AdamW, learned: Parameters, tensors: Mapping[str, Tensor], step: int
) -> None:
    """Give the optimiser back what ``moments`` named, after ``step`` steps."""
    for name, parameter in learned.items():
        own = {moment: tensors[f"{moment}/{name}"] for moment in MOMENTS}
        count = torch.tensor(float(step), device=parameter.device)
        optimiser.state[parameter] = {"step": count, **own}


class Average:
    """An exponential moving average of the learned parameters."""

    def __init__(self, learned: Parameters, keeps: float) -> None:
        self._learned = learned
        self._keeps = keeps
        self.tensors = {name: each.detach().clone() for name, each in learned.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the parameters after a step."""
        for name, parameter in self._learned.items():
            self.tensors[name].lerp_(parameter, 1 - self._keeps)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """The averages in the parameters' place for a while."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange averages and parameters."""
        for name, parameter in self._learned.items():
            kept = parameter.detach().clone()
            parameter.copy_(self.tensors[name])
            self.tensors[name] = kept
