"""What a training will take in time, memory and disk, said before it begins."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from codeassist.decoder import DecoderConfig
from codeassist.errors import DiskSpaceError
from codeassist.training.flops import step_cost
from codeassist.training.loop import Estimate, check_memory, estimate
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
    """Bytes of states, product and rows in the output folder."""

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
    done: int = 0,
) -> Plan:
    """Estimate a training.

    Args:
        recipe: What is trained, and how.
        config: Of the base.
        characters: Of the sources.
        rate: FLOPs per second of plain matrix products.
        done: Steps that a run before has made.
    """
    loop, length = recipe.loop, recipe.data.length
    memory = estimate(config, loop, length=length, lora=recipe.lora)
    rows = characters * recipe.data.fim.holes  # about a byte each, mostly less
    product = memory.gradients  # as many numbers as are learned
    # note: a state is whole before the oldest is deleted
    disk = (loop.keep + 1) * memory.state + product + rows
    tokens = max(0, loop.steps - done) * loop.rows_per_step * length
    flops = step_cost(config, length=length, lora=recipe.lora).flops(tokens, tokens)
    return Plan(cost(config), memory, disk, flops / rate / USUAL_MFU)
