"""The special tokens of a vocabulary of our own."""

__all__ = ["END", "FIM_IDS", "PAD", "SENTINELS"]

END = "<|endoftext|>"
PAD = "<|fim_pad|>"

SENTINELS = (
    END,
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    PAD,
    "<|repo_name|>",
    "<|file_sep|>",
)
"""Spelled as Qwen2.5-Coder's, so that `codeassist.fim` knows the form of prompt."""

FIM_IDS = {
    "fim_pre": "<|fim_prefix|>",
    "fim_suf": "<|fim_suffix|>",
    "fim_mid": "<|fim_middle|>",
    "fim_pad": PAD,
    "fim_rep": "<|repo_name|>",
    "fim_sep": "<|file_sep|>",
}
"""What the keys ``tokenizer.ggml.*_token_id`` of a GGUF call them."""
