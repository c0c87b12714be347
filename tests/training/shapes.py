"""Small decoders of every family, for tests."""

from dataclasses import replace

import torch

from codeassist.decoder import (
    DecoderConfig,
    Experts,
    Latent,
    Rope,
    RopeScaling,
    Window,
)
from codeassist.training.model import Decoder

GQA = DecoderConfig(
    architecture="llama",
    vocab_size=97,
    context=64,
    width=48,
    layers=3,
    heads=6,
    kv_heads=2,
    head_dim=8,
    ffn_width=80,
    rope=Rope(interleaved=True),
)
MHA = replace(GQA, kv_heads=6, rope=Rope(base=1e6))
QWEN = replace(GQA, architecture="qwen2", rope=Rope(), qkv_bias=True, tied=True)
STARCODER = replace(
    GQA,
    architecture="starcoder",
    kv_heads=1,
    rope=None,
    norm="layer",
    activation="gelu",
    qkv_bias=True,
    bias=True,
    tied=True,
)
STARCODER2 = replace(
    STARCODER, architecture="starcoder2", kv_heads=2, rope=Rope(), window=Window(9)
)
MOE = replace(
    GQA,
    architecture="deepseek",
    experts=Experts(count=8, used=2, width=24, shared=2, dense_layers=1),
)
EXAONE = replace(
    GQA,
    architecture="exaone-moe",
    rope=Rope(),
    qk_norm=True,
    window=Window(7, (True, True, False), rope_elsewhere=False),
    experts=Experts(4, 2, 24, shared=1, dense_layers=1, renormalise=True, scale=2.5),
)
YARN = RopeScaling("yarn", 4.0, 16, log_multiplier=0.707)
MLA = replace(
    GQA,
    architecture="deepseek2",
    kv_heads=6,
    head_dim=0,
    rope=Rope(interleaved=True, scaling=YARN),
    latent=Latent(kv_rank=16, rope_dim=8, nope_dim=12, value_dim=10, q_rank=20),
)
MLA_LITE = replace(
    MLA,
    latent=Latent(kv_rank=16, rope_dim=8, nope_dim=12, value_dim=10),
    experts=Experts(count=8, used=2, width=24, shared=2, dense_layers=1),
)

FAMILIES = {
    "gqa": GQA,
    "mha": MHA,
    "qwen2": QWEN,
    "starcoder": STARCODER,
    "starcoder2": STARCODER2,
    "moe": MOE,
    "exaone-moe": EXAONE,
    "mla": MLA,
    "mla-lite": MLA_LITE,
}


def decoder(config: DecoderConfig, seed: int = 0) -> Decoder:
    """Build a decoder whose weights are large enough for errors to be seen."""
    torch.set_num_threads(1)
    model = Decoder(config)
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if "norm" in name and name.endswith("weight"):
                tensor.copy_(1 + 0.3 * torch.randn(tensor.shape, generator=chance))
            else:
                tensor.copy_(0.15 * torch.randn(tensor.shape, generator=chance))
    return model


def tokens(
    config: DecoderConfig, batch: int, length: int, seed: int = 1
) -> torch.Tensor:
    """Draw ids."""
    chance = torch.Generator().manual_seed(seed)
    return torch.randint(config.vocab_size, (batch, length), generator=chance)
