"""Our tensors and Hugging Face's: one table, read in both directions.

Rows of q and k have the order of our decoder's RoPE, which is set by the configuration
(Llama's is neox there), so nothing is permuted here.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from codeassist.decoder import DecoderConfig, tensor_shapes
from codeassist.quantize.checkpoint import Array
from codeassist.quantize.layout import Piece, joined_rows

__all__ = ["hf_pieces"]

Shapes = Mapping[str, tuple[int, ...]]

# Ours without suffix, theirs without; {n} is the layer, {e} the expert.
_LLAMA = {
    "embedding": "model.embed_tokens",
    "norm": "model.norm",
    "output": "lm_head",
    "attention_norm": "model.layers.{n}.input_layernorm",
    "attention.q": "model.layers.{n}.self_attn.q_proj",
    "attention.k": "model.layers.{n}.self_attn.k_proj",
    "attention.v": "model.layers.{n}.self_attn.v_proj",
    "attention.o": "model.layers.{n}.self_attn.o_proj",
    "ffn_norm": "model.layers.{n}.post_attention_layernorm",
    "ffn.gate": "model.layers.{n}.mlp.gate_proj",
    "ffn.up": "model.layers.{n}.mlp.up_proj",
    "ffn.down": "model.layers.{n}.mlp.down_proj",
}
_STARCODER2 = _LLAMA | {
    "ffn.up": "model.layers.{n}.mlp.c_fc",
    "ffn.down": "model.layers.{n}.mlp.c_proj",
}
_DEEPSEEK = _LLAMA | {
    "ffn.router": "model.layers.{n}.mlp.gate",
    "ffn.experts.gate": "model.layers.{n}.mlp.experts.{e}.gate_proj",
    "ffn.experts.up": "model.layers.{n}.mlp.experts.{e}.up_proj",
    "ffn.experts.down": "model.layers.{n}.mlp.experts.{e}.down_proj",
    "ffn.shared.gate": "model.layers.{n}.mlp.shared_experts.gate_proj",
    "ffn.shared.up": "model.layers.{n}.mlp.shared_experts.up_proj",
    "ffn.shared.down": "model.layers.{n}.mlp.shared_experts.down_proj",
}
_DEEPSEEK2 = _DEEPSEEK | {
    "attention.q_a": "model.layers.{n}.self_attn.q_a_proj",
    "attention.q_a_norm": "model.layers.{n}.self_attn.q_a_layernorm",
    "attention.q_b": "model.layers.{n}.self_attn.q_b_proj",
    "attention.kv_a": "model.layers.{n}.self_attn.kv_a_proj_with_mqa",
    "attention.kv_a_norm": "model.layers.{n}.self_attn.kv_a_layernorm",
    "attention.kv_b": "model.layers.{n}.self_attn.kv_b_proj",
}
_STARCODER = {
    "embedding": "transformer.wte",
    "positions": "transformer.wpe",
    "norm": "transformer.ln_f",
    "output": "lm_head",
    "attention_norm": "transformer.h.{n}.ln_1",
    "attention.q": "transformer.h.{n}.attn.c_attn",  # and k and v
    "attention.o": "transformer.h.{n}.attn.c_proj",
    "ffn_norm": "transformer.h.{n}.ln_2",
    "ffn.up": "transformer.h.{n}.mlp.c_fc",
    "ffn.down": "transformer.h.{n}.mlp.c_proj",
}
_TABLES = {
    "llama": _LLAMA,
    "qwen2": _LLAMA,
    "starcoder": _STARCODER,
    "starcoder2": _STARCODER2,
    "deepseek": _DEEPSEEK,
    "deepseek2": _DEEPSEEK2,
}


def hf_pieces(config: DecoderConfig) -> list[Piece]:
    """Every tensor of the decoder, in order, with what it is in Hugging Face's."""
    shapes = tensor_shapes(config)
    found, done = [], set[str]()
    for name in shapes:
        if name not in done:
            piece = _piece(config, name, shapes)
            done.update(piece.ours)
            found.append(piece)
    return found


def _piece(config: DecoderConfig, name: str, shapes: Shapes) -> Piece:
    stem, _, suffix = name.rpartition(".")
    layer = ""
    if stem.startswith("layers."):
        _, layer, stem = stem.split(".", 2)
    theirs = f"{_TABLES[config.architecture][stem]}.{suffix}".replace("{n}", layer)
    if config.architecture == "starcoder" and stem == "attention.q":
        ours = tuple(name.replace(".q.", f".{part}.") for part in "qkv")
        return joined_rows(ours, theirs, shapes)
    if "{e}" in theirs:
        count = shapes[name][0]
        names = tuple(theirs.replace("{e}", str(each)) for each in range(count))
        return Piece((name,), names, (shapes[name][1:],) * count, _apart, _together)
    return Piece((name,), (theirs,), (shapes[name],), list, list)


def _apart(arrays: Sequence[Array]) -> Sequence[Array]:
    return [*arrays[0]]


def _together(arrays: Sequence[Array]) -> Sequence[Array]:
    return [np.stack(arrays)]
