"""How long, how fast and with what a decoder is trained."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from codeassist.errors import ConfigError

__all__ = ["DType", "LoopSettings"]

DType = Literal["float32", "bfloat16"]
"""What numbers are multiplied in."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """Settings of the loop; what is learned, and from what, is not among them.

    Raises:
        ConfigError: a value that does not fit.
    """

    steps: int = 1000
    rows_per_step: int = 8
    """Rows that one change of the weights is made from, over all processes."""

    rows_per_batch: int = 1
    """Rows that go through the decoder at once in one process."""

    lr: float = 3e-4
    """Learning rate at its height."""

    schedule: Literal["cosine", "wsd", "constant"] = "cosine"
    warmup: float = 0.03
    """Steps of linear rise, or their share of all steps where it is below 1."""

    decay: float = 0.2
    """Share of all steps that ``wsd`` falls at its end."""

    final_lr: float = 0.1
    """Share of ``lr`` that is left in the end."""

    weight_decay: float = 0.01
    """Of matrices; norms and biases have none."""

    betas: tuple[float, float] = (0.9, 0.95)
    clip: float = 1.0
    """Norm that the gradient is cut down to; 0: it is left alone."""

    ema: float | None = None
    """What the moving average of the weights keeps at a step; None: there is none."""

    dtype: DType = "bfloat16"
    """Of matrix products; weights that are learned stay in float32."""

    compile: bool = False
    """Compile each layer with torch.compile."""

    recompute: bool = False
    """Forget activations and compute them again: less memory, a third more work."""

    seed: int = 0
    """Of the order of the rows."""

    save_every: int = 100
    """Steps between two saved states; 0: by the clock alone."""

    save_seconds: float = 0.0
    """Seconds after which a state is saved; 0: by the steps alone."""

    keep: int = 2
    """Saved states that are kept, the newest."""

    threads: int = 0
    """Threads of torch, no more than there are cores; 0: as many as it takes itself."""

    balance: float = 0.01
    """Weight of the load-balancing loss of experts."""

    held_out_every: int = 100
    """Steps between two looks at the held-out rows; the last step has one, too."""

    parallel: Literal["none", "ddp", "fsdp"] = "none"
    """How the processes of torchrun share the work."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for fits, wrong in self._rules():
            if not fits:
                msg = f"loop.{wrong}"
                raise ConfigError(msg)

    def _rules(self) -> list[tuple[bool, str]]:
        share = 0 <= self.warmup < 1
        betas = all(0 <= beta < 1 for beta in self.betas)
        rules = [
            (least <= getattr(self, name), f"{name} must be {least} or more")
            for name, least in _LEAST.items()
        ]
        rules += [
            (getattr(self, name) in known, f"{name} is one of {', '.join(known)}")
            for name, known in _CHOICES.items()
        ]
        return [
            *rules,
            (self.lr > 0, f"lr must be above 0, not {self.lr}"),
            (
                self.rows_per_step % max(1, self.rows_per_batch) == 0,
                f"rows_per_step ({self.rows_per_step}) must be a multiple of rows_per_batch",
            ),
            (
                share or self.warmup == int(self.warmup),
                f"warmup is a share below 1 or a number of steps, not {self.warmup}",
            ),
            (0 <= self.decay <= 1, f"decay is a share, not {self.decay}"),
            (0 <= self.final_lr <= 1, f"final_lr is a share, not {self.final_lr}"),
            (betas, f"betas are two numbers below 1, not {self.betas}"),
            (
                self.ema is None or 0 < self.ema < 1,
                f"ema lies between 0 and 1, not at {self.ema}",
            ),
            (
                self.save_every > 0 or self.save_seconds > 0,
                "save_every or save_seconds must be above 0, or a crash loses all",
            ),
        ]

    @property
    def curve(self) -> dict[str, Any]:
        """What the loss curve hangs on; the rest may change from run to run."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name not in _FREE
        }


_LEAST = {
    "steps": 1,
    "rows_per_step": 1,
    "rows_per_batch": 1,
    "warmup": 0,
    "weight_decay": 0,
    "clip": 0,
    "save_every": 0,
    "save_seconds": 0,
    "keep": 1,
    "threads": 0,
    "seed": 0,
    "balance": 0,
    "held_out_every": 1,
}
_CHOICES = {
    "schedule": ("cosine", "wsd", "constant"),
    "dtype": ("float32", "bfloat16"),
    "parallel": ("none", "ddp", "fsdp"),
}
_FREE = {"save_every", "save_seconds", "keep", "held_out_every"}
assert {f.name for f in fields(LoopSettings)} >= _FREE | {*_LEAST, *_CHOICES}
