"""A checkpoint folder's tensors, one at a time: safetensors read and written as a stream.

The layout is safetensors' own (length, JSON header, data); the library writes a file
from tensors that are all in memory, which a model that is being converted need not be.
The header's room is set aside before the first tensor and filled in behind the last.
"""

import errno
import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType, quants

from codeassist import whole
from codeassist.decoder import CONFIG_FILE as CONFIG
from codeassist.decoder import TOKENIZER_FILE as TOKENIZER
from codeassist.decoder import WEIGHTS_FILE as TENSORS
from codeassist.decoder import DecoderConfig, tensor_shapes
from codeassist.errors import DiskSpaceError, ModelError, ModelFileError

__all__ = ["CONFIG", "TENSORS", "TOKENIZER", "Array", "TensorReader", "TensorWriter"]
__all__ += ["BYTES", "check_space", "count", "is_pointer", "replacing"]
__all__ += ["to_float", "unwritable", "writing"]

Array = npt.NDArray[Any]

ROOM = 160
"""Bytes of header for each tensor, its name apart."""

SLACK = 16 * 1024**2
"""Bytes that must stay free beside the file."""

HEADER = 16 * 1024**2
"""Bytes that metadata and vocabulary may take on disk."""

BYTES: Mapping[str, int] = {"F32": 4, "F16": 2, "BF16": 2}
"""Of a number."""

LFS = b"version https://git-lfs"

FORMATS: Mapping[str, npt.DTypeLike] = {
    "F32": np.float32,
    "F16": np.float16,
    "BF16": np.uint16,  # numpy has no such type: its bits
    "F64": np.float64,
    "I64": np.int64,
    "I32": np.int32,
}


def to_float(array: Array, format_: str) -> Array:
    """Round float32 to ``F32``, ``F16`` or ``BF16`` (as bits in uint16).

    Raises:
        ModelFileError: a number is too large for F16.
    """
    if format_ == "F32":
        return np.ascontiguousarray(array, np.float32)
    if format_ == "BF16":
        bits = quants.quantize(
            np.ascontiguousarray(array, np.float32), GGMLQuantizationType.BF16
        )
        return bits.view(np.uint16).reshape(array.shape)
    with np.errstate(over="ignore"):
        half = np.ascontiguousarray(array).astype(np.float16)
    if not np.isfinite(half).all() and np.isfinite(array).all():
        msg = "a weight is too large for F16; convert to BF16 or F32"
        raise ModelFileError(msg)
    return half


def check_space(folder: Path, need: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Raises:
        DiskSpaceError: fewer than ``need`` bytes are free there.
    """
    free = shutil.disk_usage(folder).free
    if free < need + SLACK:
        msg = (
            f"{folder} needs {need / 1e6:.0f} MB and has {free / 1e6:.0f} MB free; "
            f"free some or name a folder with room"
        )
        raise DiskSpaceError(msg)


@contextmanager
def _making(path: Path) -> Iterator[None]:
    """The folders above ``path``, and what fails there in one line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise unwritable(path, error.errno, str(error.strerror)) from error


def unwritable(path: Path, number: int | None, why: str) -> ModelError:
    """What to say where a file or folder could not be written.

    Args:
        path: As the user knows it.
        number: The system's number of the error.
        why: What it says.
    """
    if number == errno.ENOSPC:
        return DiskSpaceError(f"{path} cannot be written ({why}); free some space")
    return ModelFileError(f"{path} cannot be written ({why}); name another place")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes ``path``'s place once the block has succeeded.

    Raises:
        DiskSpaceError: the disk is full.
        ModelFileError: the place cannot be written to.
    """
    with _making(path), whole.replacing(path) as part:
        yield part


def count(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Numbers in all tensors."""
    return sum(math.prod(shape) for shape in shapes.values())


@contextmanager
def writing(
    folder: Path, config: DecoderConfig, format_: str
) -> Iterator[tuple[Path, "TensorWriter"]]:
    """A checkpoint folder that is there whole once the block has succeeded.

    Args:
        folder: The place; a checkpoint that stands there is written over in the end.
        config: The decoder.
        format_: ``F32``, ``F16`` or ``BF16`` for all tensors.

    Yields:
        Where the block puts ``tokenizer.gguf``, and what it gives all tensors to.

    Raises:
        DiskSpaceError: no room for it.
        ModelFileError: the place cannot be written to.
    """
    shapes = tensor_shapes(config)
    with _making(folder), whole.filling(folder) as fresh:
        check_space(fresh, count(shapes) * BYTES[format_] + HEADER)
        with TensorWriter(fresh / TENSORS, [*shapes], format_) as out:
            yield fresh, out
        text = json.dumps(config.to_dict(), indent=1)
        (fresh / CONFIG).write_text(text + "\n", "utf-8")


class TensorWriter:
    """Writes tensors into a safetensors file as they come.

    Args:
        path: The file, in a folder that is not yet seen; it is whole when the ``with``
            block has succeeded.
        names: Every name that will come.
        format_: ``F32``, ``F16`` or ``BF16`` for all of them.
    """

    def __init__(self, path: Path, names: list[str], format_: str) -> None:
        room = sum(len(name) + ROOM for name in names)
        self._room = -(-room // 8) * 8
        self._format = format_
        self._header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        self._left = set(names)
        self._at = 0
        self._path = path

    def __enter__(self) -> "TensorWriter":
        self._file = self._path.open("wb")
        self._file.seek(8 + self._room)
        return self

    def add(self, name: str, array: Array) -> None:
        """Write one float32 tensor, rounded to the file's format."""
        self._left.remove(name)
        data = to_float(array, self._format)
        begin, self._at = self._at, self._at + data.nbytes
        self._header[name] = {
            "dtype": self._format,
            "shape": list(data.shape),
            "data_offsets": [begin, self._at],
        }
        self._file.write(data.data)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file as file:
            if error is not None:
                return
            assert not self._left, f"not written: {sorted(self._left)[:3]}"
            header = json.dumps(self._header, separators=(",", ":")).encode()
            assert len(header) <= self._room
            file.seek(0)
            file.write(self._room.to_bytes(8, "little"))
            file.write(header.ljust(self._room))
            file.flush()
            os.fsync(file.fileno())


def is_pointer(path: Path) -> bool:
    """Whether a file is only Git LFS's word of where the real one is."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(LFS)) == LFS


def _check_size(
    path: Path, name: str, format_: str, shape: tuple[int, ...], begin: int, end: int
) -> None:
    size = end - begin
    if format_ in FORMATS:
        size = math.prod(shape) * np.dtype(FORMATS[format_]).itemsize
    if begin < 0 or end - begin != size:
        msg = f"{path} is damaged ({name} is not of its size); write or fetch it again"
        raise ModelFileError(msg)


class TensorReader:
    """Reads tensors of a safetensors file by name, from the mapped file.

    Raises:
        ModelFileError: missing, damaged or cut short.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if is_pointer(path):
                msg = (
                    f"{path} is a pointer of Git LFS; run `git lfs pull` in its folder"
                )
                raise ModelFileError(msg)
            self._map: Any = np.memmap(path, np.uint8, "r")
            size = int.from_bytes(self._map[:8].tobytes(), "little")
            header = json.loads(self._map[8 : 8 + size].tobytes())
            header.pop("__metadata__", None)
            self._entries: dict[str, tuple[str, tuple[int, ...], int, int]] = {
                name: (e["dtype"], tuple(e["shape"]), *map(int, e["data_offsets"]))
                for name, e in header.items()
            }
        except OSError as error:
            msg = f"{path}: cannot be read ({error.strerror}); name a checkpoint folder"
            raise ModelFileError(msg) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"{path} is not a safetensors file, or damaged; write it again"
            raise ModelFileError(msg) from error
        self._begin = 8 + size
        for name, entry in self._entries.items():
            _check_size(path, name, *entry)
        end = max((e[3] for e in self._entries.values()), default=0)
        if len(self._map) < self._begin + end:
            msg = f"{path} is cut short; write it again"
            raise ModelFileError(msg)

    @property
    def formats(self) -> dict[str, str]:
        """Every tensor's type by safetensors' name."""
        return {name: entry[0] for name, entry in self._entries.items()}

    @property
    def sizes(self) -> dict[str, int]:
        """Every tensor's bytes."""
        return {name: entry[3] - entry[2] for name, entry in self._entries.items()}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor's shape, in the file's order."""
        return {name: entry[1] for name, entry in self._entries.items()}

    def __getitem__(self, name: str) -> Array:
        """One tensor, as float32.

        Raises:
            ModelFileError: it is not there or not of a type that is known.
        """
        if name not in self._entries:
            msg = f"{self.path} has no tensor {name}; write the checkpoint again"
            raise ModelFileError(msg)
        format_, shape, begin, end = self._entries[name]
        if format_ not in FORMATS:
            msg = f"{self.path}: {name} is {format_}; write it as F32, F16 or BF16"
            raise ModelFileError(msg)
        raw = self._map[self._begin + begin : self._begin + end]
        array = np.asarray(raw).view(FORMATS[format_]).reshape(shape)
        if format_ == "BF16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array.astype(np.float32, copy=False)
