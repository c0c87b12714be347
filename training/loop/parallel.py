"""The processes of torchrun: who does what, and how gradients meet."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from codeassist.errors import ConfigError

from .learner import Learner
from .settings import LoopSettings

__all__ = ["Ranks", "joined", "like", "own_device", "shards", "whole"]


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among all of them."""

    rank: int
    world: int
    kind: Literal["none", "ddp", "fsdp"]
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether it is this one that writes and speaks."""
        return self.rank == 0

    def wrap(self, learner: Learner) -> nn.Module:
        """Move the learner to the device; return what is called in its place."""
        if self.kind != "fsdp":
            learner.to(self.device)
        if self.kind == "ddp":
            return DistributedDataParallel(learner)
        if self.kind == "fsdp":  # which moves a layer at a time, and keeps its share
            mesh = init_device_mesh(self.device.type, (self.world,))
            for layer in learner.decoder.layers:
                fully_shard(layer, mesh=mesh)
            fully_shard(learner, mesh=mesh)
        return learner

    def apart(self, module: nn.Module, *, last: bool) -> AbstractContextManager[None]:
        """Within it gradients wait for the step's last batch, where that saves work."""
        if isinstance(module, DistributedDataParallel) and not last:
            return module.no_sync()
        return nullcontext()

    def settle(self, module: nn.Module) -> None:
        """Forget whole weights that a forward pass without a backward left behind."""
        if isinstance(module, FSDPModule):
            module.reshard()

    def total(self, *values: float) -> list[float]:
        """Sum numbers over all processes."""
        if self.kind == "none":
            return [*values]
        # note: no CUDA trouble with float64 here, unlike on other accelerators
        sums = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(sums)
        found: list[float] = sums.tolist()
        return found

    def wait(self) -> None:
        """Until all processes are here."""
        if self.kind != "none":
            distributed.barrier()


def own_device() -> torch.device:
    """Where this process trains: the GPU that is its own, if there is one."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def shards(settings: LoopSettings) -> int:
    """How many processes share the weights."""
    return _world() if settings.parallel == "fsdp" else 1


def _world() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def joined(settings: LoopSettings) -> Iterator[Ranks]:
    """This process's place among those of torchrun, joined for a while.

    Raises:
        ConfigError: settings and processes do not fit together.
    """
    world, device = _world(), own_device()
    if settings.parallel == "none":
        if world > 1:
            msg = (
                f"torchrun started {world} processes: set loop.parallel to ddp or fsdp"
            )
            raise ConfigError(msg)
        yield Ranks(0, 1, "none", device)
        return
    if "RANK" not in os.environ:
        msg = (
            f"loop.parallel = {settings.parallel!r} needs torchrun; start it with that"
        )
        raise ConfigError(msg)
    if settings.rows_per_step % (world * settings.rows_per_batch):
        msg = (
            f"loop.rows_per_step must be a multiple of rows_per_batch times {world} "
            f"processes, and {settings.rows_per_step} is none"
        )
        raise ConfigError(msg)
    own = not distributed.is_initialized()
    if own:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Ranks(distributed.get_rank(), world, settings.parallel, device)
    finally:
        if own:
            distributed.destroy_process_group()


def whole(tensor: Tensor) -> Tensor:
    """Return a tensor with all its shards, on every process."""
    tensor = tensor.detach()
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def like(tensor: Tensor, model: Tensor) -> Tensor:
    """Return a whole tensor on the device, and cut into the shards, of another."""
    tensor = tensor.to(model.device, model.dtype)
    if isinstance(model, DTensor):
        return distribute_tensor(tensor, model.device_mesh, model.placements)
    return tensor
