"""How much arithmetic a training step is, and how much of it the machine can do.

Model FLOPs as in PaLM's appendix B (Chowdhery et al. 2022, arXiv 2204.02311): a token
costs 6 N + 12 L H Q T, with N parameters that are multiplied (the embedding table is
only looked up, a tied one is the output layer), L layers, H heads of Q numbers and rows
of T tokens; of the 12, attention's scores and its sums have 6 each. Two things differ,
so that no work counts which is not done: the output layer counts for learned tokens
alone, and under LoRA a frozen matrix has no gradient of its own (4 N) while the
adapter's A parameters have all (6 A).
"""

import time
from dataclasses import dataclass

import torch

from codeassist.decoder import DecoderConfig

from .cores import with_threads
from .loop.settings import DType
from .lora import LoraParts
from .presets import active_parameters

__all__ = ["WORTH", "StepCost", "fastest", "matmul_rate", "step_cost"]

SIDES = {"cpu": (256, 2_048), "cuda": (8_192, 8_192)}
"""Of the square matrices that are multiplied to measure, the smallest and the largest: so
that a GPU is filled, and a CPU not busy for a minute with one product."""

WORTH = 1.25
"""So many times faster float32 must be to be taken: it needs twice the memory."""


@dataclass(frozen=True, slots=True)
class StepCost:
    """FLOPs of training on one token."""

    token: int
    """Of every token, the output layer apart."""

    learned: int
    """Of a learned token besides: the output layer."""

    def flops(self, tokens: int, learned: int) -> int:
        """Of so many tokens, and so many of them learned."""
        return tokens * self.token + learned * self.learned


def step_cost(
    config: DecoderConfig, *, length: int, lora: LoraParts | None = None
) -> StepCost:
    """Count what a token costs in rows of ``length`` tokens."""
    table = config.vocab_size * config.width
    tables = table if config.tied else 2 * table
    if config.rope is None:
        tables += config.context * config.width
    inside = active_parameters(config) - tables
    width = (config.key_dim + config.value_dim) // 2
    attention = 12 * config.layers * config.heads * width * length
    if lora is None:
        return StepCost(6 * inside + attention, 6 * table)
    shapes = lora.shapes(config)
    pairs = lora.rank * sum(sum(shape) for shape in shapes.values())
    return StepCost(4 * inside + 6 * pairs + attention, 4 * table)


def matmul_rate(dtype: DType, *, threads: int = 0, seconds: float = 1.0) -> float:
    """Measure the FLOPs per second of square matrix products, for about a second.

    It is the best of them, on the GPU where there is one. They grow as long as there is
    time for larger ones.

    Args:
        dtype: Of the matrices.
        threads: Of torch; 0: as many as it has.
        seconds: How long.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind: torch.dtype = getattr(torch, dtype)
    side, most = SIDES[device.type]
    with with_threads(threads):
        a, b = (torch.randn(most, most, device=device).to(kind) for _ in range(2))

        def product() -> float:
            began = time.perf_counter()
            torch.mm(a[:side, :side].contiguous(), b[:side, :side].contiguous())
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            return time.perf_counter() - began

        product()  # threads and kernels are made
        best, until = 0.0, time.perf_counter() + seconds
        while True:
            took = product()
            best = max(best, 2 * side**3 / took)
            left = until - time.perf_counter()
            if left < 0:
                return best
            if 16 * took < left:
                side = min(2 * side, most)


def fastest(*, threads: int = 0, seconds: float = 1.0) -> dict[DType, float]:
    """The rates of both types, the one to train in first.

    Processors without instructions for bfloat16 multiply it many times slower than
    float32.

    Args:
        threads: As for `matmul_rate`.
        seconds: For each.
    """
    low = matmul_rate("bfloat16", threads=threads, seconds=seconds)
    full = matmul_rate("float32", threads=threads, seconds=seconds)
    if full > WORTH * low:
        return {"float32": full, "bfloat16": low}
    return {"bfloat16": low, "float32": full}
