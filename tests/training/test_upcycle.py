"""Upcycling: the mixture begins as the function that the dense decoder is."""

from dataclasses import replace

import pytest
import torch

from codeassist.errors import ConfigError
from codeassist.training.checkpoint import load_decoder, save_checkpoint
from codeassist.training.model import Decoder
from codeassist.training.upcycle import (
    UpcycleSettings,
    upcycle,
    upcycled_config,
    upcycled_tensors,
)
from tests.training.shapes import GQA, MLA, QWEN, STARCODER, decoder, tokens

DENSE = {"llama": replace(GQA, ffn_width=96), "qwen2": replace(QWEN, ffn_width=96)}


def logits(model, config):
    with torch.no_grad():
        return model(tokens(config, 2, 40)).logits


def mixture(config, dense, settings):
    made = upcycled_config(config, settings)
    model = Decoder(made)
    model.load_state_dict(upcycled_tensors(made, dense.state_dict(), settings))
    return model


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize(
    ("experts", "used", "pieces", "shared"),
    [(4, 2, 1, 0), (4, 1, 1, 1), (8, 2, 2, 1), (9, 6, 3, 1), (4, 4, 4, 0)],
)
def test_renormalised_gates_keep_the_function(name, experts, used, pieces, shared):
    """With gates that add up to 1 the logits are the dense ones, whatever the router."""
    config = DENSE[name]
    dense = decoder(config)
    settings = UpcycleSettings(
        experts=experts,
        used=used,
        pieces=pieces,
        shared=shared,
        renormalise=True,
        noise=0.3,
    )
    model = mixture(config, dense, settings)

    torch.testing.assert_close(
        logits(model, config), logits(dense, config), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(("experts", "used", "pieces"), [(8, 2, 1), (8, 2, 2)])
def test_softmax_gates_keep_the_function_up_to_noise(experts, used, pieces):
    """Without renormalisation the difference vanishes with the router's noise."""
    config = DENSE["llama"]
    dense = decoder(config)
    expected = logits(dense, config)
    found = {}
    for noise in (1e-2, 1e-4):
        settings = UpcycleSettings(
            experts=experts, used=used, pieces=pieces, noise=noise
        )
        model = mixture(config, dense, settings)
        found[noise] = float((logits(model, config) - expected).abs().max())

    assert found[1e-4] < 1e-3 * expected.abs().max()
    assert 10 * found[1e-4] < found[1e-2]


def test_router_differs_by_seed_alone():
    """One seed always gives the same router, another one another."""
    config = DENSE["llama"]
    dense = decoder(config)
    first, again, other = (
        mixture(config, dense, UpcycleSettings(seed=seed)).state_dict()
        for seed in (1, 1, 2)
    )
    router = "layers.1.ffn.router.weight"

    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first[router], other[router])


def test_leading_layers_stay_dense():
    """The layers that are left alone have the tensors that they had."""
    config = DENSE["llama"]
    dense = decoder(config)
    model = mixture(config, dense, UpcycleSettings(dense_layers=2))
    names = [name for name in model.state_dict() if name.startswith("layers.1.")]

    assert "layers.1.ffn.down.weight" in names
    for name in names:
        assert torch.equal(model.state_dict()[name], dense.state_dict()[name])


def test_folder(tmp_path):
    """A checkpoint folder becomes another one, its tokenizer taken along."""
    config = DENSE["qwen2"]
    dense = decoder(config)
    tokenizer = tmp_path / "any.gguf"
    tokenizer.write_bytes(b"tokens")
    save_checkpoint(tmp_path / "dense", config, dense.state_dict(), tokenizer=tokenizer)
    made = upcycle(
        tmp_path / "dense", tmp_path / "moe", UpcycleSettings(renormalise=True)
    )
    model = load_decoder(tmp_path / "moe")

    assert made.architecture == "deepseek"
    assert made.qkv_bias
    assert (tmp_path / "moe" / "tokenizer.gguf").read_bytes() == b"tokens"
    torch.testing.assert_close(logits(model, config), logits(dense, config))


@pytest.mark.parametrize(
    ("config", "settings", "message"),
    [
        (STARCODER, {}, "no SwiGLU"),
        (MLA, {}, "attention is special"),
        (replace(GQA, heads=4), {}, "heads that fill"),
        (GQA, {"shared": 2}, "80 hidden units cannot be cut into 3 parts"),
        (GQA, {"dense_layers": 3}, "leaves no layer"),
    ],
)
def test_what_cannot_be_upcycled(config, settings, message):
    """A base of another kind is refused, and it is said why."""
    with pytest.raises(ConfigError, match=message):
        upcycled_config(config, UpcycleSettings(**settings))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"used": 9}, "more than there are"),
        ({"pieces": 2, "used": 3}, "multiples of pieces"),
        ({"experts": 0}, "1 or more"),
        ({"noise": -1.0}, "0 or more"),
    ],
)
def test_settings_that_contradict(settings, message):
    """Numbers of experts that do not fit together are refused."""
    with pytest.raises(ConfigError, match=message):
        UpcycleSettings(**settings)
