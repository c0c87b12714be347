"""What the index answers with."""

from dataclasses import dataclass

from codeassist.engine.context.outline import DefinitionKind

__all__ = ["Chunk", "FileState", "Place", "Progress"]

FileState = tuple[int, int]
"""A file on disk as it was when it was read: nanoseconds of its last change, bytes.

A plain tuple: of all that holds other objects the garbage collector leaves these alone,
and there is one for each file. It has the interpreter's lock, 90 ms for 100,000 files.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A definition, and where it stands. Rows count from 0; both ends are included."""

    path: str
    name: str
    kind: DefinitionKind
    start_row: int
    end_row: int
    signature: str
    doc: str
    parent: int
    """Number of the enclosing definition in `definitions_in` of its file; -1: none."""

    exported: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a file that reads well by itself."""

    path: str
    start_row: int
    end_row: int
    """Included."""

    score: float
    """BM25; 0 where nothing was ranked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan has come."""

    done: int
    """Files read."""

    total: int
    """Files to read; 0 while they are being looked for."""

    finished: bool
