"""A byte-level BPE for code, trained by the `tokenizers` library."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from codeassist.errors import ConfigError

from .sentinels import SENTINELS
from .vocabulary import Entry, Kind, TrainedVocabulary

__all__ = ["from_byte_bpe", "train_byte_bpe"]

PRE = "qwen2"
"""llama.cpp's name of the pattern below; it has no place for one of our own."""

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What never grows together: each digit stands alone, indentation is one run."""

BYTES = 256


def train_byte_bpe(
    texts: Iterable[str], size: int, *, sentinels: Sequence[str] = SENTINELS
) -> Tokenizer:
    """Train on files.

    Args:
        texts: The files; read once, never held together.
        size: Entries, sentinels included.
        sentinels: Special tokens, which text never becomes.

    Raises:
        ConfigError: there is no room for the bytes and the sentinels.
    """
    least = BYTES + len(sentinels)
    if size < least:
        msg = f"a byte-level vocabulary of {size} is too small; give {least} or more"
        raise ConfigError(msg)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(sentinels),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(list(sentinels))
    tokenizer.encode_special_tokens = True  # sentinels in text stay text
    return tokenizer


def from_byte_bpe(tokenizer: Tokenizer | Path) -> TrainedVocabulary:
    """What a GGUF needs of it; a path names a ``tokenizer.json`` that was trained here.

    Raises:
        ConfigError: another kind of tokenizer, whose ids llama.cpp would not give.
    """
    if isinstance(tokenizer, Path):
        tokenizer = Tokenizer.from_file(str(tokenizer))
    state = json.loads(tokenizer.to_str())
    splits = (state["pre_tokenizer"] or {}).get("pretokenizers") or [{}]
    if (
        state["model"]["type"] != "BPE"
        or splits[0].get("pattern", {}).get("Regex") != PATTERN
        or state["normalizer"] is not None
    ):
        msg = "the tokenizer is no byte-level BPE of ours; train one, or use its GGUF"
        raise ConfigError(msg)
    special = {token["content"] for token in state["added_tokens"]}
    by_id = {n: text for text, n in tokenizer.get_vocab().items()}
    entries = [
        Entry(by_id[n], Kind.CONTROL if by_id[n] in special else Kind.NORMAL)
        for n in range(len(by_id))
    ]
    merges = tuple(" ".join(pair) for pair in state["model"]["merges"])
    return TrainedVocabulary("gpt2", tuple(entries), merges=merges, pre=PRE)
