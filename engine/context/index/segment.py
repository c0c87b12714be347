"""An unchangeable piece of the index: some files, all that is known of each.

Columns by file, by definition, by chunk and by import edge lie flat in arrays; a
group's ``*_starts`` says which rows belong to which file, as in compressed sparse
rows. Segments are cut and joined without looking at a single name.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from codeassist.engine.context.outline import DefinitionKind, Import

from .columns import Array, Columns, DamagedError, unpack
from .model import Chunk, FileState, Place
from .postings import Postings
from .ragged import ragged, starts_of, take
from .terms import Terms, folder_of, term, terms

__all__ = ["KINDS", "Segment", "join", "rewired", "select"]

KINDS: tuple[DefinitionKind, ...] = get_args(DefinitionKind)

FILE = ("path_term", "folder_term", "mtime", "size", "content", "rows")
GROUPS = {
    "path": ("paths",),
    "import": ("imports",),
    "edge": ("edge_term",),
    "chunk": ("chunk_row", "chunk_length"),
    "definition": (
        *("definition_term", "kind", "exported"),
        *("first_row", "last_row", "parent"),
    ),
}
"""Columns that a file has several rows of."""

POSTINGS = ("words", "names")


class Segment:
    """Reads the columns of one block.

    Args:
        columns: What `Builder.columns`, `select` or `join` made, or `unpack` read.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.words = Postings.of_columns(columns, "words")
        self.names = Postings.of_columns(columns, "names")
        self.path_terms: Terms = columns["path_term"]  # type: ignore[assignment]
        self.files = len(self.path_terms)
        self.chunks = len(columns["chunk_row"])

    @classmethod
    def of_block(cls, block: bytes | memoryview, *, check: bool = False) -> "Segment":
        """The segment in a block of bytes.

        Raises:
            DamagedError: it is not whole.
        """
        columns = unpack(memoryview(block), check=check)
        try:
            return cls(columns)
        except KeyError as error:
            msg = f"an index without {error}"
            raise DamagedError(msg) from error

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """How many words each chunk has. *Shape:* ``(chunks,)``."""
        return self.columns["chunk_length"].astype(np.float32)

    def numbers_of(self, path: str) -> list[int]:
        """Numbers of the files of this path: none or one."""
        return np.flatnonzero(self.path_terms == term(path)).tolist()

    def path(self, file: int) -> str:
        """A file's path."""
        return self._text("path", "paths", file)

    def state(self, file: int) -> FileState:
        """A file's stat, when it was read."""
        c = self.columns
        return int(c["mtime"][file]), int(c["size"][file])

    def rows(self, file: int) -> int:
        """Lines of a file."""
        return int(self.columns["rows"][file])

    def imports(self, file: int) -> list[Import]:
        """A file's import statements."""
        return [
            Import(module, tuple((n, a) for n, a in names), row, relative, kind)
            for module, names, row, relative, kind in json.loads(
                self._text("import", "imports", file)
            )
        ]

    def edges(self, file: int) -> NDArray[np.uint64]:
        """Terms of the paths that a file imports."""
        begin, end = self.span("edge", file)
        return self.columns["edge_term"][begin:end]  # type: ignore[return-value]

    def span(self, group: str, file: int) -> tuple[int, int]:
        """Which rows of a group are a file's."""
        starts = self.columns[f"{group}_starts"]
        return int(starts[file]), int(starts[file + 1])

    def files_of(self, group: str, rows: Array) -> NDArray[np.int64]:
        """The file that each of these rows of a group belongs to."""
        starts = self.columns[f"{group}_starts"]
        return np.searchsorted(starts, rows, side="right") - 1

    def place(self, file: int, definition: int) -> Place:
        """A definition, decoded."""
        c = self.columns
        name, signature, doc = self._text("text", "texts", definition).split("\0")
        return Place(
            path=self.path(file),
            name=name,
            kind=KINDS[int(c["kind"][definition])],
            start_row=int(c["first_row"][definition]),
            end_row=int(c["last_row"][definition]),
            signature=signature,
            doc=doc,
            parent=int(c["parent"][definition]),
            exported=bool(c["exported"][definition]),
        )

    def chunk(self, chunk: int, score: float = 0.0) -> Chunk:
        """A chunk, decoded."""
        file = int(self.files_of("chunk", np.array([chunk]))[0])
        first = self.columns["chunk_row"]
        _, end = self.span("chunk", file)
        stop = int(first[chunk + 1]) if chunk + 1 < end else self.rows(file)
        return Chunk(self.path(file), int(first[chunk]), stop - 1, score)

    def _text(self, group: str, column: str, row: int) -> str:
        begin, end = self.span(group, row)
        data = self.columns[column][begin:end].tobytes()
        return data.decode("utf-8", "surrogatepass")


def select(segment: Segment, files: NDArray[np.int64]) -> Columns:
    """Some of a segment's files, in this order, with all that belongs to them."""
    if len(files) == segment.files and (np.diff(files) == 1).all():
        return segment.columns
    c = segment.columns
    chosen: Columns = {name: c[name][files] for name in FILE}
    for group, names in GROUPS.items():
        starts, rows = take(c[f"{group}_starts"], files)
        chosen[f"{group}_starts"] = starts
        chosen |= {name: c[name][rows] for name in names}
        if group == "definition":
            chosen["text_starts"], rows = take(c["text_starts"], rows)
            chosen["texts"] = c["texts"][rows]
        if group == "chunk":
            number = np.full(segment.chunks, -1, np.int64)
            number[rows] = np.arange(len(rows))
            for name in POSTINGS:
                part = Postings.of_columns(c, name)
                chosen |= Postings.joined([(part, number)]).columns(name)
    return chosen


def join(parts: Sequence[Columns]) -> Columns:
    """Several segments' columns as one's."""
    if len(parts) == 1:
        return parts[0]
    whole: Columns = {name: _stack(parts, name) for name in FILE}
    for group, names in GROUPS.items():
        whole[f"{group}_starts"] = _stack_starts(parts, f"{group}_starts")
        whole |= {name: _stack(parts, name) for name in names}
    whole["text_starts"] = _stack_starts(parts, "text_starts")
    whole["texts"] = _stack(parts, "texts")
    begins = np.cumsum([0, *(len(part["chunk_row"]) for part in parts)])
    for name in POSTINGS:
        numbered = [
            (
                Postings.of_columns(part, name),
                np.arange(begin, begin + len(part["chunk_row"])),
            )
            for part, begin in zip(parts, begins, strict=False)
        ]
        whole |= Postings.joined(numbered).columns(name)
    return whole


def rewired(
    columns: Columns,
    paths: Sequence[str],
    targets: Sequence[Sequence[str]],
    states: Sequence[FileState],
) -> Columns:
    """The columns with the files' other paths, imported files and states."""
    names = [path.encode("utf-8", "surrogatepass") for path in paths]
    starts, text = ragged(names)
    return columns | {
        "mtime": np.array([mtime for mtime, _ in states], np.int64),
        "size": np.array([size for _, size in states], np.int64),
        "path_term": terms(names),
        "folder_term": terms(map(folder_of, names)),
        "path_starts": starts,
        "paths": text,
        "edge_starts": starts_of(map(len, targets)),
        "edge_term": terms(chain(*targets)),
    }


def _stack(parts: Sequence[Columns], name: str) -> Array:
    return np.concatenate([part[name] for part in parts])


def _stack_starts(parts: Sequence[Columns], name: str) -> Array:
    return starts_of(np.concatenate([np.diff(part[name]) for part in parts]))
