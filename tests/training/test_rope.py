"""RoPE equals complex multiplication and llama.cpp's own formulas."""

import math
from dataclasses import replace

import pytest
import torch

from codeassist.decoder import Rope, RopeScaling
from codeassist.training.model.rope import rates, rotate, rotation
from tests.training.shapes import GQA, MLA, MLA_LITE

close = torch.testing.assert_close


@pytest.mark.parametrize(("base", "rate"), [(1e4, 0.01), (1e6, 0.001)])
def test_published_rates(base, rate):
    """Pair 32 of 128 dimensions turns by 0.01 at base 10^4, by 0.001 at 10^6."""
    config = replace(GQA, head_dim=128, rope=Rope(base=base))
    assert rates(config)[32].item() == pytest.approx(rate)


@pytest.mark.parametrize("interleaved", [True, False])
def test_rotation_is_complex_multiplication(interleaved):
    """Both pairings equal multiplying complex numbers by e^(i position rate)."""
    config = replace(GQA, rope=Rope(interleaved=interleaved))
    x = torch.randn(2, 11, 6, 8, dtype=torch.double)
    positions = torch.randint(0, 1000, (2, 11))
    paired = x.unflatten(-1, (4, 2) if interleaved else (2, 4))
    paired = paired if interleaved else paired.transpose(-1, -2)
    angle = positions[..., None] * 10_000.0 ** (-torch.arange(4).double() / 4)
    turned = torch.view_as_complex(paired.contiguous()) * torch.polar(
        torch.ones_like(angle), angle
    ).unsqueeze(2)
    expected = torch.view_as_real(turned)
    expected = expected if interleaved else expected.transpose(-1, -2)
    actual = rotate(x, rotation(config, positions, torch.double))
    close(actual, expected.flatten(-2))


def llama_cpp(position, pair, dims, base, s):
    """Compute an angle as ggml's rope_yarn does, in its words."""
    scale = 1 / s.factor
    extrapolated = position * base ** (-2 * pair / dims)
    if s.kind == "linear":
        return scale * extrapolated

    def corrected(rotations):
        fraction = s.original_context / (rotations * 2 * math.pi)
        return dims * math.log(fraction) / (2 * math.log(base))

    low = max(0.0, math.floor(corrected(s.beta_fast)))
    high = min(dims - 1.0, math.ceil(corrected(s.beta_slow)))
    y = (pair - low) / max(0.001, high - low)
    mix = 1 - min(1, max(0, y))
    return scale * extrapolated * (1 - mix) + extrapolated * mix


@pytest.mark.parametrize(
    "scaling",
    [
        RopeScaling("linear", 4.0),
        RopeScaling("yarn", 40.0, 4096),
        RopeScaling("yarn", 8.0, 256, beta_fast=16, beta_slow=2),
    ],
)
def test_scaled_angles_are_those_of_llama_cpp(scaling):
    """Linear and YaRN scaling give ggml's angle for each pair."""
    config = replace(GQA, head_dim=64, rope=Rope(scaling=scaling))
    expected = [llama_cpp(77, pair, 64, 1e4, scaling) for pair in range(32)]
    close(77 * rates(config), torch.tensor(expected, dtype=torch.double))


def test_yarn_magnitude_of_plain_attention():
    """Outside DeepSeek-V2, YaRN enlarges q and k by 1 + 0.1 ln(factor)."""
    config = replace(GQA, rope=Rope(scaling=RopeScaling("yarn", 4.0, 16)))
    assert config.rope_magnitude == pytest.approx(1 + 0.1 * math.log(4))
    assert config.score_scale == pytest.approx(8**-0.5)


@pytest.mark.parametrize("config", [MLA, MLA_LITE])
def test_yarn_magnitude_of_deepseek_v2(config):
    """DeepSeek-V2 keeps q and k and scales the scores by its mscale squared."""
    mscale = 1 + 0.1 * 0.707 * math.log(4)
    assert config.rope_magnitude == 1
    assert config.score_scale == pytest.approx(mscale**2 / math.sqrt(20))
