"""Tiny checkpoints in Hugging Face's form, and what transformers makes of them.

Run as a script, with transformers installed, it computes the committed logits anew.
"""

import json
import sys
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from codeassist.decoder import DecoderConfig
from codeassist.quantize.hugging_face.config import read_hf_config
from codeassist.quantize.hugging_face.names import hf_pieces

REFERENCE = Path(__file__).with_name("hf_logits.npz")
TOKENS = [7, 301, 42, 42, 199, 255, 3, 118, 64, 300]
VOCABULARY = 320
SHOWN = 48
"""Logits of a position that are kept."""

_USUAL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 64,
}
_LATENT = {
    "kv_lora_rank": 16,
    "q_lora_rank": 24,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 12,
    "v_head_dim": 10,
    "num_key_value_heads": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 24,
    "n_shared_experts": 2,
    "first_k_dense_replace": 1,
    "routed_scaling_factor": 2.5,
}
_YARN = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 16,
    "rope_theta": 10_000.0,
}
CONFIGS = {
    "llama": _USUAL | {"model_type": "llama", "rms_norm_eps": 1e-5},
    "llama, linear": _USUAL
    | {
        "model_type": "llama",
        "rope_parameters": {
            "rope_type": "linear",
            "factor": 4.0,
            "rope_theta": 1e5,
        },
    },
    "llama, yarn": _USUAL | {"model_type": "llama", "rope_parameters": _YARN},
    "qwen2": _USUAL | {"model_type": "qwen2", "tie_word_embeddings": True},
    "gpt_bigcode": {
        "model_type": "gpt_bigcode",
        "n_embd": 32,
        "n_inner": 48,
        "n_layer": 3,
        "n_head": 4,
        "n_positions": 64,
        "vocab_size": VOCABULARY,
    },
    "starcoder2": _USUAL | {"model_type": "starcoder2", "sliding_window": 4},
    "deepseek_v2": _USUAL | _LATENT | {"model_type": "deepseek_v2"},
    "deepseek_v2, yarn": _USUAL
    | _LATENT
    | {
        "model_type": "deepseek_v2",
        "q_lora_rank": None,
        "rope_parameters": _YARN | {"mscale": 0.707, "mscale_all_dim": 0.707},
    },
}


DEEPSEEK = _USUAL | {
    "model_type": "deepseek",
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 24,
    "n_shared_experts": 2,
    "first_k_dense_replace": 1,
}
"""The first DeepSeekMoE, which transformers itself does not have."""


def decoder_of(values: dict) -> DecoderConfig:
    """Our configuration of one of ``CONFIGS``."""
    return read_hf_config(values, "a test")


def weights(config: DecoderConfig) -> dict[str, np.ndarray]:
    """Draw every tensor by its name in Hugging Face's form."""
    found = {}
    for piece in hf_pieces(config):
        for name, shape in zip(piece.theirs, piece.their_shapes, strict=True):
            noise = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(
                shape, np.float32
            )
            found[name] = 1 + 0.3 * noise if "norm.w" in name else 0.2 * noise
    return found


def write_folder(folder: Path, values: dict, *, shards: int = 1) -> Path:
    """Write one of ``CONFIGS`` as a folder, its tensors in one file or in many."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values))
    tensors = weights(decoder_of(values))
    if shards == 1:
        save_file(tensors, folder / "model.safetensors")
    else:
        places = {
            key: f"model-{n % shards}.safetensors" for n, key in enumerate(tensors)
        }
        for file in set(places.values()):
            part = {key: tensors[key] for key in tensors if places[key] == file}
            save_file(part, folder / file)
        index = {"weight_map": places}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> Tokenizer:
    """Write a byte-level BPE of 300 entries and a special token."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {text: n for n, text in enumerate(alphabet)}
    merges = [(a, b) for a in "abcdefg" for b in "hijkln"]
    for a, b in merges:
        vocabulary[a + b] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def reference() -> dict[str, np.ndarray]:
    """Logits of all models by transformers."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    found = {}
    for name, values in CONFIGS.items():
        own = dict(values)
        config = AutoConfig.for_model(own.pop("model_type"), **own)
        with TemporaryDirectory() as place:
            AutoModelForCausalLM.from_config(config).save_pretrained(place)
            tensors, path = weights(decoder_of(values)), f"{place}/model.safetensors"
            save_file(tensors, path, metadata={"format": "pt"})
            model, told = AutoModelForCausalLM.from_pretrained(
                place, output_loading_info=True
            )
        assert set(told["missing_keys"]) <= {"lm_head.weight"}, told
        assert not told["unexpected_keys"], told
        with torch.no_grad():
            logits = model.eval()(torch.tensor([TOKENS])).logits
        found[name] = logits[0, :, :SHOWN].numpy()
    return found


if __name__ == "__main__":
    np.savez_compressed(REFERENCE, **reference())
    sys.stdout.write(f"{REFERENCE}: {REFERENCE.stat().st_size:,} bytes\n")
