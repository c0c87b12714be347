"""Presets have the published sizes."""

import pytest
import torch

from codeassist.errors import ConfigError
from codeassist.training.model import Decoder
from codeassist.training.presets import (
    PRESETS,
    active_parameters,
    cost,
    kv_cache_bytes,
    parameters,
    preset,
)

PUBLISHED = {
    "code-llama-7b": 6_738_546_688,
    "code-llama-13b": 13_016_028_160,
    "code-llama-34b": 33_743_970_304,
    "code-llama-70b": 68_976_910_336,
    "starcoder-15b": 15_517_456_384,
    "starcoder2-3b": 3_030_371_328,
    "starcoder2-7b": 7_173_923_840,
    "starcoder2-15b": 15_957_889_024,
    "deepseek-coder-v2-lite": 15_706_484_224,
    "deepseek-coder-v2": 235_741_434_880,
    "qwen2.5-coder-0.5b": 494_032_768,
    "qwen2.5-coder-1.5b": 1_543_714_304,
    "qwen2.5-coder-7b": 7_615_616_512,
    "smollm2-135m": 134_515_008,
}


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_are_the_published_ones(name):
    """Counting shapes gives the checkpoint's published number of parameters."""
    assert parameters(preset(name)) == PUBLISHED[name]


@pytest.mark.parametrize("name", PRESETS)
def test_a_decoder_without_memory_has_as_many(name):
    """The decoder itself, built on the meta device, has the counted parameters."""
    with torch.device("meta"):
        decoder = Decoder(preset(name))
    assert sum(each.numel() for each in decoder.parameters()) == PUBLISHED[name]


def test_known_kv_caches():
    """StarCoder and StarCoder2-15B need the known bytes at 16,384 tokens."""
    assert kv_cache_bytes(preset("starcoder-15b"), 16_384) == 335_544_320
    assert kv_cache_bytes(preset("starcoder2-15b"), 16_384) == 1_342_177_280


def test_latent_cache_holds_one_small_vector():
    """DeepSeek-Coder-V2-Lite keeps 512 + 64 values a token and layer."""
    config = preset("deepseek-coder-v2-lite")
    assert kv_cache_bytes(config, 1_000) == 27 * 576 * 1_000 * 2


def test_known_experts_of_deepseek_v2():
    """An expert has 23.6 M parameters, eight of them 188.7 M a layer."""
    config = preset("deepseek-coder-v2")
    e = config.experts
    expert = 3 * config.width * e.width
    assert expert == 23_592_960
    assert (e.used + e.shared) * expert == 188_743_680


def test_active_parameters_are_the_published_ones():
    """21 B of the full model and 2.4 B of the Lite one (without its embedding)."""
    full, lite = preset("deepseek-coder-v2"), preset("deepseek-coder-v2-lite")
    assert active_parameters(full) == pytest.approx(21e9, rel=0.02)
    embedding = lite.vocab_size * lite.width
    assert active_parameters(lite) - embedding == pytest.approx(2.4e9, rel=0.03)


def test_a_preset_sums_itself_up():
    """One line names parameters, active ones and the cache at a length."""
    assert str(cost(preset("starcoder-15b"), 16_384)) == (
        "15,517,456,384 parameters, 15,517,456,384 active per token, "
        "KV cache 335,544,320 bytes at 16,384 tokens"
    )


def test_an_unknown_preset_names_the_known_ones():
    """The error lists what there is."""
    with pytest.raises(ConfigError, match=r"'gpt-5'.*smollm2-135m"):
        preset("gpt-5")
