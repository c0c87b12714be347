"""What a training will take in time, memory and disk, said before it begins."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from codeassist.decoder import DecoderConfig
from codeassist.errors import DiskSpaceError
from codeassist.training.flops import step_cost
from codeassist.training.loop import (
    Estimate,
    check_memory,
    estimate,
    last_step,
    room_for_states,
)
from codeassist.training.presets import Cost, cost
from codeassist.training.recipe import Recipe

__all__ = ["Plan", "make_plan"]

USUAL_MFU = 0.4
"""Of the machine's matrix products, what a training usually reaches."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An estimate; the time is that of full rows."""

    model: Cost
    memory: Estimate
    disk: int
    """Bytes that states, product and rows still take in the output folder."""

    seconds: float

    def as_json(self) -> dict[str, object]:
        """For a script."""
        memory = {**asdict(self.memory), "total": self.memory.total}
        return {
            "parameters": self.model.parameters,
            "active": self.model.active,
            "memory": memory,
            "disk": self.disk,
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        """A few lines for a person."""
        hours, rest = divmod(round(self.seconds), 3600)
        minutes, seconds = divmod(rest, 60)
        return (
            f"model   {self.model.parameters:,} parameters, "
            f"{self.model.active:,} active per token\n"
            f"memory  {self.memory}\n"
            f"disk    {self.disk / 1e6:,.0f} MB\n"
            f"time    about {hours}:{minutes:02}:{seconds:02}"
        )

    def check(self, out: Path) -> None:
        """Refuse what does not fit.

        Raises:
            MemoryShortError: with the estimate.
            DiskSpaceError: with the figure.
        """
        check_memory(self.memory.total, self.memory)
        there = next(folder for folder in (out, *out.parents) if folder.is_dir())
        free = shutil.disk_usage(there).free
        if self.disk > free:
            msg = (
                f"training needs {self.disk / 1e6:,.0f} MB in {out} and "
                f"{free / 1e6:,.0f} MB are free: free some, lower loop.keep or name "
                f"another folder with --out"
            )
            raise DiskSpaceError(msg)


def make_plan(
    recipe: Recipe,
    config: DecoderConfig,
    *,
    characters: int,
    rate: float,
    out: Path,
) -> Plan:
    """Estimate a training.

    Args:
        recipe: What is trained, and how.
        config: Of the base.
        characters: Of the sources that rows are still to be made of.
        rate: FLOPs per second of plain matrix products.
        out: The training's folder; what a run before has left there counts as done.
    """
    loop, length = recipe.loop, recipe.data.length
    memory = estimate(config, loop, length=length, lora=recipe.lora)
    rows = characters * recipe.data.fim.holes  # about a byte each, mostly less
    left = max(0, loop.steps - last_step(out))
    states = room_for_states(out, memory.state, keep=loop.keep) if left else 0
    disk = max(0, states) + memory.product + rows
    tokens = left * loop.rows_per_step * length
    flops = step_cost(config, length=length, lora=recipe.lora).flops(tokens, tokens)
    return Plan(cost(config), memory, disk, flops / rate / USUAL_MFU)
