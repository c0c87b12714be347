"""A decoder's configuration out of Hugging Face's ``config.json``.

Keys are those of transformers 4 and 5 (``rope_scaling`` and ``rope_theta``, or
``rope_parameters``); what a family's decoder could not compute is refused.
"""

from collections.abc import Callable, Mapping
from typing import Any

from codeassist.decoder import DecoderConfig, Experts, Latent, Rope, RopeScaling, Window
from codeassist.errors import ConfigError, ModelFileError

__all__ = ["FAMILIES", "read_hf_config"]

Keys = Mapping[str, Any]


def read_hf_config(keys: Keys, where: object) -> DecoderConfig:
    """Translate ``config.json``.

    Args:
        keys: Its values.
        where: The folder, for errors.

    Raises:
        ModelFileError: a family that is not known, a missing key, or a decoder that
            ours cannot be.
    """
    family = str(keys.get("model_type"))
    if family not in FAMILIES:
        msg = (
            f"{where} is of model_type {family}, which cannot be converted; known are "
            f"{', '.join(FAMILIES)}"
        )
        raise ModelFileError(msg)
    if about := keys.get("quantization_config"):
        method = about.get("quant_method") if isinstance(about, dict) else None
        msg = (
            f"{where} is quantised already ({method or 'its quantization_config'}); "
            f"take the model that it was made from"
        )
        raise ModelFileError(msg)
    try:
        return FAMILIES[family](keys)
    except KeyError as error:
        msg = f"{where}: its configuration has no {error}; fetch it again"
        raise ModelFileError(msg) from error
    except (ConfigError, ValueError, TypeError) as error:
        msg = f"{where} describes no decoder of ours ({error}); take another model"
        raise ModelFileError(msg) from error


def _need(fits: bool, wrong: str) -> None:
    if not fits:
        raise ValueError(wrong)


def _common(keys: Keys) -> dict[str, Any]:
    """What nearly all families name alike."""
    heads = keys["num_attention_heads"]
    return {
        "vocab_size": keys["vocab_size"],
        "context": keys["max_position_embeddings"],
        "width": keys["hidden_size"],
        "layers": keys["num_hidden_layers"],
        "heads": heads,
        "kv_heads": keys.get("num_key_value_heads") or heads,
        "head_dim": keys.get("head_dim") or keys["hidden_size"] // heads,
        "ffn_width": keys["intermediate_size"],
        "norm_eps": keys.get("rms_norm_eps", 1e-6),
        "tied": keys.get("tie_word_embeddings", False),
    }


def _rope(keys: Keys, *, interleaved: bool = False) -> Rope:
    about = keys.get("rope_parameters") or keys.get("rope_scaling") or {}
    base = about.get("rope_theta") or keys.get("rope_theta", 10_000.0)
    part = about.get("partial_rotary_factor", keys.get("partial_rotary_factor", 1.0))
    _need(part in (1.0, None), f"RoPE turns {part} of a head")
    return Rope(float(base), interleaved, _scaling(about))


def _scaling(about: Keys) -> RopeScaling | None:
    kind = about.get("rope_type", about.get("type", "default"))
    if kind == "default":
        return None
    _need(kind in ("linear", "yarn"), f"RoPE scaling {kind}")
    if kind == "linear":
        return RopeScaling("linear", float(about["factor"]))
    every = about.get("mscale_all_dim") or 0.0
    _need(every == (about.get("mscale") or 0.0), "mscale differs from mscale_all_dim")
    _need(about.get("attention_factor") is None, "YaRN with an attention_factor")
    return RopeScaling(
        "yarn",
        float(about["factor"]),
        original_context=about["original_max_position_embeddings"],
        beta_fast=about.get("beta_fast") or 32.0,
        beta_slow=about.get("beta_slow") or 1.0,
        log_multiplier=every,
    )


def _llama(keys: Keys) -> DecoderConfig:
    biased = bool(keys.get("mlp_bias", False))
    same = bool(keys.get("attention_bias", False)) == biased
    _need(same, "biases on a part of its matrices")
    _need(keys.get("hidden_act", "silu") == "silu", f"{keys.get('hidden_act')}")
    return DecoderConfig(
        architecture="llama",
        rope=_rope(keys),
        qkv_bias=biased,
        bias=biased,
        **_common(keys),
    )


def _qwen2(keys: Keys) -> DecoderConfig:
    _need(not keys.get("use_sliding_window"), "a sliding window")
    return DecoderConfig(
        architecture="qwen2", rope=_rope(keys), qkv_bias=True, **_common(keys)
    )


def _starcoder(keys: Keys) -> DecoderConfig:
    _need(keys.get("multi_query", True), "attention with many key heads")
    act = keys.get("activation_function", "gelu_pytorch_tanh")
    _need(act == "gelu_pytorch_tanh", f"activation {act}")
    width, heads = keys["n_embd"], keys["n_head"]
    return DecoderConfig(
        architecture="starcoder",
        vocab_size=keys["vocab_size"],
        context=keys["n_positions"],
        width=width,
        layers=keys["n_layer"],
        heads=heads,
        kv_heads=1,
        head_dim=width // heads,
        ffn_width=keys.get("n_inner") or 4 * width,
        norm="layer",
        norm_eps=keys.get("layer_norm_epsilon", 1e-5),
        activation="gelu",
        qkv_bias=True,
        bias=True,
        tied=keys.get("tie_word_embeddings", True),
    )


def _starcoder2(keys: Keys) -> DecoderConfig:
    _need(keys.get("use_bias", True), "matrices without biases")
    act = keys.get("hidden_act", "gelu_pytorch_tanh")
    _need(act == "gelu_pytorch_tanh", f"activation {act}")
    size = keys.get("sliding_window")
    own = {
        "norm_eps": keys.get("norm_epsilon", 1e-5),
        "tied": keys.get("tie_word_embeddings", True),
    }
    return DecoderConfig(
        architecture="starcoder2",
        rope=_rope(keys),
        norm="layer",
        activation="gelu",
        qkv_bias=True,
        bias=True,
        window=Window(size) if size else None,
        **(_common(keys) | own),
    )


def _experts(keys: Keys) -> Experts | None:
    if not keys.get("n_routed_experts"):
        return None
    gate = keys.get("scoring_func", "softmax")
    _need(gate == "softmax", f"a gate with {gate}")
    _need(keys.get("moe_layer_freq", 1) == 1, "experts in some layers only")
    method = keys.get("topk_method", "greedy")
    _need(method == "greedy", f"experts chosen by {method}")
    return Experts(
        count=keys["n_routed_experts"],
        used=keys["num_experts_per_tok"],
        width=keys["moe_intermediate_size"],
        shared=keys.get("n_shared_experts") or 0,
        dense_layers=keys.get("first_k_dense_replace", 0),
        renormalise=keys.get("norm_topk_prob", False),
        scale=float(keys.get("routed_scaling_factor", 1.0)),
    )


def _deepseek(keys: Keys) -> DecoderConfig:
    experts = _experts(keys)
    _need(experts is not None, "DeepSeek without experts; its model_type is llama")
    return DecoderConfig(
        architecture="deepseek", rope=_rope(keys), experts=experts, **_common(keys)
    )


def _deepseek2(keys: Keys) -> DecoderConfig:
    _need(not keys.get("attention_bias"), "biases in latent attention")
    experts = _experts(keys)
    latent = Latent(
        kv_rank=keys["kv_lora_rank"],
        rope_dim=keys["qk_rope_head_dim"],
        nope_dim=keys["qk_nope_head_dim"],
        value_dim=keys["v_head_dim"],
        q_rank=keys.get("q_lora_rank") or 0,
    )
    own = {"kv_heads": keys["num_attention_heads"], "head_dim": 0}
    return DecoderConfig(
        architecture="deepseek2",
        rope=_rope(keys, interleaved=True),
        latent=latent,
        experts=experts,
        **(_common(keys) | own),
    )


def _mistral(keys: Keys) -> DecoderConfig:
    """Llama's tensors; later versions have no window."""
    _need(not keys.get("sliding_window"), "a sliding window")
    return _llama(keys)


FAMILIES: Mapping[str, Callable[[Keys], DecoderConfig]] = {
    "llama": _llama,
    "mistral": _mistral,
    "qwen2": _qwen2,
    "gpt_bigcode": _starcoder,
    "starcoder2": _starcoder2,
    "deepseek": _deepseek,
    "deepseek_v2": _deepseek2,
}
"""By ``model_type``."""
