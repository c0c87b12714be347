"""GGUF to checkpoint folder and back, one tensor in memory at a time."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter

from codeassist.decoder import DecoderConfig, tensor_shapes
from codeassist.errors import ConfigError, ModelFileError

from .checkpoint import (
    BYTES,
    CONFIG,
    HEADER,
    TENSORS,
    TOKENIZER,
    Array,
    TensorReader,
    check_space,
    replacing,
    to_float,
    writing,
)
from .gguf_file import GgufFile, Value
from .layout import Piece, pieces
from .read_config import read_config
from .write_config import write_config

__all__ = ["Format", "Progress", "copy_checkpoint", "load_config"]
__all__ += ["to_checkpoint", "to_gguf"]

Format = Literal["F32", "F16", "BF16"]
Progress = Callable[[str, int, int], None]
"""Told a tensor's name, how many are done, and how many there are."""

FILE_TYPES = {"F32": 0, "F16": 1, "BF16": 32}
DROPPED = ("general.file_type", "general.quantization_version", "general.alignment")
PRECISE = ("ffn_gate_inp.weight", "position_embd.weight")
"""Matrices that llama.cpp wants in F32."""


def to_checkpoint(
    source: Path,
    folder: Path,
    *,
    format_: Format = "F32",
    progress: Progress | None = None,
) -> DecoderConfig:
    """Unpack a GGUF into a checkpoint folder.

    Raises:
        ModelFileError: a damaged file, an unknown architecture or tensor type, a
            missing tokenizer or tensor.
        DiskSpaceError: no room for it.
    """
    file = GgufFile(source)
    config = read_config(file)
    if not file.n_tokens:
        msg = f"{source} has no tokenizer; take a file that has one"
        raise ModelFileError(msg)
    plan = _fitting(file, config)
    with writing(folder, config, format_) as (fresh, out):
        _write_vocabulary(fresh / TOKENIZER, file)
        for n, piece in enumerate(plan):
            if progress:
                progress(piece.theirs[0], n, len(plan))
            arrays = piece.to_ours([file[name] for name in piece.theirs])
            for name, array in zip(piece.ours, arrays, strict=True):
                out.add(name, array)
    if progress:
        progress("", len(plan), len(plan))
    return config


def copy_checkpoint(
    source: Path,
    folder: Path,
    *,
    format_: Format = "F32",
    progress: Progress | None = None,
    change: Callable[[str, Array], Array] = lambda _name, array: array,
) -> DecoderConfig:
    """Write a checkpoint folder again: in another format, or with other weights.

    Args:
        source: The folder that is read.
        folder: The one that is written.
        format_: Of its tensors.
        progress: See ``Progress``.
        change: Gives what is written of a tensor, by its name.

    Raises:
        ModelFileError: a damaged folder, or one that is to be written onto itself.
        DiskSpaceError: no room for it.
    """
    config = load_config(source)
    if source.resolve() == folder.resolve():
        msg = f"{folder} is the folder that is read; name another one"
        raise ModelFileError(msg)
    _vocabulary(source, config)
    tensors, shapes = TensorReader(source / TENSORS), tensor_shapes(config)
    _check_shapes(tensors.shapes, shapes, source)
    with writing(folder, config, format_) as (fresh, out):
        shutil.copyfile(source / TOKENIZER, fresh / TOKENIZER)
        for n, name in enumerate(shapes):
            if progress:
                progress(name, n, len(shapes))
            out.add(name, change(name, tensors[name]))
    if progress:
        progress("", len(shapes), len(shapes))
    return config


def to_gguf(
    folder: Path,
    target: Path,
    *,
    format_: Format = "F32",
    progress: Progress | None = None,
) -> None:
    """Write a checkpoint folder as one GGUF.

    Raises:
        ModelFileError: a damaged folder, a missing tokenizer, or a decoder that
            llama.cpp cannot run under its architecture's name.
        DiskSpaceError: no room for it.
    """
    config = load_config(folder)
    tensors = TensorReader(folder / TENSORS)
    _check_shapes(tensors.shapes, tensor_shapes(config), folder)
    metadata = write_config(config, _vocabulary(folder, config))
    metadata["general.file_type"] = Value(FILE_TYPES[format_], GGUFValueType.UINT32)
    plan = pieces(config)
    _make(target.parent)
    need = sum(np.prod(shape) for piece in plan for shape in piece.their_shapes)
    check_space(target.parent, int(need) * BYTES[format_] + HEADER)
    with replacing(target) as part:
        writer = _begin(part, metadata)
        formats = _announce(writer, plan, format_)
        for n, piece in enumerate(plan):
            if progress:
                progress(piece.theirs[0], n, len(plan))
            arrays = piece.to_theirs([tensors[name] for name in piece.ours])
            for name, array in zip(piece.theirs, arrays, strict=True):
                writer.write_tensor_data(to_float(array, formats[name]))
        writer.close()
    if progress:
        progress("", len(plan), len(plan))


def load_config(folder: Path) -> DecoderConfig:
    """Read a checkpoint folder's configuration.

    Raises:
        ModelFileError: missing or damaged.
    """
    path = folder / CONFIG
    try:
        return DecoderConfig.from_dict(json.loads(path.read_text("utf-8")))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); name a checkpoint folder"
        raise ModelFileError(msg) from error
    except (ValueError, TypeError, ConfigError) as error:
        msg = f"{path} is damaged ({error}); convert the model again"
        raise ModelFileError(msg) from error


def _fitting(file: GgufFile, config: DecoderConfig) -> list[Piece]:
    """The pieces of a GGUF, all there and of the right shapes, and nothing beside."""
    plan = pieces(config, frozenset(file.shapes))
    wanted = {
        name: shape
        for piece in plan
        for name, shape in zip(piece.theirs, piece.their_shapes, strict=True)
    }
    _check_shapes(file.shapes, wanted, file.path)
    return plan


Shapes = dict[str, tuple[int, ...]]


def _check_shapes(found: Shapes, wanted: Shapes, where: Path) -> None:
    for name, shape in wanted.items():
        if name not in found:
            msg = f"{where} has no tensor {name}; fetch or convert it again"
            raise ModelFileError(msg)
        if found[name] != shape:
            msg = f"{where}: {name} is {found[name]}, its configuration says {shape}"
            raise ModelFileError(msg)
    if found.keys() != wanted.keys():
        extra = min(found.keys() - wanted.keys())
        msg = f"{where} has a tensor {extra}, for which the decoder has no place"
        raise ModelFileError(msg)


def _vocabulary(folder: Path, config: DecoderConfig) -> dict[str, Value]:
    path = folder / TOKENIZER
    if not path.is_file():
        msg = (
            f"{folder} has no {TOKENIZER}; copy one there (any GGUF of its vocabulary)"
        )
        raise ModelFileError(msg)
    file = GgufFile(path)
    if file.n_tokens != config.vocab_size:
        msg = (
            f"{path} has {file.n_tokens} tokens, the checkpoint {config.vocab_size}; "
            f"copy the model's own there"
        )
        raise ModelFileError(msg)
    return {key: file.values[key] for key in file.values if key not in DROPPED}


def _write_vocabulary(path: Path, file: GgufFile) -> None:
    writer = _begin(path, dict(file.values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()


def _begin(path: Path, metadata: dict[str, Value]) -> Any:
    """A writer that has been told the metadata."""
    writer = GGUFWriter(path, str(metadata["general.architecture"].content))
    for key, value in metadata.items():
        empty = value.kind == GGUFValueType.ARRAY and not value.content
        if key != "general.architecture" and not empty:
            writer.add_key_value(key, value.content, value.kind, value.item)
    return writer


def _announce(writer: GGUFWriter, plan: list[Piece], format_: str) -> dict[str, str]:
    """Write everything that stands before the data; return each tensor's format."""
    formats = {}
    for piece in plan:
        for name, shape in zip(piece.theirs, piece.their_shapes, strict=True):
            precise = len(shape) == 1 or name.endswith(PRECISE)
            formats[name] = "F32" if precise else format_
            kind = GGMLQuantizationType[formats[name]]
            size = int(np.prod(shape)) * BYTES[formats[name]]
            writer.add_tensor_info(name, shape, np.dtype(np.float32), size, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    return formats


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot be made ({error.strerror}); name another folder"
        raise ModelFileError(msg) from error
