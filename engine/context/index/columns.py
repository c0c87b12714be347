"""Named arrays in one block of bytes: what goes through pipes and onto the disk.

A block is the magic word, the CRC-32 of all that follows it, the length of a JSON
header (name to type, length, offset), the header, the arrays. It is read where it
lies: from bytes or from a mapped file.
"""

import json
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Columns", "DamagedError", "pack", "unpack"]

Array = NDArray[np.generic]
Columns = dict[str, Array]

MAGIC = b"codeassist index 001\n"
HEAD = struct.Struct("<II")
ALIGNMENT = 64
CRC_STEP = 1 << 20


class DamagedError(ValueError):
    """Bytes that are no block, or not a whole one."""


def pack(columns: Mapping[str, Array]) -> bytes:
    """A block of bytes that holds these one-dimensional arrays."""
    entries = {}
    offset = 0
    for name, array in columns.items():
        entries[name] = (array.dtype.str, len(array), offset)
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    header = json.dumps(entries).encode()
    begin = len(MAGIC) + HEAD.size + len(header)
    parts = [header, bytes(-begin % ALIGNMENT)]
    for array in columns.values():
        parts += [array.tobytes(), bytes(-array.nbytes % ALIGNMENT)]
    body = b"".join(parts)
    return MAGIC + HEAD.pack(_crc(memoryview(body)), len(header)) + body


def unpack(block: memoryview, *, check: bool) -> Columns:
    """The arrays of a block, without a copy.

    Args:
        block: What `pack` made.
        check: Whether to compute its checksum, which reads all of it.

    Raises:
        DamagedError: not a block, or not a whole one.
    """
    if bytes(block[: len(MAGIC)]) != MAGIC:
        msg = "not an index"
        raise DamagedError(msg)
    try:
        crc, length = HEAD.unpack_from(block, len(MAGIC))
        start = len(MAGIC) + HEAD.size
        if check and _crc(block[start:]) != crc:
            msg = "the checksum differs"
            raise DamagedError(msg)
        entries = json.loads(bytes(block[start : start + length]))
        start += length + -(start + length) % ALIGNMENT
        return {
            name: np.frombuffer(block, dtype, count, start + offset)
            for name, (dtype, count, offset) in entries.items()
        }
    except (struct.error, ValueError, TypeError) as error:
        if isinstance(error, DamagedError):
            raise
        msg = f"an index that is cut off or damaged ({error})"
        raise DamagedError(msg) from error


def _crc(data: memoryview) -> int:
    crc = 0
    for begin in range(0, len(data), CRC_STEP):
        crc = zlib.crc32(data[begin : begin + CRC_STEP], crc)
    return crc
