"""The importance matrix: how large the inputs of each weight are on real text.

llama.cpp's quantiser weighs rounding errors by it. The sums are those of llama.cpp's
own ``llama-imatrix``, and so is the file (GGUF, ``general.type = imatrix``): for each
tensor ``NAME.in_sum2`` with the sums of squares and ``NAME.counts`` with the tokens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from codeassist.errors import ModelFileError

from .checkpoint import Array, replacing
from .gguf_file import GgufFile
from .running import Matmul, Runner

__all__ = ["ImportanceMatrix", "measure", "read_importance"]

SUMS, COUNTS = ".in_sum2", ".counts"


@dataclass(slots=True, eq=False)
class ImportanceMatrix:
    """Sums of squared inputs, tensor by tensor, by llama.cpp's names."""

    datasets: list[str]
    """What the text was."""

    chunk_size: int
    """Tokens of one piece of text."""

    chunks: int = 0
    sums: dict[str, Array] = field(default_factory=dict)
    """*Shape:* ``(matrices, columns)`` each."""

    counts: dict[str, Array] = field(default_factory=dict)
    """Inputs that were summed. *Shape:* ``(matrices,)`` each, or ``(1,)``."""

    @property
    def means(self) -> Mapping[str, Array]:
        """What the quantiser wants; experts that no token chose weigh evenly."""
        found = {}
        for name, sums in self.sums.items():
            counts = np.broadcast_to(self.counts[name], len(sums))[:, None]
            kept = sums.astype(np.float32)  # as in the file, so that both do the same
            means = np.where(counts > 0, kept / np.maximum(counts, 1), 1.0)
            found[name] = means.ravel().astype(np.float32)
        return found

    def watch(self, matmul: Matmul, of_experts: bool) -> None:
        """Add what one multiplication has as its input."""
        inputs = matmul.inputs()
        columns, matrices = inputs.shape[-1], matmul.matrices
        sums = self.sums.setdefault(matmul.name, np.zeros((matrices, columns)))
        width = matrices if of_experts else 1
        counts = self.counts.setdefault(matmul.name, np.zeros(width))
        if of_experts:
            chosen = matmul.experts()  # (tokens, used)
            inputs = np.broadcast_to(inputs[0], (*chosen.shape, columns))
            for expert in np.unique(chosen):
                rows = inputs[chosen == expert]
                sums[expert] += _squares(rows)
                counts[expert] += len(rows)
            return
        heads = inputs.reshape(-1, *inputs.shape[-2:])  # (heads or 1, tokens, columns)
        for number, rows in enumerate(heads):
            sums[number % matrices] += _squares(rows)
        counts += heads.shape[0] * heads.shape[1] / matrices

    def write(self, path: Path) -> None:
        """Write it in llama.cpp's form.

        Raises:
            ModelFileError: the place cannot be written to.
            DiskSpaceError: the disk is full.
        """
        with replacing(path) as part:
            writer = GGUFWriter(part, "")  # llama.cpp names no architecture
            writer.add_type("imatrix")
            writer.add_array("imatrix.datasets", self.datasets)
            writer.add_uint32("imatrix.chunk_count", self.chunks)
            writer.add_uint32("imatrix.chunk_size", self.chunk_size)
            for name in sorted(self.sums):
                counts = self.counts[name].astype(np.float32)
                writer.add_tensor(name + SUMS, self.sums[name].astype(np.float32))
                writer.add_tensor(name + COUNTS, counts[:, None])
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()


def measure(
    model: Path,
    chunks: Sequence[Sequence[int]],
    *,
    origin: str,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportanceMatrix:
    """Run a GGUF over a text and sum up what its weights are multiplied with.

    Args:
        model: F32, F16 or BF16, the one that is to be quantised.
        chunks: Pieces of text in the model's tokens.
        origin: What the text was, for the file.
        progress: Told a name, how many chunks are done, and how many there are.

    Raises:
        ModelFileError: llama.cpp cannot load the model, or its activations are not
            finite.
    """
    longest = max(map(len, chunks))
    found = ImportanceMatrix([origin], longest)
    with Runner(model, tokens=longest, watch=found.watch) as runner:
        for n, chunk in enumerate(chunks):
            if progress:
                progress(f"chunk {n + 1}", n, len(chunks))
            runner.logits(chunk)
            found.chunks += 1
    if progress:
        progress("", len(chunks), len(chunks))
    for name, sums in found.sums.items():
        if not np.isfinite(sums).all():
            msg = f"{model}: inputs of {name} are not finite; the model is broken"
            raise ModelFileError(msg)
    return found


def read_importance(path: Path) -> ImportanceMatrix:
    """Read an importance matrix, ours or that of ``llama-imatrix``.

    Raises:
        ModelFileError: another kind of file, or a damaged one.
    """
    file = GgufFile(path)
    names = [name.removesuffix(SUMS) for name in file.shapes if name.endswith(SUMS)]
    if file.get("general.type") != "imatrix" or not names:
        msg = f"{path} is no importance matrix in GGUF; name one, or --imatrix auto"
        raise ModelFileError(msg)
    sums = {name: file[name + SUMS] for name in names}
    counts = {name: file[name + COUNTS].ravel() for name in names}
    for name, each in sums.items():
        if each.ndim != 2 or len(counts[name]) not in (1, len(each)):
            msg = f"{path}: sums and counts of {name} do not fit; make it again"
            raise ModelFileError(msg)
    size, chunks = (file.get(f"imatrix.chunk_{key}", 0) for key in ("size", "count"))
    datasets = file.get("imatrix.datasets", [])
    return ImportanceMatrix(datasets, size, chunks, sums, counts)


def _squares(rows: Array) -> Array:
    """Sum squares over rows. *Shape:* ``(rows, columns)`` to ``(columns,)``."""
    found: Array = np.einsum("rc,rc->c", rows, rows, dtype=np.float64)
    return found
