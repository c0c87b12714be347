"""Tokens that our SentencePiece code vocabulary saves on Python, against Llama's."""

import os
import random
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import verdict

from codeassist.engine.decode import open_vocabulary
from codeassist.training.tokenizers import (
    Density,
    TrainedVocabulary,
    density,
    from_byte_bpe,
    from_sentencepiece,
    train_byte_bpe,
    train_sentencepiece,
    write_vocabulary,
)

BAR = 0.10
SIZE = 32_000
HELD_OUT = 8
"""One package of so many is not trained on."""

CAP = 400_000
"""Characters of one package, so that none decides."""

ROOT = Path(__file__).parents[2]
FAMILIES = ("llama-spm", "deepseek-coder", "starcoder", "refact", "qwen2.5")


def main() -> int:
    packages = _packages()
    names = sorted(packages)
    random.Random(0).shuffle(names)
    held = names[: len(names) // HELD_OUT]
    train = [text for name in names[len(held) :] for text in _texts(packages[name])]
    test = [text for name in held for text in _texts(packages[name])]
    print(
        f"trained on {len(names) - len(held)} packages, {sum(map(len, train)) / 1e6:.1f} "
        f"M characters; held out {len(held)}, {sum(map(len, test)) / 1e6:.1f} M"
    )
    rows: dict[str, Density] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, vocabulary in _ours(train):
            path = Path(folder) / f"{name}.gguf"
            write_vocabulary(vocabulary, path, name=name)
            rows[name] = _measure(path, test)
    shared = Path(os.environ.get("CODEASSIST_SHARED") or ROOT.parent / "shared")
    for name in FAMILIES:
        path = shared / "eval" / "vocabs" / f"ggml-vocab-{name}.gguf"
        rows[name] = _measure(path, test)
    llama = rows["llama-spm"]
    for name, row in rows.items():
        print(
            f"{name:24} {row.tokens:8} tokens, {row.tokens_per_character:.4f} per "
            f"character, {row.saving(llama):+.1%} saved against Llama's"
        )
    saved = rows["sentencepiece-32k"].saving(llama)
    figure = f"{saved:.1%} fewer tokens"
    bar = ">= 10 % fewer tokens than Llama's"
    return verdict("tokenizer-code", figure, bar, holds=saved >= BAR)


def _ours(train: list[str]) -> Iterator[tuple[str, TrainedVocabulary]]:
    words = train_sentencepiece(train, SIZE)
    yield "sentencepiece-32k", from_sentencepiece(words)
    across = train_sentencepiece(train, SIZE, across_words=True)
    yield "sentencepiece-32k-across", from_sentencepiece(across)
    yield "byte-bpe-32k", from_byte_bpe(train_byte_bpe(train, SIZE))


def _measure(path: Path, texts: list[str]) -> Density:
    return density(open_vocabulary(path).tokenize, texts)


def _packages() -> dict[str, list[Path]]:
    """Python files of what is installed, by package; ours are not among them."""
    found: dict[str, list[Path]] = {}
    for key in ("purelib", "stdlib"):
        root = Path(sysconfig.get_path(key))
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).parts
            if key == "stdlib" and "site-packages" in parts:
                continue
            if "codeassist" not in path.as_posix().removeprefix(root.as_posix()):
                found.setdefault(parts[0].removesuffix(".py"), []).append(path)
    return found


def _texts(paths: list[Path]) -> Iterator[str]:
    """A package's files, in a fixed random order, as far as the cap."""
    left = CAP
    for path in random.Random(0).sample(paths, len(paths)):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if len(text) <= left:
            left -= len(text)
            yield text


if __name__ == "__main__":
    sys.exit(main())
