"""What a training will need in memory, before it begins."""

from dataclasses import asdict, dataclass

import psutil
import torch

from codeassist.decoder import DecoderConfig
from codeassist.errors import MemoryShortError
from codeassist.training.lora import LoraParts
from codeassist.training.model import score_bytes
from codeassist.training.presets import parameters

from .learner import CHUNK_BYTES
from .parallel import own_device, shards
from .settings import LoopSettings

__all__ = ["Estimate", "check_memory", "estimate", "estimate_for"]

ON_DISK = {"state", "product"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes of one process, by what they are for."""

    weights: int
    gradients: int
    optimiser: int
    """AdamW's two moments, and the moving average."""

    activations: int
    """Of one batch of full rows."""

    logits: int

    state: int
    """On disk, of one saved state; not part of the total."""

    product: int
    """On disk, of what was learned; not part of the total."""

    @property
    def total(self) -> int:
        """Bytes in all."""
        return sum(n for name, n in asdict(self).items() if name not in ON_DISK)

    def __str__(self) -> str:
        """One line for a person."""
        parts = (
            f"{name} {n / 1e6:,.0f}"
            for name, n in asdict(self).items()
            if name not in ON_DISK
        )
        return f"{self.total / 1e6:,.0f} MB ({', '.join(parts)})"


def estimate(
    config: DecoderConfig,
    settings: LoopSettings,
    *,
    length: int,
    lora: LoraParts | None = None,
) -> Estimate:
    """Estimate what ``train`` takes beside Python and torch themselves.

    Under FSDP each process of torchrun holds its share of weights, gradients and
    moments; layers that are whole for a moment are not counted.

    Args:
        config: the decoder's shapes.
        settings: of the loop.
        length: tokens of a row.
        lora: the adapters; None: full training.
    """
    learned = parameters(config)
    if lora is not None:
        sizes = lora.shapes(config).values()
        learned = lora.rank * sum(sum(shape) for shape in sizes)
    return estimate_for(
        config, settings, length=length, learned=learned, adapters=lora is not None
    )


def estimate_for(
    config: DecoderConfig,
    settings: LoopSettings,
    *,
    length: int,
    learned: int,
    adapters: bool,
) -> Estimate:
    """As ``estimate``, for a number of learned parameters.

    Args:
        config: the decoder's shapes.
        settings: of the loop.
        length: tokens of a row.
        learned: parameters that are learned.
        adapters: whether those are adapters beside the decoder's own.
    """
    low = 2 if settings.dtype == "bfloat16" else 4
    everything = parameters(config)
    if adapters:
        weights = low * everything + 4 * learned
    else:  # autocast holds a copy of the matrices in its type
        weights = 4 * everything + (low * everything if low < 4 else 0)
    copies, parts = 2 + (settings.ema is not None), shards(settings)
    stream = low if adapters else 4  # residuals have the type of the weights
    return Estimate(
        weights=weights // parts,
        gradients=4 * learned // parts,
        optimiser=4 * learned * copies // parts,
        activations=_activations(config, settings, length, low, stream),
        logits=_logits(config, settings, length, low, adapters=adapters),
        state=4 * learned * (1 + copies),
        product=4 * learned,
    )


def check_memory(need: int, what: object) -> None:
    """Refuse to begin what does not fit where this process trains.

    Args:
        need: bytes that are still to be allocated.
        what: the estimate to show.

    Raises:
        MemoryShortError: fewer bytes are free.
    """
    device = own_device()
    if device.type == "cuda":
        free = torch.cuda.mem_get_info(device)[0]
    else:
        free = psutil.virtual_memory().available
    if need > free:
        msg = (
            f"training needs {what} and {free / 1e6:,.0f} MB are free: lower "
            f"loop.rows_per_batch, set loop.recompute or take a smaller model"
        )
        raise MemoryShortError(msg)


def _activations(
    c: DecoderConfig, settings: LoopSettings, length: int, low: int, stream: int
) -> int:
    tokens = settings.rows_per_batch * length
    residual = tokens * c.width * stream
    scores = 0  # a GPU's kernel keeps none
    if not torch.cuda.is_available():
        scores = score_bytes(settings.rows_per_batch, c.heads, length, low)
    layers = [
        2 * residual + tokens * _kept(c, n) * low + scores for n in range(c.layers)
    ]
    mask = settings.rows_per_batch * length**2 * (1 + 4)  # as booleans and as numbers
    ends = 3 * residual + 3 * scores
    if settings.recompute:
        return residual * c.layers + max(layers) + mask + ends
    return sum(layers) + mask + ends


def _kept(c: DecoderConfig, layer: int) -> int:
    """Numbers that a layer keeps for a token, in the matrices' type."""
    queries, values = c.heads * c.key_dim, c.heads * c.value_dim
    keys = (c.heads if c.latent else c.kv_heads) * (c.key_dim + c.value_dim)
    inner = (4 if c.activation == "swiglu" else 2) * c.ffn_width
    if c.has_experts(layer) and c.experts:
        e = c.experts
        inner = 4 * e.width * (e.used + e.shared) + 3 * c.width * e.used
    return 2 * c.width + queries + keys + 2 * values + inner


def _logits(
    c: DecoderConfig, settings: LoopSettings, length: int, low: int, *, adapters: bool
) -> int:
    """Of a chunk, and what their type costs once more; the head's own gradient."""
    tokens = settings.rows_per_batch * length
    chunk = min(tokens, max(16, CHUNK_BYTES // (2 * c.vocab_size)))
    head = 0 if adapters else 2 * 4 * c.vocab_size * c.width
    return 2 * chunk * c.vocab_size * low + head
