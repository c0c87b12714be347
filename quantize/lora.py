"""LoRA adapters in llama.cpp's format: written, read, and merged into weights.

A checkpoint of an adapter has, for a tensor ``layers.0.attention.q.weight``, a pair
``a`` of ``(rank, columns)`` and ``b`` of ``(rows, rank)``; the change of the weight is
``alpha / rank * b @ a``. llama.cpp keeps the embedding's pair the other way round.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

from codeassist.decoder import DecoderConfig, gguf_name, tensor_shapes
from codeassist.errors import AdapterError

from .checkpoint import Array, replacing, to_float
from .convert import Format, Progress, copy_checkpoint, load_config
from .gguf_file import GgufFile
from .layout import reorder

__all__ = [
    "Adapter",
    "Pair",
    "merge",
    "read_adapter",
    "served_targets",
    "unserved",
    "write_adapter",
]

EMBEDDING = "embedding.weight"
FUSED = tuple(f"attention.{part}.weight" for part in "qkv")
LAYER = re.compile(r"layers\.\d+\.")
ALPHA = "adapter.lora.alpha"
UNHEARD = (
    *(f"attention.{part}.weight" for part in ("q", "q_a", "q_b", "kv_a", "kv_b")),
    "output.weight",
)
"""Of ``deepseek2``: its graph multiplies these without asking for adapters."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The two halves of one change of a weight."""

    a: Array
    """*Shape:* ``(rank, columns)``."""

    b: Array
    """*Shape:* ``(rows, rank)``."""

    @property
    def rank(self) -> int:
        """Inner width."""
        return int(self.a.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """Changes of some weights, by our names of them."""

    alpha: float
    """A change is scaled by ``alpha / rank``."""

    pairs: Mapping[str, Pair]


def write_adapter(
    path: Path,
    adapter: Adapter,
    config: DecoderConfig,
    *,
    format_: Format = "F32",
    name: str = "",
) -> None:
    """Write an adapter for the GGUF of a decoder of this configuration.

    Raises:
        AdapterError: it does not fit the decoder, or llama.cpp could not run it.
    """
    _check(adapter, config, path)
    with replacing(path) as part:
        writer = GGUFWriter(part, config.architecture)
        writer.add_type("adapter")
        if name:
            writer.add_name(name)
        writer.add_string("adapter.type", "lora")
        writer.add_float32(ALPHA, adapter.alpha)
        kind = GGMLQuantizationType[format_]
        for ours, pair in adapter.pairs.items():
            a, b = _turned(config, ours, pair, out=True)
            for half, array in (("a", a), ("b", b)):
                label = f"{gguf_name(ours)}.lora_{half}"
                writer.add_tensor(label, to_float(array, format_), raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def served_targets(config: DecoderConfig) -> tuple[str, ...]:
    """Patterns of the layers' matrices that llama.cpp runs an adapter beside."""
    shapes = tensor_shapes(config)
    names = [n for n in shapes if n.startswith("layers.") and len(shapes[n]) == 2]
    served = [name for name in names if not unserved(name, config)]
    if len(served) == len(names):
        return ("layers.*",)
    every = {LAYER.sub("layers.*.", name).removesuffix(".weight") for name in served}
    return tuple(sorted(every))


def read_adapter(path: Path, config: DecoderConfig) -> Adapter:
    """Read an adapter that was made for a decoder of this configuration.

    Raises:
        AdapterError: another kind of file, or made for another model.
        ModelFileError: a damaged file.
    """
    file = GgufFile(path)
    kind = file.get("general.type"), file.get("adapter.type")
    alpha = file.get(ALPHA)
    if kind != ("adapter", "lora") or not isinstance(alpha, float):
        msg = f"{path} is not a LoRA adapter in llama.cpp's format; name one"
        raise AdapterError(msg)
    if file.architecture != config.architecture:
        msg = f"{path} was made for {file.architecture}, not for {config.architecture}"
        raise AdapterError(msg)
    adapter = Adapter(alpha, dict(_pairs(file, config)))
    _check(adapter, config, path)
    return adapter


def merge(
    folder: Path,
    adapter: Adapter,
    target: Path,
    *,
    scale: float = 1.0,
    format_: Format = "F32",
    progress: Progress | None = None,
) -> None:
    """Write a checkpoint folder with an adapter merged into its weights.

    What llama.cpp could not run as an adapter (tied embeddings, fused or latent
    attention) can be merged.

    Raises:
        AdapterError: the adapter does not fit.
        ModelFileError: a damaged folder.
        DiskSpaceError: no room for it.
    """
    _check(adapter, load_config(folder), folder, served=False)

    def change(name: str, weight: Array) -> Array:
        pair = adapter.pairs.get(name)
        if pair is None:
            return weight
        step = np.float32(scale * adapter.alpha / pair.rank)
        changed: Array = weight + step * (pair.b @ pair.a)
        return changed

    copy_checkpoint(folder, target, format_=format_, progress=progress, change=change)


def _pairs(file: GgufFile, config: DecoderConfig) -> Iterator[tuple[str, Pair]]:
    ours = {gguf_name(name): name for name in tensor_shapes(config)}
    shapes = file.shapes
    for label in shapes:
        theirs, dot, half = label.rpartition(".lora_")
        name, other = ours.get(theirs), theirs + dot + ("b" if half == "a" else "a")
        if not dot or half not in "ab" or name is None or other not in shapes:
            msg = f"{file.path}: {label} fits no tensor of the model, or lacks its half"
            raise AdapterError(msg)
        if half == "a":
            a, b = file[label], file[other]
            yield name, Pair(*_turned(config, name, Pair(a, b), out=False))


def _turned(
    config: DecoderConfig, name: str, pair: Pair, *, out: bool
) -> tuple[Array, Array]:
    if name == EMBEDDING:  # (tokens, rank) and (width, rank) there
        return (pair.b, pair.a.T) if out else (pair.b.T, pair.a)
    return pair.a, reorder(config, name, pair.b, out=out)


def _check(
    adapter: Adapter, config: DecoderConfig, where: Path, *, served: bool = True
) -> None:
    shapes: Mapping[str, Any] = tensor_shapes(config)
    if not adapter.pairs:
        msg = f"{where}: the adapter changes nothing; train one"
        raise AdapterError(msg)
    for name, pair in adapter.pairs.items():
        wrong = _misfit(pair, shapes.get(name))
        if served and not wrong and (why := unserved(name, config)):
            wrong = f"{why}; merge it"
        if wrong:
            msg = f"{where}: the adapter of {name} cannot be used: {wrong}"
            raise AdapterError(msg)


def _misfit(pair: Pair, shape: tuple[int, ...] | None) -> str:
    if shape is None or len(shape) != 2:
        return "the model has no such matrix"
    if (pair.b.shape[0], pair.a.shape[1]) != shape or pair.b.shape[1:] != (pair.rank,):
        return f"it is {shape}, its pair is {pair.a.shape} and {pair.b.shape}"
    return ""


def unserved(name: str, config: DecoderConfig) -> str:
    """Say why llama.cpp could not adapt a tensor; empty: it could. Merging always works."""
    if name == EMBEDDING and config.tied:
        return "its output layer is the embedding"
    if config.architecture == "starcoder" and name.endswith(FUSED):
        return "llama.cpp keeps q, k and v in one matrix"
    if config.latent and name.endswith(UNHEARD):
        return "llama.cpp would load it and leave it out"
    return ""
