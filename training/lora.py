"""LoRA: small trainable pairs beside frozen matrices (Hu et al. 2021, arXiv 2106.09685).

A matrix W becomes W + scale * B A, where A is ``(rank, inputs)`` and B
``(outputs, rank)``. The scale is ``alpha / rank``, or ``alpha / sqrt(rank)`` when rank
stabilised (Kalajdzievski 2023, arXiv 2312.03732). B begins at zero, so that training
begins at the base model, or both begin as an earlier adapter has them.
"""

import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from torch import Tensor, nn
from torch.nn import functional as F

from codeassist.decoder import DecoderConfig, tensor_shapes
from codeassist.errors import AdapterError, ConfigError
from codeassist.whole import replacing

from .adapted_linear import adapted_linear
from .checkpoint import load_decoder, read_config
from .model import Decoder, Parts

__all__ = [
    "LoraParts",
    "LoraWeights",
    "load_adapted",
    "load_lora",
    "lora_weights",
    "merge",
    "save_lora",
]

TENSORS, ABOUT = "adapter.safetensors", "adapter.json"

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LoraParts(Parts):
    """Hands out matrices with a trainable pair where a pattern names them.

    Raises:
        ConfigError: a value that does not fit.
    """

    rank: int = 16
    alpha: float = 32.0
    targets: tuple[str, ...] = ("layers.*",)
    """Patterns of names without suffix: ``layers.*.attention.[qv]``, ``embedding``,
    ``output``. Routed experts, which share one tensor, cannot be adapted. `train` takes
    the default for those of the layers' matrices that llama.cpp runs an adapter beside."""

    rank_stabilised: bool = False
    dropout: float = 0.0
    """Share of the inputs of A that is set to zero while training."""

    seed: int = 0
    init: Path | None = None
    """Adapter GGUF that the pairs begin with; None: they begin by changing nothing."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for fits, wrong in (
            (self.rank > 0, f"rank must be 1 or more, not {self.rank}"),
            (self.alpha > 0, f"alpha must be above 0, not {self.alpha}"),
            (0 <= self.dropout < 1, f"dropout is a share, not {self.dropout}"),
            (bool(self.targets), "targets must name at least one matrix"),
        ):
            if not fits:
                msg = f"lora.{wrong}"
                raise ConfigError(msg)

    @property
    def scale(self) -> float:
        """What the change B A is multiplied with."""
        root = math.sqrt(self.rank) if self.rank_stabilised else self.rank
        return self.alpha / root

    def adapts(self, name: str) -> bool:
        """Whether a tensor, named without its suffix, gets a pair."""
        return any(fnmatchcase(name, pattern) for pattern in self.targets)

    def shapes(self, config: DecoderConfig) -> dict[str, tuple[int, int]]:
        """Name every matrix that gets a pair, with its shape.

        Raises:
            ConfigError: a pattern names no matrix of this decoder.
        """
        matrices = {
            name.removesuffix(".weight"): shape
            for name, shape in tensor_shapes(config).items()
            if len(shape) == 2
        }
        for pattern in self.targets:
            if not any(fnmatchcase(name, pattern) for name in matrices):
                msg = (
                    f"lora.targets: {pattern!r} names no matrix of the model; "
                    f"there are {', '.join(_kinds(matrices))}"
                )
                raise ConfigError(msg)
        return {
            f"{name}.weight": (shape[0], shape[1])
            for name, shape in matrices.items()
            if self.adapts(name)
        }

    def linear(
        self, name: str, *, inputs: int, outputs: int, bias: bool = False
    ) -> nn.Module:
        """Return a linear, adapted or not."""
        if not self.adapts(name):
            return nn.Linear(inputs, outputs, bias=bias)
        return LoraLinear(self, name, inputs=inputs, outputs=outputs, bias=bias)

    def embedding(self, name: str, *, rows: int, width: int) -> nn.Module:
        """Return a table of ``rows`` vectors, adapted or not."""
        if not self.adapts(name):
            return nn.Embedding(rows, width)
        return LoraEmbedding(self, name, rows=rows, width=width)


class LoraLinear(nn.Linear):
    """A frozen linear with a trainable pair beside it."""

    def __init__(
        self, lora: LoraParts, name: str, *, inputs: int, outputs: int, bias: bool
    ) -> None:
        super().__init__(inputs, outputs, bias=bias)
        self.scale, self.dropout = lora.scale, lora.dropout
        self.lora_a, self.lora_b = _pair(lora, name, inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map every vector.

        Shape:
            x: (…, inputs)
            returns: (…, outputs)
        """
        if self.dropout and self.training:
            some = F.dropout(x, self.dropout).to(self.lora_a.dtype)
            change = F.linear(F.linear(some, self.lora_a), self.lora_b)
            plain = F.linear(x, self.weight, self.bias)
            return plain + (self.scale * change).to(plain.dtype)
        pair = self.lora_a, self.lora_b
        return adapted_linear(x, self.weight, self.bias, *pair, self.scale)


class LoraEmbedding(nn.Embedding):
    """A frozen table with a trainable pair beside it; one that is tied adapts both ends.

    Dropout has no place here: an id is there or not.
    """

    def __init__(self, lora: LoraParts, name: str, *, rows: int, width: int) -> None:
        super().__init__(rows, width)
        self.scale = lora.scale
        self.lora_a, self.lora_b = _pair(lora, name, width, rows)

    def forward(self, ids: Tensor) -> Tensor:
        """Look vectors up.

        Shape:
            ids: (B, T)
            returns: (B, T, width)
        """
        plain = super().forward(ids)
        change = F.embedding(ids, self.lora_b) @ self.lora_a
        return plain + (self.scale * change).to(plain.dtype)

    def project(self, x: Tensor) -> Tensor:
        """Score every row of the table, as the output layer of a tied decoder.

        Shape:
            x: (…, width)
            returns: (…, rows)
        """
        pair = self.lora_a, self.lora_b
        return adapted_linear(x, self.weight, None, *pair, self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class LoraWeights:
    """What was learned, in the terms of ``quantize.lora.Adapter``."""

    alpha: float
    """A change is ``alpha / rank * b @ a``, whatever scale it was trained with."""

    pairs: Mapping[str, tuple[Array, Array]]
    """By tensor (``layers.0.attention.q.weight``): a ``(rank, inputs)`` and b
    ``(outputs, rank)``, in float32."""


def load_adapted(
    folder: Path,
    lora: LoraParts,
    *,
    dtype: torch.dtype | None = torch.bfloat16,
    begin: LoraWeights | None = None,
) -> Decoder:
    """Load a checkpoint with adapters, fresh ones or earlier ones; only they can learn.

    Args:
        folder: the checkpoint.
        lora: what is adapted, and how.
        dtype: of the frozen weights; the adapters are float32.
        begin: what the adapters begin with. Where it has a smaller rank the rest is
            fresh and changes nothing at first.

    Raises:
        ConfigError: a pattern names nothing, or the rank is too small for ``begin``.
        AdapterError: ``begin`` is of another model, or adapts what no pattern names.
        ModelFileError: as of ``load_decoder``.
    """
    lora.shapes(read_config(folder))
    decoder = load_decoder(folder, dtype=dtype, parts=lora)
    for name, parameter in decoder.named_parameters():
        parameter.requires_grad_(name.endswith((".lora_a", ".lora_b")))
    if begin is not None:
        _begin(decoder, lora, begin)
    return decoder


def lora_weights(decoder: Decoder) -> LoraWeights:
    """Take the adapters out of a decoder, copied.

    Raises:
        AdapterError: it has none.
    """
    pairs, alpha = {}, 0.0
    for name, part in _adapted(decoder):
        a, b = (
            half.detach().float().cpu().numpy().copy()
            for half in (part.lora_a, part.lora_b)
        )
        pairs[f"{name}.weight"] = (a, b)
        alpha = part.scale * len(a)
    if not pairs:
        msg = "the decoder has no LoRA adapters; load it with load_adapted"
        raise AdapterError(msg)
    return LoraWeights(alpha, pairs)


def save_lora(folder: Path, weights: LoraWeights) -> None:
    """Write ``adapter.safetensors`` and ``adapter.json``, each in one piece.

    A pair's halves are named after their tensor with ``.lora_a`` and ``.lora_b``.
    """
    tensors = {
        f"{name}.lora_{half}": np.ascontiguousarray(array)
        for name, pair in weights.pairs.items()
        for half, array in zip("ab", pair, strict=True)
    }
    about = json.dumps({"alpha": weights.alpha}) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((TENSORS, save(tensors)), (ABOUT, about.encode())):
        with replacing(folder / name) as part:
            part.write_bytes(data)


def load_lora(folder: Path) -> LoraWeights:
    """Read what ``save_lora`` wrote.

    Raises:
        AdapterError: missing, damaged or without its halves.
    """
    try:
        tensors: dict[str, Array] = load_file(folder / TENSORS)
        alpha = float(json.loads((folder / ABOUT).read_text("utf-8"))["alpha"])
        names = [name for name in tensors if name.endswith(".lora_a")]
        pairs = {
            name.removesuffix(".lora_a"): (tensors[name], tensors[name[:-1] + "b"])
            for name in names
        }
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        msg = f"{folder} holds no whole adapter ({error}); train it again"
        raise AdapterError(msg) from error
    return LoraWeights(alpha, pairs)


@torch.no_grad()
def merge(decoder: Decoder) -> dict[str, Tensor]:
    """Return a plain decoder's tensors, the adapters added to theirs.

    Merged matrices come in float32, for bfloat16 would round small changes away.
    """
    state = decoder.state_dict()
    tensors = {name: state[name] for name in tensor_shapes(decoder.config)}
    for name, part in _adapted(decoder):
        change = part.scale * (part.lora_b.float() @ part.lora_a.float())
        tensors[f"{name}.weight"] = part.weight.float() + change
    return tensors


@torch.no_grad()
def _begin(decoder: Decoder, lora: LoraParts, begin: LoraWeights) -> None:
    """Let the pairs change their matrices as an earlier adapter does."""
    parts = {f"{name}.weight": part for name, part in _adapted(decoder)}
    for name, (a, b) in begin.pairs.items():
        rank, part = len(a), parts.get(name)
        if part is None:
            msg = f"lora.init adapts {name}, which no pattern of lora.targets names"
            raise AdapterError(msg)
        if rank > lora.rank:
            msg = f"lora.init has rank {rank} and lora.rank is {lora.rank}; raise it"
            raise ConfigError(msg)
        if (len(b), a.shape[1]) != (len(part.lora_b), part.lora_a.shape[1]):
            msg = f"lora.init is of another model: its pair of {name} does not fit"
            raise AdapterError(msg)
        part.lora_a[:rank] = torch.from_numpy(a.copy())
        scale = np.float32(begin.alpha / rank / part.scale)
        part.lora_b[:, :rank] = torch.from_numpy(scale * b)


def _adapted(decoder: Decoder) -> Iterator[tuple[str, LoraLinear | LoraEmbedding]]:
    for name, part in decoder.named_modules():
        if isinstance(part, LoraLinear | LoraEmbedding):
            yield name, part


def _pair(
    lora: LoraParts, name: str, inputs: int, outputs: int
) -> tuple[nn.Parameter, nn.Parameter]:
    """A drawn as Kaiming's uniform from the seed and the name alone, B zero."""
    chance = torch.Generator().manual_seed(zlib.crc32(f"{lora.seed}\0{name}".encode()))
    a = torch.empty(lora.rank, inputs, device="cpu")
    nn.init.kaiming_uniform_(a, a=math.sqrt(5), generator=chance)
    return nn.Parameter(a), nn.Parameter(torch.zeros(outputs, lora.rank, device="cpu"))


def _kinds(names: Mapping[str, Any]) -> list[str]:
    """Every name once, with a star for the number of its layer."""
    parts = (name.split(".") for name in names)
    starred = (".".join("*" if p.isdigit() else p for p in part) for part in parts)
    return list(dict.fromkeys(starred))
