"""Adapters change what they should, learn, and come back from disk."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from codeassist.errors import AdapterError, ConfigError
from codeassist.quantize.lora import Adapter, Pair, read_adapter, write_adapter
from codeassist.training.checkpoint import load_decoder, save_checkpoint
from codeassist.training.lora import (
    LoraParts,
    LoraWeights,
    load_adapted,
    load_lora,
    lora_weights,
    merge,
    save_lora,
)
from codeassist.training.model import Decoder
from codeassist.training.recipe import read_recipe, to_toml
from tests.training.shapes import GQA, QWEN, decoder, tokens

UNTIED = replace(QWEN, tied=False)


@pytest.fixture
def folder(tmp_path):
    save_checkpoint(tmp_path / "base", UNTIED, decoder(UNTIED).state_dict())
    return tmp_path / "base"


def shaken(model, seed=3):
    """The same decoder with adapters that do something."""
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, each in model.named_parameters():
            if name.endswith(".lora_b"):
                each.copy_(0.2 * torch.randn(each.shape, generator=chance))
    return model


def everywhere(**more):
    return LoraParts(
        rank=4, alpha=8, targets=("layers.*", "embedding", "output"), **more
    )


def test_a_fresh_adapter_changes_nothing(folder):
    """B is zero, so training begins at the base model."""
    adapted = load_adapted(folder, everywhere(), dtype=None)
    ids = tokens(UNTIED, 2, 9)
    assert torch.equal(adapted(ids).logits, load_decoder(folder)(ids).logits)
    learned = {n for n, p in adapted.named_parameters() if p.requires_grad}
    assert learned == {n for n, _ in adapted.named_parameters() if ".lora_" in n}
    assert len(learned) == 2 * (7 * UNTIED.layers + 2)


def test_the_step_of_autograd_equals_the_sum_of_its_parts(folder):
    """Outputs and gradients equal those of W + scale B A written out."""
    adapted = shaken(load_adapted(folder, everywhere(), dtype=None))
    ids = tokens(UNTIED, 2, 9)
    plain = Decoder(UNTIED)
    merged = merge(adapted)
    leaves = {}
    for name, part in adapted.named_modules():
        if hasattr(part, "lora_a"):
            a, b = (
                x.detach().clone().requires_grad_() for x in (part.lora_a, part.lora_b)
            )
            leaves[name] = (a, b)
            merged[f"{name}.weight"] = part.weight + part.scale * (b @ a)
    expected = torch.func.functional_call(plain, merged, (ids,)).logits
    found = adapted(ids).logits
    assert torch.allclose(found, expected, atol=1e-4)
    (expected**2).mean().backward()
    (found**2).mean().backward()
    for name, (a, b) in leaves.items():
        part = adapted.get_submodule(name)
        assert torch.allclose(part.lora_a.grad, a.grad, atol=1e-5, rtol=1e-3), name
        assert torch.allclose(part.lora_b.grad, b.grad, atol=1e-5, rtol=1e-3), name


def test_patterns_choose_what_is_adapted(folder):
    """Only matrices that a pattern names get a pair."""
    lora = LoraParts(targets=("layers.*.attention.[qv]", "layers.1.ffn.down"))
    found = set(lora_weights(load_adapted(folder, lora)).pairs)
    expected = {f"layers.{n}.attention.{p}.weight" for n in range(3) for p in "qv"}
    assert found == expected | {"layers.1.ffn.down.weight"} == set(lora.shapes(UNTIED))


def test_what_a_pair_starts_from_hangs_on_seed_and_name_alone(folder):
    """Other targets do not change a pair; another seed does."""
    some = lora_weights(load_adapted(folder, LoraParts(targets=("*.q",))))
    all_ = lora_weights(load_adapted(folder, LoraParts()))
    other = lora_weights(load_adapted(folder, LoraParts(seed=1)))
    name = "layers.2.attention.q.weight"
    assert np.array_equal(some.pairs[name][0], all_.pairs[name][0])
    assert not np.array_equal(other.pairs[name][0], all_.pairs[name][0])
    bound = 1 / math.sqrt(UNTIED.width)
    assert 0.9 * bound < np.abs(all_.pairs[name][0]).max() <= bound


@pytest.mark.parametrize("stabilised", [False, True])
def test_what_was_learned_reaches_the_gguf(folder, tmp_path, stabilised):
    """Saved, read and written for llama.cpp, an adapter makes the same change."""
    lora = LoraParts(rank=4, alpha=8, rank_stabilised=stabilised)
    assert lora.scale == (4 if stabilised else 2)
    adapted = shaken(load_adapted(folder, lora, dtype=None))
    save_lora(tmp_path / "lora", lora_weights(adapted))
    saved = load_lora(tmp_path / "lora")
    adapter = Adapter(saved.alpha, {n: Pair(*pair) for n, pair in saved.pairs.items()})
    write_adapter(tmp_path / "a.gguf", adapter, UNTIED)
    back = read_adapter(tmp_path / "a.gguf", UNTIED)
    merged, base = merge(adapted), load_decoder(folder).state_dict()
    for name, pair in back.pairs.items():
        change = back.alpha / pair.rank * pair.b @ pair.a
        expected = (merged[name] - base[name]).numpy()
        assert np.allclose(change, expected, atol=1e-5)


def test_merging_keeps_the_logits(folder, tmp_path):
    """A merged checkpoint, loaded plainly, scores as the adapted decoder."""
    adapted = shaken(load_adapted(folder, everywhere(), dtype=None))
    save_checkpoint(tmp_path / "merged", UNTIED, merge(adapted))
    ids = tokens(UNTIED, 2, 9)
    merged = load_decoder(tmp_path / "merged")(ids).logits
    assert torch.allclose(adapted(ids).logits, merged, atol=1e-4)


def test_a_tied_table_that_is_adapted_scores_with_its_adapter(tmp_path):
    """The same table embeds and scores, so plain logits equal the merged ones."""
    save_checkpoint(tmp_path / "base", QWEN, decoder(QWEN).state_dict())
    lora = LoraParts(rank=4, alpha=8, targets=("layers.*", "embedding"))
    adapted = shaken(load_adapted(tmp_path / "base", lora, dtype=None)).eval()
    save_checkpoint(tmp_path / "merged", QWEN, merge(adapted))
    ids = tokens(QWEN, 1, 9)
    merged = load_decoder(tmp_path / "merged")(ids).logits
    torch.testing.assert_close(adapted(ids).logits, merged, atol=1e-4, rtol=1e-4)


def test_dropout_is_for_training_alone(folder):
    """In training some inputs of A are dropped; elsewhere none is."""
    model = shaken(load_adapted(folder, everywhere(dropout=0.5), dtype=None))
    plain = shaken(load_adapted(folder, everywhere(), dtype=None))
    ids = tokens(UNTIED, 1, 9)
    assert torch.equal(model.eval()(ids).logits, plain(ids).logits)
    assert not torch.allclose(model.train()(ids).logits, plain(ids).logits, atol=1e-3)


def test_frozen_weights_are_small(folder):
    """Frozen weights are bfloat16, adapters float32, and their gradients too."""
    model = load_adapted(folder, LoraParts())
    kinds = {n.rpartition(".")[2]: p.dtype for n, p in model.named_parameters()}
    assert kinds["weight"] == kinds["bias"] == torch.bfloat16
    assert kinds["lora_a"] == kinds["lora_b"] == torch.float32
    model(tokens(UNTIED, 1, 9)).logits.float().sum().backward()
    grads = {p.grad.dtype for p in model.parameters() if p.grad is not None}
    assert grads == {torch.float32}
    assert model.layers[0].attention.q.weight.grad is None


@pytest.mark.parametrize("rank", [4, 6])
def test_training_goes_on_from_an_adapter(folder, rank):
    """Begun with an earlier adapter the decoder scores as with it, in a larger rank too."""
    first = shaken(load_adapted(folder, everywhere(), dtype=None))
    lora = replace(everywhere(), rank=rank, alpha=3.0, seed=5)
    begun = load_adapted(folder, lora, dtype=None, begin=lora_weights(first))
    ids = tokens(UNTIED, 1, 9)
    torch.testing.assert_close(begun(ids).logits, first(ids).logits)
    assert len(lora_weights(begun).pairs["output.weight"][0]) == rank


@pytest.mark.parametrize(
    ("changed", "error", "wrong"),
    [
        ({"rank": 2}, ConfigError, "lora.init has rank 4 and lora.rank is 2"),
        ({"targets": ("output",)}, AdapterError, "no pattern of lora.targets"),
    ],
)
def test_an_adapter_that_cannot_be_gone_on_from(folder, changed, error, wrong):
    """A smaller rank, or matrices that are not adapted, would lose what was learned."""
    begin = lora_weights(load_adapted(folder, everywhere(), dtype=None))
    with pytest.raises(error, match=wrong):
        load_adapted(folder, replace(everywhere(), **changed), begin=begin)


def test_a_recipe_names_the_adapter_to_begin_with(tmp_path):
    """`lora.init` is seen from the recipe's folder, and comes back from what is written."""
    recipe = tmp_path / "own.toml"
    recipe.write_text('[lora]\nrank = 8\ninit = "house.gguf"\n')
    read = read_recipe(recipe)
    assert read.lora.init == tmp_path / "house.gguf"
    recipe.write_text(to_toml(read))
    assert read_recipe(recipe) == read


def test_an_adapter_of_another_model(folder):
    """Pairs of another width are refused by name."""
    begin = LoraWeights(2.0, {"output.weight": (np.ones((1, 3), np.float32),) * 2})
    with pytest.raises(AdapterError, match="of another model"):
        load_adapted(folder, everywhere(), begin=begin)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"rank": 0}, r"lora\.rank must be 1 or more"),
        ({"alpha": -1}, r"lora\.alpha must be above 0"),
        ({"dropout": 1.0}, r"lora\.dropout is a share"),
        ({"targets": ()}, r"lora\.targets must name"),
        ({"targets": ("*.query",)}, r"'\*\.query' names no matrix .*attention\.q,"),
    ],
)
def test_bad_settings_are_told(folder, values, wrong):
    """What cannot be meant is refused by name."""
    with pytest.raises(ConfigError, match=wrong):
        load_adapted(folder, LoraParts(**values))


def test_no_adapter_is_told(tmp_path):
    """Decoders and folders without an adapter are refused."""
    with pytest.raises(AdapterError, match="has no LoRA adapters"):
        lora_weights(decoder(GQA))
    with pytest.raises(AdapterError, match="holds no whole adapter"):
        load_lora(tmp_path)
    save_lora(tmp_path, LoraWeights(2.0, {"x": (np.ones((1, 2), np.float32),) * 2}))
    (tmp_path / "adapter.safetensors").write_bytes(b"12345678")
    with pytest.raises(AdapterError, match="holds no whole adapter"):
        load_lora(tmp_path)
