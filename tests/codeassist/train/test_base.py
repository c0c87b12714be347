"""Which weights a training begins with."""

from dataclasses import replace

import pytest
import torch

from codeassist.commands import train_base
from codeassist.commands.train_base import find_base
from codeassist.training.checkpoint import read_config, read_tensors
from codeassist.training.fim_data import FimRecipe
from codeassist.training.fresh import random_checkpoint
from codeassist.training.presets import preset
from codeassist.training.recipe import BaseRecipe, DataRecipe, Recipe
from codeassist.training.upcycle import UpcycleSettings

TINY = replace(
    preset("smollm2-135m"),
    vocab_size=64,
    width=32,
    layers=2,
    heads=4,
    kv_heads=2,
    head_dim=8,
    ffn_width=64,
    context=64,
)
NAME = "layers.0.attention.q.weight"


def test_a_kill_while_unpacking_leaves_nothing_for_ever(tmp_path, monkeypatch):
    """Gigabytes of half a base are cleared by the next start, which makes it whole."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    random_checkpoint(tmp_path / "dense", TINY, seed=0)
    recipe = Recipe(
        base=BaseRecipe(model=str(tmp_path / "dense")),
        data=DataRecipe(fim=FimRecipe(length=64)),
        upcycle=UpcycleSettings(),
    )

    def die(_source, folder, _settings):
        folder.mkdir()
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(train_base, "upcycle", die)
        patch.setattr(train_base.shutil, "rmtree", lambda *_args, **_options: None)
        with pytest.raises(SystemExit):
            find_base(recipe).unpack()
    made = find_base(recipe).unpack()
    assert {path.name for path in made.parent.iterdir()} == {
        made.name,
        f".{made.name}.lock",
    }


def test_a_mixture_is_of_the_weights_that_lie_there(tmp_path, monkeypatch):
    """A dense checkpoint that was trained anew is upcycled anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "dense"
    recipe = Recipe(
        base=BaseRecipe(model=str(source)),
        data=DataRecipe(fim=FimRecipe(length=64)),
        upcycle=UpcycleSettings(),
    )
    for seed in (0, 1):
        random_checkpoint(source, TINY, seed=seed)
        mixture = find_base(recipe).unpack()
        found = read_tensors(mixture, read_config(mixture))[NAME]
        assert torch.equal(found, read_tensors(source, TINY)[NAME])
