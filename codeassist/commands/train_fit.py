"""A recipe held against its base: what could not be had in the end is refused first."""

from dataclasses import replace

from codeassist.decoder import DecoderConfig
from codeassist.errors import ConfigError
from codeassist.quantize.convert import Format
from codeassist.quantize.families import check_runs
from codeassist.quantize.lora import served_targets, unserved
from codeassist.training.loop import longest_batch
from codeassist.training.lora import LoraParts
from codeassist.training.recipe import Recipe

__all__ = ["fitted"]


def fitted(recipe: Recipe, config: DecoderConfig, gguf: Format | None) -> Recipe:
    """The recipe; the default ``lora.targets`` become those that llama.cpp runs.

    Args:
        recipe: What is to be trained.
        config: Of its base.
        gguf: The GGUF that is wanted after full training, if any.

    Raises:
        ConfigError: rows longer than the positions that the base has learned, or an
            adapter that llama.cpp could not run.
        ModelFileError: a GGUF that llama.cpp could not run.
    """
    _check_positions(recipe, config)
    if gguf:
        check_runs(config)
    lora = recipe.lora
    if lora is None:
        return recipe
    if lora.targets == LoraParts().targets:
        lora = replace(lora, targets=served_targets(config))
    for name in lora.shapes(config):
        if why := unserved(name, config):
            msg = (
                f"lora.targets names {name.removesuffix('.weight')}, which no adapter "
                f"can change: {why}; take it out"
            )
            raise ConfigError(msg)
    return replace(recipe, lora=lora)


def _check_positions(recipe: Recipe, config: DecoderConfig) -> None:
    data = recipe.data
    example = data.fim.length if data.sources else data.length
    longest = longest_batch(example, data.length, recipe.loop)
    if config.rope is None and longest > config.context:
        msg = (
            f"the base has learned {config.context} positions and an example takes up "
            f"to {longest}; lower data.fim.length or data.length"
        )
        raise ConfigError(msg)
