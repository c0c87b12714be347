"""A sequence of the KV cache as a file, which only its own model may read back.

A line that names the format, a line of JSON (`Origin`, lengths, checksum), then the
tokens and llama.cpp's state as bytes. llama.cpp checks of a state little more than its
shape, so whatever is not exactly what was written is refused here.
"""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codeassist.whole import replacing

__all__ = ["Origin", "Snapshot", "digest", "read", "write"]

log = logging.getLogger(__name__)

MAGIC = b"codeassist KV cache 1\n"
ENDS = 1 << 20
"""Bytes at each end of a file that its digest covers."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What must be the same for keys and values to mean the same."""

    model: str
    """Digest of the weights."""

    adapter: str
    """Digest of the adapter; empty where there is none."""

    n_ctx: int
    llama_cpp: str
    """Version of the library: it may lay out its states anew."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The keys and values of some tokens."""

    tokens: list[int]
    state: NDArray[np.uint8]
    """In llama.cpp's own form. Shape: (bytes,)."""


def digest(path: Path) -> str:
    """Tells one file of weights from another in a millisecond.

    Covers size, time of change, and the first and last MiB: header, vocabulary, some
    tensors. A copy of a file counts as another one, which costs no more than a prompt.
    """
    stat = path.stat()
    sum_ = hashlib.blake2b(f"{stat.st_size} {stat.st_mtime_ns} ".encode())
    with path.open("rb") as file:
        sum_.update(file.read(ENDS))
        file.seek(max(0, stat.st_size - ENDS))
        sum_.update(file.read(ENDS))
    return sum_.hexdigest()[:32]


def write(path: Path, snapshot: Snapshot, origin: Origin) -> int:
    """Write a snapshot in one go, readable by its owner alone.

    Returns:
        Bytes written; 0 where the system refuses, as on a full disk.
    """
    tokens = np.asarray(snapshot.tokens, np.int32)
    head = {
        "origin": asdict(origin),
        "tokens": tokens.size,
        "bytes": snapshot.state.size,
        "checksum": _checksum(tokens, snapshot.state),
    }
    line = json.dumps(head).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, 0o600) as part, part.open("wb") as file:
            file.write(MAGIC + line)
            file.write(tokens.data)
            file.write(snapshot.state.data)
    except OSError as error:
        log.info("%s: not written (%s)", path, error)
        return 0
    return len(MAGIC) + len(line) + tokens.nbytes + snapshot.state.nbytes


def read(path: Path, origin: Origin) -> Snapshot | None:
    """Read a snapshot back; None for what is cut, changed, foreign or not there."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            head: Any = json.loads(file.readline(ENDS))
            tokens = np.fromfile(file, np.int32, head["tokens"])
            state = np.fromfile(file, np.uint8, head["bytes"])
            whole = not file.read(1)
        same = head["origin"] == asdict(origin)
        sound = whole and head["checksum"] == _checksum(tokens, state)
    except (OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        log.info("%s: not a snapshot (%s)", path, error)
        return None
    if not same or not sound:
        log.info("%s: a snapshot that is damaged or not of this model", path)
        return None
    return Snapshot(tokens.tolist(), state)


def _checksum(tokens: NDArray[np.int32], state: NDArray[np.uint8]) -> str:
    sum_ = hashlib.blake2b(tokens.data, digest_size=16)
    sum_.update(state.data)
    return sum_.hexdigest()
