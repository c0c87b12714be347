"""A decoder's configuration into a GGUF's metadata."""

from collections.abc import Iterator, Mapping

from gguf import GGUFValueType

from codeassist.decoder import DecoderConfig, Experts, RopeScaling

from .families import FAMILIES, SOFTMAX, check_runs
from .gguf_file import Value

__all__ = ["write_config"]

U32, F32 = GGUFValueType.UINT32, GGUFValueType.FLOAT32
TEXT, BOOL, ARRAY = GGUFValueType.STRING, GGUFValueType.BOOL, GGUFValueType.ARRAY

OWNED = frozenset(
    [
        "vocab_size",
        "context_length",
        "embedding_length",
        "block_count",
        "feed_forward_length",
        "attention.head_count",
        "attention.head_count_kv",
        "attention.key_length",
        "attention.value_length",
        "attention.key_length_mla",
        "attention.value_length_mla",
        "attention.layer_norm_epsilon",
        "attention.layer_norm_rms_epsilon",
        "attention.kv_lora_rank",
        "attention.q_lora_rank",
        "attention.sliding_window",
        "attention.sliding_window_pattern",
        "rope.freq_base",
        "rope.dimension_count",
        "rope.scale_linear",
        "rope.scaling.type",
        "rope.scaling.factor",
        "rope.scaling.attn_factor",
        "rope.scaling.original_context_length",
        "rope.scaling.yarn_beta_fast",
        "rope.scaling.yarn_beta_slow",
        "rope.scaling.yarn_log_multiplier",
        "expert_count",
        "expert_used_count",
        "expert_feed_forward_length",
        "expert_shared_count",
        "expert_shared_feed_forward_length",
        "leading_dense_block_count",
        "expert_weights_scale",
        "expert_weights_norm",
        "expert_gating_func",
    ]
)
"""Keys that the configuration has a word for: a stale one must not survive it."""

Keys = Iterator[tuple[str, Value]]


def write_config(
    config: DecoderConfig, source: Mapping[str, Value]
) -> dict[str, Value]:
    """All metadata of a GGUF: the tokenizer's and general keys, then the decoder's.

    Args:
        config: The decoder.
        source: Metadata of ``tokenizer.gguf``; what it says of the same architecture
            and we have no word for is kept, what the configuration says wins.

    Raises:
        ModelFileError: llama.cpp cannot run this decoder under this name.
    """
    check_runs(config)
    prefix = config.architecture + "."
    own = {prefix + key: value for key, value in _decoder(config)}
    kept = {
        key: value
        for key, value in source.items()
        if key.startswith(("general.", "tokenizer."))
        or (key.startswith(prefix) and key.removeprefix(prefix) not in OWNED)
        or key in own
    }
    for key, value in own.items():
        before = kept.get(key)
        if before is None or before.content != value.content:
            kept[key] = value  # note: else its type stays too
    kept["general.architecture"] = Value(config.architecture, TEXT)
    return kept


def _decoder(c: DecoderConfig) -> Keys:
    yield "vocab_size", Value(c.vocab_size, U32)
    yield "context_length", Value(c.context, U32)
    yield "embedding_length", Value(c.width, U32)
    yield "block_count", Value(c.layers, U32)
    yield "feed_forward_length", Value(c.ffn_width, U32)
    yield "attention.head_count", Value(c.heads, U32)
    norm = "layer_norm" if c.norm == "layer" else "layer_norm_rms"
    yield f"attention.{norm}_epsilon", Value(c.norm_eps, F32)
    yield from _attention(c)
    if c.rope:
        yield "rope.dimension_count", Value(c.rope_dims, U32)
        yield "rope.freq_base", Value(c.rope.base, F32)
        if c.rope.scaling:
            yield from _scaling(c.rope.scaling)
    if c.window:
        yield "attention.sliding_window", Value(c.window.size, U32)
        if FAMILIES[c.architecture].window:
            pattern = [c.has_window(layer) for layer in range(c.layers)]
            yield "attention.sliding_window_pattern", Value(pattern, ARRAY, BOOL)
    if c.experts:
        yield from _expert_keys(c, c.experts)


def _attention(c: DecoderConfig) -> Keys:
    m = c.latent
    if m is None:
        yield "attention.head_count_kv", Value(c.kv_heads, U32)
        windowed = FAMILIES[c.architecture].window
        if c.heads * c.head_dim != c.width or windowed:
            yield "attention.key_length", Value(c.head_dim, U32)
            yield "attention.value_length", Value(c.head_dim, U32)
        return
    # llama.cpp caches the compressed vector: one key head of rank + rope dimensions
    yield "attention.head_count_kv", Value(1, U32)
    yield "attention.key_length", Value(m.kv_rank + m.rope_dim, U32)
    yield "attention.value_length", Value(m.kv_rank, U32)
    yield "attention.key_length_mla", Value(m.nope_dim + m.rope_dim, U32)
    yield "attention.value_length_mla", Value(m.value_dim, U32)
    yield "attention.kv_lora_rank", Value(m.kv_rank, U32)
    if m.q_rank:
        yield "attention.q_lora_rank", Value(m.q_rank, U32)


def _scaling(s: RopeScaling) -> Keys:
    yield "rope.scaling.type", Value(s.kind, TEXT)
    yield "rope.scaling.factor", Value(s.factor, F32)
    optional: list[tuple[str, float, float]] = [
        ("attn_factor", s.attention_factor, 1.0),
        ("yarn_beta_fast", s.beta_fast, 32.0),
        ("yarn_beta_slow", s.beta_slow, 1.0),
        ("yarn_log_multiplier", s.log_multiplier / 10, 0.0),
    ]
    if s.original_context:
        yield "rope.scaling.original_context_length", Value(s.original_context, U32)
    for key, value, default in optional:
        if value != default:
            yield f"rope.scaling.{key}", Value(value, F32)


def _expert_keys(c: DecoderConfig, e: Experts) -> Keys:
    yield "expert_count", Value(e.count, U32)
    yield "expert_used_count", Value(e.used, U32)
    if c.architecture == "llama":
        return
    yield "expert_feed_forward_length", Value(e.width, U32)
    yield "expert_shared_count", Value(e.shared, U32)
    yield "leading_dense_block_count", Value(e.dense_layers, U32)
    yield "expert_weights_scale", Value(e.scale, F32)
    if FAMILIES[c.architecture].renormalised is None:
        yield "expert_weights_norm", Value(e.renormalise, BOOL)
        yield "expert_gating_func", Value(SOFTMAX, U32)
    if c.architecture == "exaone-moe":
        width = e.shared * e.width
        yield "expert_shared_feed_forward_length", Value(width, U32)
