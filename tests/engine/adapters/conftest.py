"""Tiny base models with LoRA adapters of theirs, and a store in a folder of the test."""

from pathlib import Path

import numpy as np
import pytest

from codeassist.decoder import DecoderConfig, Rope, tensor_shapes
from codeassist.engine import adapters as store
from codeassist.engine.models.store import Located
from codeassist.quantize.convert import to_gguf
from codeassist.quantize.lora import Adapter, Pair, write_adapter
from codeassist.training.fresh import random_checkpoint
from codeassist.training.tokenizers import (
    SENTINELS,
    from_byte_bpe,
    train_byte_bpe,
    write_vocabulary,
)


def config(width):
    return DecoderConfig(
        architecture="qwen2",
        vocab_size=300,
        context=128,
        width=width,
        layers=1,
        heads=2,
        kv_heads=1,
        head_dim=8,
        ffn_width=24,
        rope=Rope(),
        qkv_bias=True,
        tied=True,
    )


@pytest.fixture(scope="session")
def bases(tmp_path_factory):
    """GGUF files of two widths, each with an adapter that fits it alone."""
    folder = tmp_path_factory.mktemp("bases")
    trained = train_byte_bpe([Path(__file__).read_text()], 300, sentinels=SENTINELS)
    for width in (16, 32):
        random_checkpoint(folder / str(width), config(width), seed=width)
        write_vocabulary(
            from_byte_bpe(trained), folder / str(width) / "tokenizer.gguf", name="tiny"
        )
        to_gguf(folder / str(width), folder / f"base-{width}.gguf", format_="F32")
        for n in range(3):
            write_lora(folder / f"lora-{width}-{n}.gguf", config(width), seed=n)
    return folder


def write_lora(path, shape, seed):
    random = np.random.default_rng(seed)
    name = "layers.0.attention.q.weight"
    rows, columns = tensor_shapes(shape)[name]
    a = random.standard_normal((2, columns), np.float32)
    b = random.standard_normal((rows, 2), np.float32)
    write_adapter(path, Adapter(4.0, {name: Pair(a, b)}), shape)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data, cache and settings of this test alone."""
    for name in ("DATA", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def stored(bases):
    """Puts adapters into the store, by width and number."""

    def put(width, n, name="mine"):
        base = store.base_of(located(bases, width))
        adapter = bases / f"lora-{width}-{n}.gguf"
        made = f"2026-01-0{n + 1}T00:00:00"
        return store.add(store.About(name, base, "", 0, made), adapter)

    return put


def located(bases, width):
    return Located(bases / f"base-{width}.gguf", None, None)
