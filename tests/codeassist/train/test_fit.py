"""What a training could not end with, or not go through, is refused before it begins."""

from contextlib import nullcontext

import pytest

from codeassist.commands.train_fit import fitted
from codeassist.errors import ConfigError, ModelFileError
from codeassist.quantize.lora import unserved
from codeassist.training.fim_data import FimRecipe
from codeassist.training.loop import LoopSettings
from codeassist.training.lora import LoraParts
from codeassist.training.recipe import DataRecipe, Recipe
from tests.codeassist.train.conftest import LORA, RECIPE
from tests.training.shapes import FAMILIES, MLA, MLA_LITE, QWEN, STARCODER

SHORT = DataRecipe(length=64, fim=FimRecipe(length=64))


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["train", "dry run"])
def test_an_adapter_that_llama_cpp_cannot_run(go, tmp_path, dry):
    """It is refused before the first step, not behind the last one."""
    with pytest.raises(ConfigError, match=r"names embedding, .* take it out"):
        go(LORA + 'targets = ["layers.*", "embedding"]\n', *dry)
    assert not (tmp_path / "out").exists()


def test_a_gguf_that_llama_cpp_cannot_run(go, tmp_path):
    """A mixture with gates of another kind is refused where a GGUF is wanted of it."""
    text = RECIPE + "[upcycle]\nexperts = 4\nrenormalise = true\n"
    with pytest.raises(ModelFileError, match="its gate renormalises"):
        go(text, "--gguf", "F16")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("config", FAMILIES.values(), ids=FAMILIES)
def test_default_targets_can_be_run(config):
    """Whatever the base is, the default adapts what llama.cpp adapts."""
    lora = fitted(Recipe(data=SHORT, lora=LoraParts()), config, None).lora
    assert lora is not None
    assert not any(unserved(name, config) for name in lora.shapes(config))
    assert (lora.targets == ("layers.*",)) is (config not in {STARCODER, MLA, MLA_LITE})


@pytest.mark.parametrize(
    ("example", "length", "compiled", "fits"),
    [
        (64, 128, False, True),
        (65, 128, False, False),
        (64, 128, True, False),
        (64, 64, True, True),
    ],
)
def test_learned_positions_end(example, length, compiled, fits):
    """Where positions are learned no batch of one example may reach beyond them."""
    data = DataRecipe(length=length, fim=FimRecipe(length=example))
    recipe = Recipe(data=data, loop=LoopSettings(compile=compiled))
    assert fitted(recipe, QWEN, None) == recipe
    with nullcontext() if fits else pytest.raises(ConfigError, match="64 positions"):
        assert fitted(recipe, STARCODER, None) == recipe
