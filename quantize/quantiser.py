"""llama.cpp's own quantiser, with what became of each tensor."""

import ctypes
import errno
import os
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import disk_usage
from threading import Event
from typing import Any

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from codeassist.errors import ModelError, ModelFileError

from .checkpoint import Array, check_space, replacing, unwritable
from .gguf_file import GgufFile
from .running import aside, llama, log_to

__all__ = ["TENSOR_TYPES", "TYPES", "Fallback", "Report", "Tensor", "check_floats"]
__all__ += ["check_types", "quantise"]

TYPES: Mapping[str, int] = {
    "F32": 0,
    "F16": 1,
    "BF16": 32,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q5_0": 8,
    "Q5_1": 9,
    "Q8_0": 7,
    "Q2_K": 10,
    "Q3_K_S": 11,
    "Q3_K_M": 12,
    "Q3_K_L": 13,
    "Q4_K_S": 14,
    "Q4_K_M": 15,
    "Q5_K_S": 16,
    "Q5_K_M": 17,
    "Q6_K": 18,
    "IQ4_NL": 25,
    "IQ4_XS": 30,
}
"""Quantisations by name, with llama.cpp's numbers for them."""

TENSOR_TYPES = (
    *("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"),
    *("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"),
)
"""What a single tensor can be, by ggml's names."""

BITS: Mapping[str, float] = {"F32": 32, "F16": 16, "BF16": 16, "Q8_0": 8.5}
MOST_BITS = 9.0
"""No other type takes more for a weight."""

STREAM = "iostream"
"""In what llama.cpp says where it cannot write: it reads by other means."""

MEBIBYTE = 1024**2

PATIENCE = 0.1
"""Seconds from one look at a quantiser that is to stop to the next."""

NO_FIT = re.compile(r"(?P<name>\S+) +- ncols .*required for type +(?P<type>\w+)")
STEP = re.compile(r"^\[ *(?P<n>\d+)/ *\d+\] +(?P<name>\S+) +- \[")
Importance = Mapping[str, Array]
"""Tensor name to the mean square of each input channel: float32 ``(columns,)``, or
``(experts * columns,)`` of experts."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What became of one tensor."""

    name: str
    shape: tuple[int, ...]
    before: str
    after: str
    wanted: str = ""
    """The mixture's type for it, where its rows do not divide into that one's blocks
    and it fell back to another."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why tensors did not get the type that the mixture wanted."""

    columns: int
    wanted: str
    after: str

    def __str__(self) -> str:
        """One line for a person."""
        block = GGML_QUANT_SIZES[GGMLQuantizationType[self.wanted]][0]
        return (
            f"{self.columns:,} is not a multiple of {block}: "
            f"{self.after} instead of {self.wanted}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a model."""

    tensors: tuple[Tensor, ...]
    size_before: int
    size_after: int

    @property
    def types(self) -> Counter[str]:
        """How many tensors have which type."""
        return Counter(tensor.after for tensor in self.tensors)

    @property
    def fallbacks(self) -> tuple[Tensor, ...]:
        """Tensors that got another type than the mixture wanted."""
        return tuple(tensor for tensor in self.tensors if tensor.wanted)

    @property
    def reasons(self) -> Counter[Fallback]:
        """How many tensors fell back for which reason."""
        return Counter(
            Fallback(tensor.shape[-1], tensor.wanted, tensor.after)
            for tensor in self.fallbacks
        )


def quantise(
    source: Path,
    target: Path,
    kind: str,
    *,
    importance: Importance | None = None,
    output: str = "",
    embedding: str = "",
    pure: bool = False,
    threads: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Quantise a GGUF of floats.

    Args:
        source: The GGUF; one that is quantised already is refused, it would lose twice.
        target: Where the result goes.
        kind: One of ``TYPES``.
        importance: See ``Importance``; names must be those of the model.
        output: One of ``TENSOR_TYPES`` for the output layer; empty: the mixture's.
        embedding: The same for the embedding, which is the output of a tied model.
        pure: The same type for every matrix, no mixture.
        threads: 0: as many as there are cores.
        progress: Told a tensor's name, how many are done, and how many there are.

    Raises:
        ModelFileError: an unknown type, a file that is not of floats, an importance
            that does not fit, or llama.cpp's refusal.
        DiskSpaceError: no room for it.
    """
    check_types(kind, output, embedding)
    before = GgufFile(source)
    _check(before, importance or {})
    weights = sum(int(np.prod(shape)) for shape in before.shapes.values())
    need = int(weights * BITS.get(kind, MOST_BITS) / 8)
    with replacing(target) as part:
        check_space(part.parent, need)
        log = _Log(len(before.types), progress)
        with log_to(log.hear):
            params = _params(kind, output, embedding, pure=pure, threads=threads)
            run = partial(_run, source, part, params, importance or {})
            status = aside(run, log.stop)
        if status:
            raise _failure(source, target, log.last)
        after = GgufFile(part)
        return Report(
            tensors=tuple(_tensors(before, after, log.wanted)),
            size_before=sum(each.stat().st_size for each in before.paths),
            size_after=part.stat().st_size,
        )


def _failure(source: Path, target: Path, said: str) -> ModelError:
    if STREAM not in said:
        msg = f"llama.cpp could not quantise {source} ({said}); convert it again"
        return ModelFileError(msg)
    full = disk_usage(target.parent).free < MEBIBYTE
    return unwritable(target, errno.ENOSPC if full else None, said)


def check_types(kind: str, output: str = "", embedding: str = "") -> None:
    """Refuse names of types as of `quantise` that are not known.

    Raises:
        ModelFileError: with those that are.
    """
    for name, known in (
        (kind, TYPES),
        (output, TENSOR_TYPES),
        (embedding, TENSOR_TYPES),
    ):
        if name not in known and (name or known is TYPES):
            msg = f"quantisation {name} is not known; take one of {', '.join(known)}"
            raise ModelFileError(msg)


def check_floats(file: GgufFile) -> None:
    """Refuse a file that is quantised already.

    Raises:
        ModelFileError: it is.
    """
    for name, kind in file.types.items():
        if kind not in ("F32", "F16", "BF16"):
            msg = (
                f"{file.path} is quantised already ({name} is {kind}); start from a "
                f"file of F32, F16 or BF16"
            )
            raise ModelFileError(msg)


def _check(file: GgufFile, importance: Importance) -> None:
    check_floats(file)
    shapes = file.shapes
    for name, means in importance.items():
        shape = shapes.get(name)
        if shape is None:
            msg = f"the importance matrix names {name}, which {file.path} has not"
            raise ModelFileError(msg)
        wanted = shape[-1] * (shape[0] if len(shape) > 2 else 1)
        if means.size != wanted or not np.isfinite(means).all():
            msg = f"the importance of {name} is not {wanted} finite numbers"
            raise ModelFileError(msg)


def _params(kind: str, output: str, embedding: str, *, pure: bool, threads: int) -> Any:
    params = llama().llama_model_quantize_default_params()
    params.ftype, params.pure, params.nthread = TYPES[kind], pure, threads
    if output:
        params.output_tensor_type = GGMLQuantizationType[output]
    if embedding:
        params.token_embedding_type = GGMLQuantizationType[embedding]
    return params


def _run(source: Path, target: Path, params: Any, importance: Importance) -> int:
    lib = llama()
    if importance:
        entries = (lib.llama_model_imatrix_data * (len(importance) + 1))()
        alive = []  # ctypes keeps no reference to what a pointer points at
        for entry, (name, means) in zip(entries, importance.items(), strict=False):
            data = np.ascontiguousarray(means, np.float32)
            alive.append(data)
            entry.name = name.encode()
            entry.data = data.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
            entry.size = data.size
        params.imatrix = entries
    names = os.fsencode(source), os.fsencode(target)
    return int(lib.llama_model_quantize(*names, ctypes.byref(params)))


def _tensors(
    before: GgufFile, after: GgufFile, wanted: Mapping[str, str]
) -> Iterator[Tensor]:
    types, shapes = after.types, before.shapes
    for name, kind in before.types.items():
        yield Tensor(name, shapes[name], kind, types[name], wanted.get(name, ""))


class _Log:
    """Listens to what the quantiser says: its only word of progress and fallbacks.

    It says of each tensor ``[   1/ 290] token_embd.weight - [ 576, …``, and before
    that, of each fallback, what ``NO_FIT`` reads.
    """

    def __init__(
        self, total: int, progress: Callable[[str, int, int], None] | None
    ) -> None:
        self._total, self._progress = total, progress
        self._lines: deque[str] = deque(maxlen=20)
        self.wanted: dict[str, str] = {}
        self._stopped, self._waits = Event(), Event()

    @property
    def last(self) -> str:
        """What was said last of what went wrong."""
        bad = [line for line in self._lines if "fail" in line or "error" in line]
        return (bad or [*self._lines] or ["no reason given"])[-1]

    def stop(self, ended: Event) -> None:
        """Let the quantiser, which cannot be stopped, wait for good at its next line."""
        self._stopped.set()
        while not ended.is_set() and not self._waits.wait(PATIENCE):
            pass

    def hear(self, line: str) -> None:
        """Take one line."""
        if self._stopped.is_set():
            self._waits.set()
            Event().wait()
        self._lines.append(line)
        if found := NO_FIT.search(line):
            self.wanted[found["name"]] = found["type"].upper()
        if self._progress and (found := STEP.search(line)):
            self._progress(found["name"], int(found["n"]) - 1, self._total)
