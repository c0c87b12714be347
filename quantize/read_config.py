"""A decoder's configuration out of a GGUF's metadata."""

from typing import Any

import numpy as np

from codeassist.decoder import DecoderConfig, Experts, Latent, Rope, RopeScaling, Window
from codeassist.errors import ConfigError, ModelFileError

from .families import FAMILIES, SOFTMAX, check_architecture
from .gguf_file import GgufFile
from .layout import NORM_ROPE

__all__ = ["read_config"]


def read_config(file: GgufFile) -> DecoderConfig:
    """Read the configuration of a GGUF's decoder.

    Raises:
        ModelFileError: unknown architecture, a missing key, or values that do not fit.
    """
    check_architecture(file.architecture, file.path)
    try:
        return _Keys(file).config()
    except (ConfigError, TypeError, ValueError, ZeroDivisionError) as error:
        msg = f"{file.path} describes no decoder of ours ({error}); convert it again"
        raise ModelFileError(msg) from error


class _Keys:
    def __init__(self, file: GgufFile) -> None:
        self._file = file
        self._shapes = file.shapes
        self._family = FAMILIES[file.architecture]

    def config(self) -> DecoderConfig:
        width, heads = self._need("embedding_length"), self._heads()
        latent = self._latent()
        head_dim = 0 if latent else self._get("attention.key_length", width // heads)
        embedding = self._shapes.get("token_embd.weight")
        if embedding is None:
            msg = "token_embd.weight is missing"
            raise ValueError(msg)
        layer_norm = self._family.norm == "layer"
        norm = "layer_norm" if layer_norm else "layer_norm_rms"
        return DecoderConfig(
            architecture=self._file.architecture,
            vocab_size=embedding[0],
            context=self._need("context_length"),
            width=width,
            layers=self._need("block_count"),
            heads=heads,
            kv_heads=heads if latent else self._kv_heads(heads),
            head_dim=head_dim,
            ffn_width=self._scalar("feed_forward_length"),
            rope=self._rope(latent.rope_dim if latent else head_dim),
            norm="layer" if layer_norm else "rms",
            norm_eps=self._need(f"attention.{norm}_epsilon"),
            activation="gelu" if self._family.activation == "gelu" else "swiglu",
            qkv_bias=self._has("attn_q.bias") or self._has("attn_qkv.bias"),
            bias=self._has("attn_output.bias"),
            qk_norm=self._has("attn_q_norm.weight"),
            tied="output.weight" not in self._shapes,
            window=self._window(),
            latent=latent,
            experts=self._experts(),
        )

    def _get(self, key: str, default: Any = None) -> Any:
        return _short(self._file.get(f"{self._file.architecture}.{key}", default))

    def _need(self, key: str) -> Any:
        return _short(self._file.need(f"{self._file.architecture}.{key}"))

    def _has(self, name: str) -> bool:
        return f"blk.0.{name}" in self._shapes

    def _scalar(self, key: str) -> int:
        value = self._need(key)
        if isinstance(value, list):  # one for each layer
            if len(set(value)) != 1:
                msg = f"{key} differs from layer to layer"
                raise ValueError(msg)
            value = value[0]
        return int(value)

    def _heads(self) -> int:
        return self._scalar("attention.head_count")

    def _kv_heads(self, heads: int) -> int:
        if self._get("attention.head_count_kv") is None:
            return heads
        return self._scalar("attention.head_count_kv")

    def _rope(self, dims: int) -> Rope | None:
        if not self._family.rope:
            return None
        turned = self._get("rope.dimension_count", dims)
        if turned != dims:
            msg = f"RoPE turns {turned} of {dims} dimensions of a head"
            raise ValueError(msg)
        base = self._get("rope.freq_base", 10_000.0)
        interleaved = self._file.architecture in NORM_ROPE
        return Rope(base=base, interleaved=interleaved, scaling=self._scaling())

    def _scaling(self) -> RopeScaling | None:
        kind = self._get("rope.scaling.type", "none")
        factor = self._get("rope.scaling.factor", self._get("rope.scale_linear", 1.0))
        if kind == "none" and factor == 1.0:
            return None
        if kind not in ("none", "linear", "yarn"):
            msg = f"RoPE scaling {kind} is not known"
            raise ValueError(msg)
        if kind == "none" and self._get("rope.scaling.type") is not None:
            return None
        log = self._get("rope.scaling.yarn_log_multiplier", 0.0)
        return RopeScaling(
            kind="yarn" if kind == "yarn" else "linear",
            factor=factor,
            original_context=self._get("rope.scaling.original_context_length", 0),
            beta_fast=self._get("rope.scaling.yarn_beta_fast", 32.0),
            beta_slow=self._get("rope.scaling.yarn_beta_slow", 1.0),
            attention_factor=self._get("rope.scaling.attn_factor", 1.0),
            log_multiplier=_short(log * 10),
        )

    def _window(self) -> Window | None:
        size = self._get("attention.sliding_window", 0)
        if size and self._family.unwindowed:
            return Window(size)
        if not size or not self._family.window:  # llama.cpp itself ignores it there
            return None
        layers = tuple(self._get("attention.sliding_window_pattern", ()))
        return Window(size, layers, rope_elsewhere=False)

    def _latent(self) -> Latent | None:
        if not self._family.latent:
            return None
        rope = self._need("rope.dimension_count")
        key = self._get("attention.key_length_mla") or self._need(
            "attention.key_length"
        )
        value = self._get("attention.value_length_mla")
        return Latent(
            kv_rank=self._need("attention.kv_lora_rank"),
            rope_dim=rope,
            nope_dim=key - rope,
            value_dim=value or self._need("attention.value_length"),
            q_rank=self._get("attention.q_lora_rank", 0),
        )

    def _experts(self) -> Experts | None:
        count = self._get("expert_count", 0)
        if not count or not self._family.experts:
            return None
        gate = self._get("expert_gating_func", SOFTMAX)
        if gate not in (0, SOFTMAX):
            msg = f"gating function {gate} of its experts is not known"
            raise ValueError(msg)
        renormalise = self._family.renormalised
        if renormalise is None:
            renormalise = bool(self._get("expert_weights_norm", False))
        llama = self._file.architecture == "llama"
        width = "feed_forward_length" if llama else "expert_feed_forward_length"
        return Experts(
            count=count,
            used=self._need("expert_used_count"),
            width=self._scalar(width),
            shared=self._get("expert_shared_count", 0),
            dense_layers=self._get("leading_dense_block_count", 0),
            renormalise=renormalise,
            scale=self._get("expert_weights_scale", 0.0) or 1.0,
        )


def _short(value: Any) -> Any:
    """Return a float of 32 bits in its shortest decimals: 1e-05, not 9.99…e-06."""
    return float(str(np.float32(value))) if isinstance(value, float) else value
