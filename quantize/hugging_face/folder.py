"""A Hugging Face folder opened and converted, one tensor in memory at a time."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from codeassist.decoder import (
    CONFIG_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    DecoderConfig,
)
from codeassist.errors import ModelFileError
from codeassist.quantize.checkpoint import Array, TensorReader, writing

from .config import read_hf_config
from .names import hf_pieces
from .tokenizer import write_vocabulary

__all__ = ["Shards", "from_hugging_face", "open_hugging_face", "vocabulary_alone"]

INDEX = "model.safetensors.index.json"
UNLEARNED = (".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias")
"""Ends of names of what old checkpoints keep beside the weights."""


class Shards:
    """Tensors of one safetensors file, or of the many that an index names.

    Raises:
        ModelFileError: missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._where: dict[str, TensorReader] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.formats: dict[str, str] = {}
        """Types by safetensors' names."""

        self.sizes: dict[str, int] = {}
        """Bytes."""

        for reader in map(TensorReader, _files(folder)):
            learned = [name for name in reader.shapes if not name.endswith(UNLEARNED)]
            self._where |= dict.fromkeys(learned, reader)
            shapes, formats, sizes = reader.shapes, reader.formats, reader.sizes
            self.shapes |= {name: shapes[name] for name in learned}
            self.formats |= {name: formats[name] for name in learned}
            self.sizes |= {name: sizes[name] for name in learned}

    def __getitem__(self, name: str) -> Array:
        """One tensor, as float32."""
        return self._where[name][name]


def _files(folder: Path) -> list[Path]:
    one, index = folder / WEIGHTS_FILE, folder / INDEX
    if one.is_file():
        return [one]
    if not index.is_file():
        old = min(folder.glob("*.bin"), default=None)
        what = f"; {old.name} is not read, save it as safetensors" if old else ""
        msg = f"{folder} has no {WEIGHTS_FILE}{what or '; name a model'}"
        raise ModelFileError(msg)
    places = _json(index).get("weight_map")
    named = [*places.values()] if isinstance(places, dict) else []
    if not named or not all(isinstance(name, str) for name in named):
        msg = f"{index} names no files; fetch it again"
        raise ModelFileError(msg)
    names = sorted({*named})
    if missing := [name for name in names if not (folder / name).is_file()]:
        msg = (
            f"{folder} lacks {', '.join(missing)}, of its {len(names)} files; fetch it"
        )
        raise ModelFileError(msg)
    return [folder / name for name in names]


def open_hugging_face(folder: Path) -> tuple[DecoderConfig, Shards]:
    """Read what a folder says of its decoder, and open its tensors.

    Raises:
        ModelFileError: damaged, or of a family that is not known.
    """
    config = read_hf_config(_json(folder / CONFIG_FILE), folder)
    shards = Shards(folder)
    if not config.tied and "lm_head.weight" not in shards.shapes:
        config = replace(config, tied=True)
    return config, shards


def from_hugging_face(
    source: Path,
    folder: Path,
    *,
    format_: str = "F32",
    progress: Callable[[str, int, int], None] | None = None,
) -> DecoderConfig:
    """Write a checkpoint folder of ours.

    Raises:
        ModelFileError: damaged, of a family that is not known, or with a vocabulary
            that cannot be translated.
        DiskSpaceError: no room for it.
    """
    config, shards = open_hugging_face(source)
    plan = hf_pieces(config)
    wanted = {
        name: shape
        for piece in plan
        for name, shape in zip(piece.theirs, piece.their_shapes, strict=True)
    }
    _check(shards.shapes, wanted, source, tied=config.tied)
    with writing(folder, config, format_) as (fresh, out):
        own, vocabulary = source / TOKENIZER_FILE, fresh / TOKENIZER_FILE
        if own.is_file():
            shutil.copyfile(own, vocabulary)
        else:
            write_vocabulary(
                source,
                vocabulary,
                architecture=config.architecture,
                size=config.vocab_size,
            )
        for n, piece in enumerate(plan):
            if progress:
                progress(piece.theirs[0], n, len(plan))
            arrays = piece.to_ours([shards[name] for name in piece.theirs])
            for name, array in zip(piece.ours, arrays, strict=True):
                out.add(name, array)
    if progress:
        progress("", len(plan), len(plan))
    return config


def vocabulary_alone(source: Path, target: Path) -> None:
    """Write the ``tokenizer.gguf`` of a folder, also of a family that is not known.

    Raises:
        ModelFileError: a damaged folder, or a vocabulary that cannot be translated.
    """
    keys = _json(source / CONFIG_FILE)
    try:
        architecture = read_hf_config(keys, source).architecture
    except ModelFileError:
        architecture = "llama"  # llama.cpp opens a vocabulary under names it knows
    size = keys.get("vocab_size")
    if not isinstance(size, int):
        msg = f"{source}: its configuration has no vocab_size; fetch it again"
        raise ModelFileError(msg)
    write_vocabulary(source, target, architecture=architecture, size=size)


def _check(
    found: Mapping[str, tuple[int, ...]],
    wanted: Mapping[str, tuple[int, ...]],
    where: Path,
    *,
    tied: bool,
) -> None:
    for name, shape in wanted.items():
        if name not in found:
            msg = f"{where} has no tensor {name}; fetch it again"
            raise ModelFileError(msg)
        if found[name] != shape:
            msg = f"{where}: {name} is {found[name]}, its configuration says {shape}"
            raise ModelFileError(msg)
    extra = found.keys() - wanted.keys() - ({"lm_head.weight"} if tied else set())
    if extra:
        msg = f"{where} has a tensor {min(extra)}, for which the decoder has no place"
        raise ModelFileError(msg)


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); name a model's folder"
        raise ModelFileError(msg) from error
    except ValueError as error:
        msg = f"{path} is damaged ({error}); fetch it again"
        raise ModelFileError(msg) from error
    if not isinstance(values, dict):
        msg = f"{path} is damaged (no object); fetch it again"
        raise ModelFileError(msg)
    return values
