"""Published shapes by name, and what a shape costs in parameters and KV cache."""

import math
from dataclasses import dataclass, replace

from codeassist.decoder import (
    DecoderConfig,
    Experts,
    Latent,
    Rope,
    RopeScaling,
    Window,
    tensor_shapes,
)
from codeassist.errors import ConfigError

__all__ = [
    "PRESETS",
    "Cost",
    "active_parameters",
    "cost",
    "kv_cache_bytes",
    "parameters",
    "preset",
]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a decoder costs."""

    parameters: int
    active: int
    """Parameters that one token meets."""

    tokens: int
    kv_bytes: int
    """Of the cache of one sequence of ``tokens``."""

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.parameters:,} parameters, {self.active:,} active per token, "
            f"KV cache {self.kv_bytes:,} bytes at {self.tokens:,} tokens"
        )


def parameters(config: DecoderConfig) -> int:
    """Count all parameters without allocating any."""
    return sum(math.prod(shape) for shape in tensor_shapes(config).values())


def active_parameters(config: DecoderConfig) -> int:
    """Count the parameters that one token meets: all but the experts not chosen."""
    e = config.experts
    if e is None:
        return parameters(config)
    resting = (e.count - e.used) * 3 * config.width * e.width
    return parameters(config) - resting * (config.layers - e.dense_layers)


def kv_cache_bytes(config: DecoderConfig, tokens: int, *, value_bytes: int = 2) -> int:
    """Return the bytes of one sequence's cache; windows do not shorten it.

    Latent attention keeps its compressed vector and the key with positions alone.
    """
    if config.latent:
        width = config.latent.kv_rank + config.latent.rope_dim
    else:
        width = 2 * config.kv_heads * config.head_dim
    return config.layers * width * tokens * value_bytes


def cost(config: DecoderConfig, tokens: int | None = None) -> Cost:
    """Sum a decoder up, its cache in 16 bits at ``tokens`` (default: its context)."""
    tokens = config.context if tokens is None else tokens
    return Cost(
        parameters=parameters(config),
        active=active_parameters(config),
        tokens=tokens,
        kv_bytes=kv_cache_bytes(config, tokens),
    )


def preset(name: str) -> DecoderConfig:
    """Return a published shape.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in PRESETS:
        msg = f"No preset is called {name!r}; there are {', '.join(PRESETS)}"
        raise ConfigError(msg)
    return PRESETS[name]


_CODE_LLAMA_7B = DecoderConfig(
    architecture="llama",
    vocab_size=32_016,
    context=16_384,
    width=4_096,
    layers=32,
    heads=32,
    kv_heads=32,
    head_dim=128,
    ffn_width=11_008,
    rope=Rope(base=1e6, interleaved=True),
)

_STARCODER = DecoderConfig(
    architecture="starcoder",
    vocab_size=49_152,
    context=8_192,
    width=6_144,
    layers=40,
    heads=48,
    kv_heads=1,
    head_dim=128,
    ffn_width=24_576,
    norm="layer",
    activation="gelu",
    qkv_bias=True,
    bias=True,
    tied=True,
)

# llama.cpp ignores the window of starcoder2: past 4,096 tokens it differs from us.
_STARCODER2_3B = replace(
    _STARCODER,
    architecture="starcoder2",
    context=16_384,
    width=3_072,
    layers=30,
    heads=24,
    kv_heads=2,
    ffn_width=12_288,
    rope=Rope(base=999_999.4420358813),
    window=Window(size=4_096),
)

_DEEPSEEK_V2_LITE = DecoderConfig(
    architecture="deepseek2",
    vocab_size=102_400,
    context=163_840,
    width=2_048,
    layers=27,
    heads=16,
    kv_heads=16,
    head_dim=0,
    ffn_width=10_944,
    rope=Rope(
        interleaved=True,
        scaling=RopeScaling(
            kind="yarn", factor=40, original_context=4_096, log_multiplier=0.707
        ),
    ),
    norm_eps=1e-6,
    latent=Latent(kv_rank=512, rope_dim=64, nope_dim=128, value_dim=128),
    experts=Experts(count=64, used=6, width=1_408, shared=2, dense_layers=1),
)

_QWEN_05B = DecoderConfig(
    architecture="qwen2",
    vocab_size=151_936,
    context=32_768,
    width=896,
    layers=24,
    heads=14,
    kv_heads=2,
    head_dim=64,
    ffn_width=4_864,
    rope=Rope(base=1e6),
    norm_eps=1e-6,
    qkv_bias=True,
    tied=True,
)

PRESETS: dict[str, DecoderConfig] = {
    "code-llama-7b": _CODE_LLAMA_7B,
    "code-llama-13b": replace(
        _CODE_LLAMA_7B, width=5_120, layers=40, heads=40, kv_heads=40, ffn_width=13_824
    ),
    "code-llama-34b": replace(
        _CODE_LLAMA_7B,
        vocab_size=32_000,
        width=8_192,
        layers=48,
        heads=64,
        kv_heads=8,
        ffn_width=22_016,
    ),
    "code-llama-70b": replace(
        _CODE_LLAMA_7B, width=8_192, layers=80, heads=64, kv_heads=8, ffn_width=28_672
    ),
    "starcoder-15b": _STARCODER,
    "starcoder2-3b": _STARCODER2_3B,
    "starcoder2-7b": replace(
        _STARCODER2_3B,
        width=4_608,
        layers=32,
        heads=36,
        kv_heads=4,
        ffn_width=18_432,
        rope=Rope(base=1e6),
    ),
    "starcoder2-15b": replace(
        _STARCODER2_3B,
        width=6_144,
        layers=40,
        heads=48,
        kv_heads=4,
        ffn_width=24_576,
        rope=Rope(base=1e5),
        tied=False,
    ),
    "deepseek-coder-v2-lite": _DEEPSEEK_V2_LITE,
    "deepseek-coder-v2": replace(
        _DEEPSEEK_V2_LITE,
        width=5_120,
        layers=60,
        heads=128,
        kv_heads=128,
        ffn_width=12_288,
        rope=Rope(
            interleaved=True,
            scaling=RopeScaling(
                kind="yarn", factor=40, original_context=4_096, log_multiplier=1.0
            ),
        ),
        latent=Latent(
            kv_rank=512, rope_dim=64, nope_dim=128, value_dim=128, q_rank=1_536
        ),
        experts=Experts(
            count=160, used=6, width=1_536, shared=2, dense_layers=1, scale=16.0
        ),
    ),
    "qwen2.5-coder-0.5b": _QWEN_05B,
    "qwen2.5-coder-1.5b": replace(
        _QWEN_05B, width=1_536, layers=28, heads=12, head_dim=128, ffn_width=8_960
    ),
    "qwen2.5-coder-7b": replace(
        _QWEN_05B,
        vocab_size=152_064,
        width=3_584,
        layers=28,
        heads=28,
        kv_heads=4,
        head_dim=128,
        ffn_width=18_944,
        tied=False,
    ),
    "smollm2-135m": DecoderConfig(
        architecture="llama",
        vocab_size=49_152,
        context=8_192,
        width=576,
        layers=30,
        heads=9,
        kv_heads=3,
        head_dim=64,
        ffn_width=1_536,
        rope=Rope(base=1e5, interleaved=True),
        tied=True,
    ),
}
