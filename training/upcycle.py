"""From a dense decoder to a mixture of experts that begins as the same function.

Sparse upcycling (Komatsuzaki et al. 2022, arXiv 2212.05055) copies a feed-forward into
every expert. For DeepSeekMoE's fine-grained and shared experts (Dai et al. 2024, arXiv
2401.06066) its hidden units are cut: some go to the shared expert, the others into
``pieces``, of which each expert is a copy. The pieces of one copy have one row of the
router between them ("virtual groups", He et al. 2024, arXiv 2410.07524), so that a
token that uses a multiple of ``pieces`` experts takes whole copies.

What is kept of the function at the start, where ``used`` is a multiple of ``pieces``:

- a gate that renormalises gives each piece the weight 1: all of it, whatever the
  router says;
- a gate that does not (llama.cpp's ``deepseek``) gives it ``experts`` times the mean
  probability of the copies in use: all of it up to the router's noise.

Nothing keeps the pieces of a copy together once the router learns: a token may take one
piece twice and another not at all, and at the rates that weights learn at the loss rose
by half within ten steps (docs/experiments.md). One piece has no such trouble.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from codeassist.decoder import TOKENIZER_FILE, DecoderConfig, Experts
from codeassist.errors import ConfigError

from .checkpoint import read_config, read_tensors, save_checkpoint

__all__ = ["UpcycleSettings", "upcycle", "upcycled_config", "upcycled_tensors"]


@dataclass(frozen=True, slots=True)
class UpcycleSettings:
    """How a dense feed-forward becomes experts.

    Raises:
        ConfigError: numbers that do not fit together.
    """

    experts: int = 8
    """Routed experts of a layer: a multiple of ``pieces``."""

    used: int = 2
    """Routed experts that a token uses: a multiple of ``pieces``."""

    pieces: int = 1
    """Experts that the routed hidden units are cut into."""

    shared: int = 1
    """Pieces that every token uses."""

    dense_layers: int = 1
    """Leading layers that stay as they are."""

    renormalise: bool = False
    """Whether gates add up to 1; llama.cpp's ``deepseek`` has no such gate."""

    noise: float = 0.002
    """Standard deviation of the router's weights."""

    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that do not fit together."""
        for fits, wrong in (
            (min(self.experts, self.used, self.pieces) > 0, "counts must be 1 or more"),
            (
                min(self.shared, self.dense_layers, self.noise) >= 0,
                "shared, dense_layers and noise must be 0 or more",
            ),
            (self.used <= self.experts, "used is more than there are experts"),
            (
                self.experts % self.pieces == 0 and self.used % self.pieces == 0,
                f"experts and used must be multiples of pieces ({self.pieces})",
            ),
        ):
            if not fits:
                msg = f"upcycle: {wrong}"
                raise ConfigError(msg)

    @property
    def scale(self) -> float:
        """What gates are multiplied with, so that each piece weighs 1."""
        if self.renormalise:
            return float(self.pieces)
        return self.pieces * self.experts / self.used


def upcycled_config(config: DecoderConfig, settings: UpcycleSettings) -> DecoderConfig:
    """The shapes of the mixture.

    Raises:
        ConfigError: the decoder is no dense one of the kind that can be upcycled, or
            its feed-forward cannot be cut so.
    """
    s = settings
    parts = s.shared + s.pieces
    for fits, wrong in (
        (config.experts is None, "the base has experts already"),
        (
            config.activation == "swiglu" and config.norm == "rms" and not config.bias,
            f"a {config.architecture} has no SwiGLU without biases",
        ),
        (config.latent is None and config.window is None, "its attention is special"),
        (
            config.heads * config.head_dim == config.width and not config.qk_norm,
            "deepseek wants heads that fill the width, and no norms of q and k",
        ),
        (
            config.ffn_width % parts == 0,
            f"{config.ffn_width} hidden units cannot be cut into {parts} parts",
        ),
        (s.dense_layers < config.layers, "dense_layers leaves no layer for experts"),
    ):
        if not fits:
            msg = f"upcycle: {wrong}"
            raise ConfigError(msg)
    experts = Experts(
        count=s.experts,
        used=s.used,
        width=config.ffn_width // parts,
        shared=s.shared,
        dense_layers=s.dense_layers,
        renormalise=s.renormalise,
        scale=s.scale,
    )
    return replace(config, architecture="deepseek", experts=experts)


def upcycled_tensors(
    config: DecoderConfig, tensors: Mapping[str, Tensor], settings: UpcycleSettings
) -> dict[str, Tensor]:
    """The tensors of the mixture.

    Args:
        config: Of the mixture, by `upcycled_config`.
        tensors: Of the dense decoder; those of attention and norms are shared.
        settings: How it is cut.
    """
    found = {name: each for name, each in tensors.items() if ".ffn." not in name}
    chance = torch.Generator().manual_seed(settings.seed)
    for layer in range(config.layers):
        name = f"layers.{layer}.ffn"
        dense = {part: tensors[f"{name}.{part}.weight"] for part in ("gate", "up")}
        dense["down"] = tensors[f"{name}.down.weight"].T.contiguous()
        if not config.has_experts(layer):
            parts = {part: tensors[f"{name}.{part}.weight"] for part in dense}
        else:
            parts = _experts(config, dense, settings)
            copies = settings.experts // settings.pieces
            rows = torch.randn(copies, config.width, generator=chance)
            router = (settings.noise * rows).repeat_interleave(settings.pieces, dim=0)
            parts["router"] = router.to(dense["up"].dtype)
        found |= {f"{name}.{part}.weight": each for part, each in parts.items()}
    return found


def _experts(
    config: DecoderConfig, dense: Mapping[str, Tensor], settings: UpcycleSettings
) -> dict[str, Tensor]:
    """Shared and routed experts of one layer.

    Shape:
        dense: each (hidden units, width), the down projection turned
    """
    assert config.experts is not None
    width, found = config.experts.width, {}
    for part, weight in dense.items():
        pieces = weight.view(-1, width, config.width)
        shared, routed = pieces[: settings.shared], pieces[settings.shared :]
        routed = routed.repeat(settings.experts // settings.pieces, 1, 1)
        down = part == "down"
        found[f"experts.{part}"] = (routed.mT if down else routed).contiguous()
        if settings.shared:
            flat = shared.flatten(0, 1)
            found[f"shared.{part}"] = (flat.T if down else flat).contiguous()
    return found


def upcycle(source: Path, target: Path, settings: UpcycleSettings) -> DecoderConfig:
    """Write the mixture of a dense checkpoint folder as another one.

    Raises:
        ConfigError: as of `upcycled_config`.
        ModelFileError: the checkpoint is damaged, or ``target`` is in use.
    """
    dense = read_config(source)
    config = upcycled_config(dense, settings)
    tensors = upcycled_tensors(config, read_tensors(source, dense), settings)
    tokenizer = source / TOKENIZER_FILE
    known = tokenizer if tokenizer.is_file() else None
    save_checkpoint(target, config, tensors, tokenizer=known)
    return config
