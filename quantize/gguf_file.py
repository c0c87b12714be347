"""A GGUF opened for conversion: its metadata with types, its tensors as float32."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, quants

from codeassist.errors import ModelFileError

from .checkpoint import Array

__all__ = ["GgufFile", "Value"]

SPLIT = "split."
"""What keys begin with that only a model in many files has."""

TOKENS = "tokenizer.ggml.tokens"
DAMAGED = (ValueError, IndexError, KeyError, OverflowError, struct.error, TypeError)


@dataclass(frozen=True, slots=True)
class Value:
    """One metadata value with its GGUF types."""

    content: Any
    kind: GGUFValueType
    item: GGUFValueType | None = None
    """Of an array's items."""


class _Reader(GGUFReader):
    """The package's reader, with arrays read in one stroke.

    The package makes two numpy arrays of every string of the vocabulary, seven
    seconds for a 0.5B model; this takes half of one.
    """

    def _get_field_parts(
        self, orig_offs: int, raw_type: int
    ) -> tuple[int, list[Any], list[int], list[GGUFValueType]]:
        if raw_type != GGUFValueType.ARRAY or self.byte_order != "I":
            return super()._get_field_parts(orig_offs, raw_type)
        kind, n = struct.unpack_from("<IQ", self._view(), orig_offs)
        item, at = GGUFValueType(kind), orig_offs + 12
        types = [GGUFValueType.ARRAY, item]
        if item == GGUFValueType.STRING:
            parts = self._strings(at, n)
            end = at + sum(len(part) + 8 for part in parts)
            return end - orig_offs, parts, list(range(n)), types
        dtype = self.gguf_scalar_to_np[item]  # nested arrays: none are known
        values = self._get(at, dtype, n)
        if len(values) != n:
            msg = "an array goes on past the end of the file"
            raise ValueError(msg)
        return 12 + values.nbytes, [values], [0], types

    def _view(self) -> memoryview:
        return memoryview(cast(bytes, self.data))

    def _strings(self, at: int, n: int) -> list[Any]:
        data, unpack = self._view(), struct.Struct("<Q").unpack_from
        parts = []
        for _ in range(n):
            size = unpack(data, at)[0]
            if at + 8 + size > len(data):
                msg = "a string goes on past the end of the file"
                raise ValueError(msg)
            parts.append(data[at + 8 : at + 8 + size])
            at += 8 + size
        return parts


def _other_parts(path: Path, first: GGUFReader) -> list[Path]:
    """The files after the first that a split model lies in, by llama.cpp's names."""
    fields = (first.get_field(SPLIT + key) for key in ("count", "no"))
    count, number = (int(field.contents()) if field else 0 for field in fields)
    if count < 2:
        return []
    stem, found, _ = path.name.rpartition(f"-{number + 1:05}-of-{count:05}.gguf")
    names = [f"{stem}-{n:05}-of-{count:05}.gguf" for n in range(1, count + 1)]
    if number or not found:
        msg = f"{path} is part {number + 1} of {count} of a model; name "
        raise ModelFileError(msg + (names[0] if found else "it as llama.cpp does"))
    return [path.with_name(name) for name in names[1:]]


class GgufFile:
    """Owner of a mapped GGUF; of a model that is split, of all of its files.

    Args:
        path: The file, or the first of many.

    Raises:
        ModelFileError: missing, foreign, damaged, cut short, or with a tensor type
            that the ``gguf`` package does not know.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            first = _Reader(path)
            others = _other_parts(path, first)
            self.paths = (path, *others)
            """All files that the model lies in."""

            self._tensors = {
                each.name: each
                for reader in (first, *map(_Reader, others))
                for each in reader.tensors
            }
            self.values: Mapping[str, Value] = {
                name: Value(
                    field.contents(),
                    field.types[0],
                    field.types[-1] if len(field.types) > 1 else None,
                )
                for name, field in first.fields.items()
                if not name.startswith(("GGUF.", SPLIT))
            }
        except OSError as error:
            name = error.filename or path
            msg = f"{name}: cannot be read ({error.strerror}); name a GGUF file"
            raise ModelFileError(msg) from error
        except DAMAGED as error:
            msg = (
                f"{path} is not a GGUF, cut short, or of a type that is not known "
                f"({str(error).strip(chr(39))}); fetch or convert it again"
            )
            raise ModelFileError(msg) from error

    @property
    def architecture(self) -> str:
        """llama.cpp's name of it."""
        return str(self.get("general.architecture", ""))

    def get(self, key: str, default: Any = None) -> Any:
        """One metadata value, or ``default``."""
        value = self.values.get(key)
        return default if value is None else value.content

    def need(self, key: str) -> Any:
        """One metadata value that must be there.

        Raises:
            ModelFileError: it is not.
        """
        if key not in self.values:
            msg = f"{self.path} has no {key} in its metadata; convert it again"
            raise ModelFileError(msg)
        return self.values[key].content

    @property
    def n_tokens(self) -> int:
        """Size of the vocabulary; 0: there is no tokenizer."""
        return len(self.get(TOKENS, ()))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor's shape in numpy's order (rows first)."""
        return {
            name: tuple(int(dim) for dim in reversed(each.shape))
            for name, each in self._tensors.items()
        }

    @property
    def types(self) -> dict[str, str]:
        """Every tensor's type by ggml's name."""
        return {name: each.tensor_type.name for name, each in self._tensors.items()}

    def raw(self, name: str) -> tuple[Array, GGMLQuantizationType]:
        """One tensor's bytes as they stand in the file, and their type."""
        return self._tensors[name].data, self._tensors[name].tensor_type

    def __getitem__(self, name: str) -> Array:
        """One tensor as float32.

        Raises:
            ModelFileError: it is not there, or of a type that cannot be unpacked.
        """
        if name not in self._tensors:
            msg = f"{self.path} has no tensor {name}; fetch or convert it again"
            raise ModelFileError(msg)
        tensor = self._tensors[name]
        try:
            array: Array = quants.dequantize(tensor.data, tensor.tensor_type)
        except (NotImplementedError, KeyError) as error:
            msg = (
                f"{self.path}: {name} is {tensor.tensor_type.name}, which cannot be "
                f"unpacked; start from an F16, Q8_0 or K-quant file"
            )
            raise ModelFileError(msg) from error
        return array.astype(np.float32, copy=False)
