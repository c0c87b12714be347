"""A byte-level BPE ``tokenizer.json`` as the vocabulary of a GGUF.

llama.cpp splits text by patterns that it knows by name; the name is found by the
pre-tokenizer's own rules. SentencePiece vocabularies are refused: their scores are not
in that file.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gguf import GGUFWriter, SpecialVocab, TokenType

from codeassist.decoder import TOKENIZER_FILE
from codeassist.errors import ModelFileError
from codeassist.quantize.checkpoint import is_pointer

from .identity import base_of, name_of

__all__ = ["TOKENIZER_JSON", "write_vocabulary"]

TOKENIZER_JSON = "tokenizer.json"
SENTENCEPIECE = "tokenizer.model"

_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LLAMA3 = _QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
_GPT2, _DIGITS = "bytes by GPT-2's words", "single digits"

PATTERNS: Mapping[tuple[str, ...], str] = {
    (_QWEN2,): "qwen2",
    (_LLAMA3,): "llama-bpe",
    (_GPT2,): "gpt-2",
    (_DIGITS, _GPT2): "starcoder",
    (
        r"[\r\n]",
        r"\s?\p{L}+",
        r"\s?\p{P}+",
        "[一-龥ࠀ-一가-퟿]+",
        _DIGITS,
    ): "deepseek-coder",
}
"""Rules of a pre-tokenizer, and llama.cpp's name of them."""


def write_vocabulary(
    source: Path, target: Path, *, architecture: str, size: int
) -> None:
    """Write ``tokenizer.gguf``.

    Args:
        source: The folder with ``tokenizer.json``, and what else speaks of its tokens.
        target: The file, in a folder that is not yet seen.
        architecture: Of the model.
        size: Of its embedding; ids that no token has are marked unused.

    Raises:
        ModelFileError: another kind of vocabulary, more tokens than the embedding has
            rows, or a damaged file.
    """
    path = source / TOKENIZER_JSON
    if is_pointer(path):
        msg = f"{path} is a pointer of Git LFS; run `git lfs pull` in its folder"
        raise ModelFileError(msg)
    try:
        state = json.loads(path.read_text("utf-8"))
        pre = _pre(state)
        tokens, kinds = _entries(state, size)
        special = SpecialVocab(source, load_merges=True, n_vocab=size)
    except OSError as error:
        msg = f"{source} has no {TOKENIZER_JSON} ({error.strerror}); {_remedy(source)}"
        raise ModelFileError(msg) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = (
            f"{path} is no byte-level BPE that is known ({error}); put the vocabulary "
            f"of any GGUF of the model beside it, as {TOKENIZER_FILE}"
        )
        raise ModelFileError(msg) from error
    writer = GGUFWriter(target, architecture)
    writer.add_name(name_of(source))
    if base := base_of(source):
        writer.add_basename(base)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    special.add_to_gguf(writer, quiet=True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()


def _remedy(source: Path) -> str:
    if (source / SENTENCEPIECE).exists():
        return (
            f"{SENTENCEPIECE} is not read: put the vocabulary of any GGUF of the model "
            f"beside it, as {TOKENIZER_FILE}"
        )
    return "fetch it again"


def _pre(state: Mapping[str, Any]) -> str:
    model = state["model"]
    if model["type"] != "BPE" or model.get("byte_fallback"):
        msg = f"it is {model['type']} over characters"
        raise ValueError(msg)
    if not state["pre_tokenizer"]:
        msg = "its words are not cut"
        raise ValueError(msg)
    rules = tuple(_rules(state["pre_tokenizer"]))
    if rules not in PATTERNS:
        said = " and ".join(rules).encode("unicode_escape").decode()
        msg = f"its words are cut by {said}"
        raise ValueError(msg)
    return PATTERNS[rules]


def _rules(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule["type"] == "Sequence":
        for each in rule["pretokenizers"]:
            yield from _rules(each)
    elif rule["type"] == "Split":
        yield rule["pattern"]["Regex"]
    elif rule["type"] == "Digits" and rule["individual_digits"]:
        yield _DIGITS
    elif rule["type"] == "ByteLevel" and not rule["add_prefix_space"]:
        if rule.get("use_regex", True):
            yield _GPT2
    else:
        yield f"a rule {rule['type']}"


def _entries(state: Mapping[str, Any], size: int) -> tuple[list[str], list[int]]:
    by_id = {n: (text, TokenType.NORMAL) for text, n in state["model"]["vocab"].items()}
    for token in state["added_tokens"]:
        text = token["content"]
        kind = TokenType.USER_DEFINED
        if token["special"] or _looks_special(text):
            kind = TokenType.CONTROL
        by_id[token["id"]] = text, kind
    if max(by_id) >= size:
        msg = f"it has {max(by_id) + 1} tokens, the embedding {size} rows"
        raise ValueError(msg)
    entries = [by_id.get(n, (f"[PAD{n}]", TokenType.UNUSED)) for n in range(size)]
    return [text for text, _ in entries], [int(kind) for _, kind in entries]


def _looks_special(text: str) -> bool:
    """What llama.cpp's own converter takes for a control token, too."""
    brackets = ("<|", "|>"), ("<\uff5c", "\uff5c>")  # the second: DeepSeek's
    return any(text.startswith(a) and text.endswith(b) for a, b in brackets)
