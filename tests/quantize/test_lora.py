"""Adapters in llama.cpp's format."""

from dataclasses import replace
from fnmatch import fnmatch

import numpy as np
import pytest

from codeassist.decoder import tensor_shapes
from codeassist.engine.decode.adapter import check_adapter
from codeassist.errors import AdapterError, ModelFileError
from codeassist.quantize.checkpoint import TENSORS, TensorReader
from codeassist.quantize.convert import to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.lora import (
    UNHEARD,
    Adapter,
    Pair,
    merge,
    read_adapter,
    served_targets,
    write_adapter,
)
from tests.quantize.models import CONFIGS, checkpoint
from tests.quantize.running import logits

TOKENS = np.arange(300, 340)
FUSED = tuple(f"attention.{part}.weight" for part in "qkv")


def adapter(config, names=None, seed=0):
    random = np.random.default_rng(seed)

    def half(*shape):
        return 0.2 * random.standard_normal(shape, np.float32)

    def fits(name):
        if config.architecture == "starcoder" and name.endswith(FUSED):
            return False
        if config.latent and name.endswith(UNHEARD):
            return False
        return not (config.tied and name == "embedding.weight")

    shapes = {
        name: shape
        for name, shape in tensor_shapes(config).items()
        if len(shape) == 2 and "positions" not in name and fits(name)
    }
    pairs = {
        name: Pair(half(4, shape[1]), half(shape[0], 4))
        for name, shape in shapes.items()
        if names is None or name in names
    }
    return Adapter(8.0, pairs)


@pytest.mark.parametrize("name", CONFIGS)
def test_written_and_read_is_the_same_to_the_bit(models, name, tmp_path):
    """An adapter of every matrix, embeddings included, comes back as it was."""
    config, wanted = CONFIGS[name], adapter(CONFIGS[name])
    write_adapter(tmp_path / "a.gguf", wanted, config, name="a test")
    found = read_adapter(tmp_path / "a.gguf", config)
    assert found.alpha == wanted.alpha
    assert found.pairs.keys() == wanted.pairs.keys()
    for key, pair in wanted.pairs.items():
        np.testing.assert_array_equal(found.pairs[key].a, pair.a)
        np.testing.assert_array_equal(found.pairs[key].b, pair.b)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_engine_takes_it_and_it_equals_the_merge(models, name, tmp_path):
    """llama.cpp with the adapter says what it says of the merged weights."""
    folder, path = models(name)
    lora = adapter(CONFIGS[name])
    write_adapter(tmp_path / "a.gguf", lora, CONFIGS[name])
    check_adapter(tmp_path / "a.gguf", path)
    merge(folder, lora, tmp_path / "merged")
    to_gguf(tmp_path / "merged", tmp_path / "merged.gguf")
    plain = logits(path, TOKENS)
    adapted = logits(path, TOKENS, tmp_path / "a.gguf")
    merged = logits(tmp_path / "merged.gguf", TOKENS)
    assert np.abs(adapted - plain).max() > 0.5
    np.testing.assert_allclose(adapted, merged, atol=0.02)


@pytest.mark.parametrize("name", ["qwen2", "deepseek"])
def test_the_order_of_rope_is_kept(models, tmp_path, shared, name):
    """An adapter of a decoder with the other RoPE order is permuted like its weights."""
    config = CONFIGS[name]
    turned = replace(config.rope, interleaved=not config.rope.interleaved)
    other = replace(config, rope=turned)
    lora = adapter(
        other, {"layers.0.attention.q.weight", "layers.1.attention.k.weight"}
    )
    folder = checkpoint(tmp_path / "f", other, shared)
    to_gguf(folder, tmp_path / "m.gguf")
    write_adapter(tmp_path / "a.gguf", lora, other)
    found = read_adapter(tmp_path / "a.gguf", other)
    for key, pair in lora.pairs.items():
        np.testing.assert_array_equal(found.pairs[key].b, pair.b)
    merge(folder, lora, tmp_path / "merged")
    to_gguf(tmp_path / "merged", tmp_path / "merged.gguf")
    adapted = logits(tmp_path / "m.gguf", TOKENS, tmp_path / "a.gguf")
    merged = logits(tmp_path / "merged.gguf", TOKENS)
    np.testing.assert_allclose(adapted, merged, atol=0.02)


def test_half_precision_and_scale(models, tmp_path):
    """F16 halves the file; the user's scale multiplies what is merged."""
    config = CONFIGS["llama"]
    folder, _ = models("llama")
    lora = adapter(config, {"layers.0.ffn.up.weight"})
    write_adapter(tmp_path / "a.gguf", lora, config, format_="F16")
    assert set(GgufFile(tmp_path / "a.gguf").types.values()) == {"F16"}
    merge(folder, lora, tmp_path / "m", scale=0.5)
    before, after = (
        TensorReader(folder / TENSORS),
        TensorReader(tmp_path / "m" / TENSORS),
    )
    pair = lora.pairs["layers.0.ffn.up.weight"]
    change = after["layers.0.ffn.up.weight"] - before["layers.0.ffn.up.weight"]
    np.testing.assert_allclose(change, 0.5 * 8 / 4 * pair.b @ pair.a, atol=1e-6)
    same = "layers.0.ffn.down.weight"
    np.testing.assert_array_equal(after[same], before[same])


def test_what_does_not_fit_is_refused(models, tmp_path):
    """Tied embeddings, unknown names, wrong shapes, other models: one line each."""
    config, path = CONFIGS["llama"], tmp_path / "a.gguf"
    one, two = np.ones((4, 64), np.float32), np.ones((32000, 4), np.float32)
    cases = {
        "its output layer is the embedding": {"embedding.weight": Pair(one, two)},
        "no such matrix": {"layers.9.ffn.up.weight": Pair(one, two)},
        "its pair is": {"layers.0.ffn.up.weight": Pair(one, two)},
        "changes nothing": {},
    }
    for message, pairs in cases.items():
        with pytest.raises(AdapterError, match=message):
            write_adapter(path, Adapter(8.0, pairs), config)
    assert not path.exists()
    folder, model = models("llama")
    with pytest.raises(AdapterError, match="not a LoRA adapter"):
        read_adapter(model, config)
    write_adapter(path, adapter(config), config)
    with pytest.raises(AdapterError, match="made for llama, not for qwen2"):
        read_adapter(path, CONFIGS["qwen2"])
    with pytest.raises(ModelFileError, match="name another"):
        merge(folder, adapter(config), folder)


@pytest.mark.parametrize("name", CONFIGS)
def test_what_a_fine_tuning_may_learn(name, tmp_path):
    """An adapter of all matrices that the patterns name can be written."""
    config, patterns = CONFIGS[name], served_targets(CONFIGS[name])
    pairs = {
        each: Pair(np.ones((2, shape[1]), "f"), np.ones((shape[0], 2), "f"))
        for each, shape in tensor_shapes(config).items()
        if len(shape) == 2
        and any(fnmatch(each.removesuffix(".weight"), one) for one in patterns)
    }
    assert pairs
    write_adapter(tmp_path / "a.gguf", Adapter(2.0, pairs), config)


def test_what_llama_cpp_would_leave_out_is_refused_but_merged(models, tmp_path):
    """deepseek2's graph hears no adapter of q: it can be merged, not written."""
    config, name = CONFIGS["deepseek2"], "layers.0.attention.q_b.weight"
    folder, path = models("deepseek2")
    rows, columns = tensor_shapes(config)[name]
    pair = Pair(np.ones((2, columns), np.float32), np.ones((rows, 2), np.float32))
    lora = Adapter(2.0, {name: pair})
    with pytest.raises(AdapterError, match="leave it out; merge it"):
        write_adapter(tmp_path / "a.gguf", lora, config)
    merge(folder, lora, tmp_path / "m")
    to_gguf(tmp_path / "m", tmp_path / "m.gguf")
    assert (
        np.abs(logits(tmp_path / "m.gguf", TOKENS) - logits(path, TOKENS)).max() > 0.1
    )
