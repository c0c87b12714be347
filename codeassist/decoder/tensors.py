"""The names and shapes of a decoder's tensors, ours and llama.cpp's."""

from .config import DecoderConfig, Latent

__all__ = ["gguf_name", "tensor_shapes"]

Shapes = dict[str, tuple[int, ...]]

# Ours without "layers.N." and the suffix, and llama.cpp's without "blk.N.".
_TOP = {
    "embedding": "token_embd",
    "positions": "position_embd",
    "norm": "output_norm",
    "output": "output",
}
_LAYER = {
    "attention_norm": "attn_norm",
    "attention.q": "attn_q",
    "attention.k": "attn_k",
    "attention.v": "attn_v",
    "attention.o": "attn_output",
    "attention.q_norm": "attn_q_norm",
    "attention.k_norm": "attn_k_norm",
    "attention.q_a": "attn_q_a",
    "attention.q_a_norm": "attn_q_a_norm",
    "attention.q_b": "attn_q_b",
    "attention.kv_a": "attn_kv_a_mqa",
    "attention.kv_a_norm": "attn_kv_a_norm",
    "attention.kv_b": "attn_kv_b",
    "ffn_norm": "ffn_norm",
    "ffn.gate": "ffn_gate",
    "ffn.up": "ffn_up",
    "ffn.down": "ffn_down",
    "ffn.router": "ffn_gate_inp",
    "ffn.experts.gate": "ffn_gate_exps",
    "ffn.experts.up": "ffn_up_exps",
    "ffn.experts.down": "ffn_down_exps",
    "ffn.shared.gate": "ffn_gate_shexp",
    "ffn.shared.up": "ffn_up_shexp",
    "ffn.shared.down": "ffn_down_shexp",
}


def gguf_name(name: str) -> str:
    """Return llama.cpp's name: ``layers.3.attention.q.weight`` → ``blk.3.attn_q.weight``.

    What llama.cpp keeps in another form is for the writer to fuse or split:
    ``starcoder`` has q, k and v in one ``attn_qkv``; ``deepseek2`` may have
    ``attn_kv_b`` as ``attn_k_b`` (transposed per head) and ``attn_v_b``.
    """
    stem, _, suffix = name.rpartition(".")
    if not stem.startswith("layers."):
        return f"{_TOP[stem]}.{suffix}"
    _, layer, part = stem.split(".", 2)
    return f"blk.{layer}.{_LAYER[part]}.{suffix}"


def tensor_shapes(config: DecoderConfig) -> Shapes:
    """Name every tensor of the decoder with its shape, rows (outputs) first."""
    c = config
    shapes: Shapes = {"embedding.weight": (c.vocab_size, c.width)}
    if c.rope is None:
        shapes["positions.weight"] = (c.context, c.width)
    for layer in range(c.layers):
        parts = {**_norm(c, "attention_norm"), **_attention(c), **_norm(c, "ffn_norm")}
        parts |= _experts(c) if c.has_experts(layer) else _dense(c)
        shapes |= {f"layers.{layer}.{name}": shape for name, shape in parts.items()}
    shapes |= _norm(c, "norm")
    if not c.tied:
        shapes["output.weight"] = (c.vocab_size, c.width)
    return shapes


def _norm(c: DecoderConfig, name: str) -> Shapes:
    suffixes = ("weight", "bias") if c.norm == "layer" else ("weight",)
    return {f"{name}.{suffix}": (c.width,) for suffix in suffixes}


def _linear(name: str, rows: int, columns: int, *, bias: bool = False) -> Shapes:
    weight: Shapes = {f"{name}.weight": (rows, columns)}
    return weight | {f"{name}.bias": (rows,)} if bias else weight


def _attention(c: DecoderConfig) -> Shapes:
    if c.latent:
        return _latent(c, c.latent)
    q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
    shapes = _linear("attention.q", q, c.width, bias=c.qkv_bias)
    shapes |= _linear("attention.k", kv, c.width, bias=c.qkv_bias)
    shapes |= _linear("attention.v", kv, c.width, bias=c.qkv_bias)
    shapes |= _linear("attention.o", c.width, q, bias=c.bias)
    if c.qk_norm:
        shapes["attention.q_norm.weight"] = (c.head_dim,)
        shapes["attention.k_norm.weight"] = (c.head_dim,)
    return shapes


def _latent(c: DecoderConfig, m: Latent) -> Shapes:
    q = c.heads * (m.nope_dim + m.rope_dim)
    if m.q_rank:
        shapes = _linear("attention.q_a", m.q_rank, c.width)
        shapes["attention.q_a_norm.weight"] = (m.q_rank,)
        shapes |= _linear("attention.q_b", q, m.q_rank)
    else:
        shapes = _linear("attention.q", q, c.width)
    shapes |= _linear("attention.kv_a", m.kv_rank + m.rope_dim, c.width)
    shapes["attention.kv_a_norm.weight"] = (m.kv_rank,)
    kv = c.heads * (m.nope_dim + m.value_dim)  # per head: its keys, then its values
    shapes |= _linear("attention.kv_b", kv, m.kv_rank)
    return shapes | _linear("attention.o", c.width, c.heads * m.value_dim)


def _dense(c: DecoderConfig) -> Shapes:
    shapes: Shapes = {}
    if c.activation == "swiglu":
        shapes |= _linear("ffn.gate", c.ffn_width, c.width, bias=c.bias)
    shapes |= _linear("ffn.up", c.ffn_width, c.width, bias=c.bias)
    return shapes | _linear("ffn.down", c.width, c.ffn_width, bias=c.bias)


def _experts(c: DecoderConfig) -> Shapes:
    e = c.experts
    assert e is not None
    shapes = _linear("ffn.router", e.count, c.width)
    shapes["ffn.experts.gate.weight"] = (e.count, e.width, c.width)
    shapes["ffn.experts.up.weight"] = (e.count, e.width, c.width)
    shapes["ffn.experts.down.weight"] = (e.count, c.width, e.width)
    if e.shared:
        both = e.shared * e.width
        shapes |= _linear("ffn.shared.gate", both, c.width)
        shapes |= _linear("ffn.shared.up", both, c.width)
        shapes |= _linear("ffn.shared.down", c.width, both)
    return shapes
