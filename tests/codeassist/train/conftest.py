"""A tiny model, some real code, and a recipe for them."""

import argparse
import functools
import shutil
from pathlib import Path

import pytest

from codeassist.arguments.training import add_presets, add_train
from codeassist.commands import train
from codeassist.decoder import DecoderConfig, Rope
from codeassist.training.flops import fastest
from codeassist.training.fresh import random_checkpoint
from codeassist.training.tokenizers import (
    SENTINELS,
    from_byte_bpe,
    train_byte_bpe,
    write_vocabulary,
)

ROOT = Path(__file__).parents[3]
CODE = sorted((ROOT / "engine").glob("*.py"))
SIZE = 500
RECIPE = """
[base]
model = "base"

[data]
sources = ["code"]
length = 128
held_out = 0.2

[loop]
steps = 4
rows_per_step = 2
dtype = "float32"
threads = 1
schedule = "constant"
warmup = 0
save_every = 2
held_out_every = 2
"""
LORA = RECIPE + "[lora]\nrank = 2\n"


def parsed(*words):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    add_train(commands)
    add_presets(commands)
    return parser.parse_args(words)


def vocabulary(path, sentinels=SENTINELS):
    texts = [file.read_text() for file in CODE[:3]]
    trained = from_byte_bpe(train_byte_bpe(texts, SIZE, sentinels=sentinels))
    write_vocabulary(trained, path, name="tiny")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A checkpoint of random weights with a vocabulary of its own, and some code."""
    folder = tmp_path_factory.mktemp("made")
    config = DecoderConfig(
        architecture="qwen2",
        vocab_size=SIZE,
        context=256,
        width=32,
        layers=2,
        heads=4,
        kv_heads=2,
        head_dim=8,
        ffn_width=48,
        rope=Rope(),
        qkv_bias=True,
        tied=True,
    )
    random_checkpoint(folder / "base", config, seed=0)
    vocabulary(folder / "base" / "tokenizer.gguf")
    (folder / "code").mkdir()
    for file in CODE:
        shutil.copy(file, folder / "code")
    return folder


@pytest.fixture
def go(made, tmp_path, monkeypatch):
    """Runs a recipe beside that checkpoint, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    quick = functools.partial(fastest, seconds=0.0)
    monkeypatch.setattr("codeassist.commands.train.fastest", quick)

    def run(text, *words, out="out"):
        recipe = made / "recipe.toml"
        recipe.write_text(text)
        place = str(tmp_path / out)
        return train.run(parsed("train", str(recipe), "--out", place, *words))

    return run
