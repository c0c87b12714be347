"""Rotary positions with llama.cpp's pairings and its linear and YaRN scaling."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from codeassist.decoder import DecoderConfig, RopeScaling

__all__ = ["Rotation", "rates", "rotate", "rotation"]


class Rotation(NamedTuple):
    """Cosines and sines of every position, and how dimensions pair up.

    Shape:
        cos, sin: (batch or 1, tokens, 1, pairs)
    """

    cos: Tensor
    sin: Tensor
    interleaved: bool


def rates(config: DecoderConfig, device: torch.device | None = None) -> Tensor:
    """Return by what angle each pair turns from one token to the next.

    Shape:
        returns: (rope_dims / 2,), double precision
    """
    assert config.rope is not None
    dims, base = config.rope_dims, config.rope.base
    pair = torch.arange(0, dims, 2, dtype=torch.float64, device=device)
    rate = base ** (-pair / dims)
    scaling = config.rope.scaling
    if scaling is None:
        return rate
    if scaling.kind == "linear":
        return rate / scaling.factor
    low, high = _yarn_borders(scaling, dims, base)
    ramp = ((pair / 2 - low) / max(0.001, high - low)).clamp(0, 1)
    return rate * (1 - ramp) + rate / scaling.factor * ramp


def _yarn_borders(scaling: RopeScaling, dims: int, base: float) -> tuple[float, float]:
    """Return the pairs between which YaRN goes over from kept to interpolated."""

    def pair(turns: float) -> float:
        """Return the pair that turns so often within the original context."""
        wave = scaling.original_context / (turns * 2 * math.pi)
        return dims * math.log(wave) / (2 * math.log(base))

    low = math.floor(pair(scaling.beta_fast))
    high = math.ceil(pair(scaling.beta_slow))
    return max(0, low), min(dims - 1, high)


def rotation(config: DecoderConfig, positions: Tensor, dtype: torch.dtype) -> Rotation:
    """Return the rotation of each position.

    Shape:
        positions: (batch or 1, tokens)
    """
    assert config.rope is not None
    angles = positions[..., None].double() * rates(config, positions.device)
    angles = angles[:, :, None]  # (B, T, 1, pairs)
    magnitude = config.rope_magnitude
    cos = (angles.cos() * magnitude).to(dtype)
    sin = (angles.sin() * magnitude).to(dtype)
    return Rotation(cos, sin, config.rope.interleaved)


def rotate(x: Tensor, turn: Rotation) -> Tensor:
    """Turn every pair of dimensions of every head.

    Shape:
        x: (batch, tokens, heads, rope_dims)
        returns: the same
    """
    if turn.interleaved:
        first, second = x[..., 0::2], x[..., 1::2]
    else:
        first, second = x.chunk(2, dim=-1)
    left = first * turn.cos - second * turn.sin
    right = first * turn.sin + second * turn.cos
    if turn.interleaved:
        return torch.stack((left, right), dim=-1).flatten(-2)
    return torch.cat((left, right), dim=-1)
