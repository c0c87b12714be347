"""Small random models of every architecture, as checkpoint folders and as GGUF."""

import json
import shutil
from dataclasses import replace

import numpy as np

from codeassist.decoder import (
    DecoderConfig,
    Experts,
    Latent,
    Rope,
    RopeScaling,
    Window,
    tensor_shapes,
)
from codeassist.quantize.checkpoint import CONFIG, TENSORS, TOKENIZER, TensorWriter

SMALL = DecoderConfig(
    architecture="llama",
    vocab_size=32000,
    context=512,
    width=64,
    layers=2,
    heads=4,
    kv_heads=2,
    head_dim=16,
    ffn_width=128,
    rope=Rope(base=10_000.0, interleaved=True),
)
NEOX = Rope(base=1e6)
EXPERTS = Experts(count=4, used=2, width=32, shared=1, dense_layers=1)
STARCODER = {"norm": "layer", "activation": "gelu", "qkv_bias": True, "bias": True}
LATENT = Latent(kv_rank=32, rope_dim=8, nope_dim=16, value_dim=16, q_rank=24)
YARN = RopeScaling("yarn", 4.0, original_context=128, log_multiplier=0.707)

CONFIGS = {
    "llama": replace(SMALL, tied=True),
    "qwen2": replace(
        SMALL, architecture="qwen2", vocab_size=151936, qkv_bias=True, rope=NEOX
    ),
    "starcoder": replace(
        SMALL,
        architecture="starcoder",
        vocab_size=49152,
        kv_heads=1,
        rope=None,
        **STARCODER,
    ),
    "starcoder2": replace(
        SMALL,
        architecture="starcoder2",
        vocab_size=49152,
        rope=NEOX,
        **STARCODER,
    ),
    "deepseek": replace(
        SMALL, architecture="deepseek", vocab_size=32256, experts=EXPERTS
    ),
    "deepseek2": replace(
        SMALL,
        architecture="deepseek2",
        vocab_size=32256,
        kv_heads=4,
        head_dim=0,
        rope=Rope(interleaved=True, scaling=YARN),
        latent=LATENT,
        experts=replace(EXPERTS, renormalise=True, scale=2.0),
    ),
    "exaone-moe": replace(
        SMALL,
        architecture="exaone-moe",
        vocab_size=32000,
        rope=NEOX,
        qk_norm=True,
        window=Window(16, (True, False), rope_elsewhere=False),
        experts=replace(EXPERTS, renormalise=True),
    ),
}
VOCABULARIES = {
    32000: "llama-spm",
    151936: "qwen2.5",
    49152: "starcoder",
    32256: "deepseek-coder",
}


def checkpoint(folder, config, shared, gain=1.0, seed=0):
    """Write a random checkpoint of a configuration, with a real vocabulary.

    All logits grow with ``gain``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    shapes = tensor_shapes(config)
    with TensorWriter(folder / TENSORS, [*shapes], "F32") as out:
        for name, shape in shapes.items():
            noise = random.standard_normal(shape, np.float32)
            tensor = _like_trained(name, noise, config.layers)
            out.add(name, gain * tensor if name.startswith("norm.") else tensor)
    name = f"ggml-vocab-{VOCABULARIES[config.vocab_size]}.gguf"
    shutil.copy(shared / "eval" / "vocabs" / name, folder / TOKENIZER)
    (folder / CONFIG).write_text(json.dumps(config.to_dict()))
    return folder


def _like_trained(name, noise, layers):
    if "norm.w" in name:
        return 1 + 0.1 * noise
    if noise.ndim == 1:
        return 0.1 * noise
    if name.startswith(("embedding", "positions")):
        return noise
    depth = 2 * layers if name.endswith(("o.weight", "down.weight")) else 1
    return noise / np.sqrt(noise.shape[-1] * depth, dtype=np.float32)
