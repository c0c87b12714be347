"""A decoder that nobody has trained: the shape of a preset, and random weights."""

from dataclasses import asdict, replace
from pathlib import Path

import torch

from codeassist.decoder import DecoderConfig

from .checkpoint import save_checkpoint
from .model import Decoder
from .recipe import Sizes

__all__ = ["random_checkpoint", "sized"]


def sized(config: DecoderConfig, sizes: Sizes, *, vocab_size: int) -> DecoderConfig:
    """A shape with other sizes.

    Raises:
        ConfigError: they do not fit together.
    """
    given = {name: size for name, size in asdict(sizes).items() if size is not None}
    return replace(config, vocab_size=vocab_size, **given)


def random_checkpoint(folder: Path, config: DecoderConfig, *, seed: int) -> None:
    """Write a checkpoint of random weights, without a tokenizer.

    Raises:
        ModelFileError: ``folder`` is in use for something else.
    """
    decoder = Decoder(config).to(torch.float32)
    decoder.initialise(seed)
    save_checkpoint(folder, config, decoder.state_dict())
