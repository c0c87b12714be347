"""From source files to a segment: what the workers do."""

import codecs
import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codeassist.engine.context.outline import (
    Definition,
    Import,
    Outline,
    Parse,
    outline,
)
from codeassist.ignore import is_by_hand
from codeassist.languages import of_path

from .chunking import chunk_rows
from .columns import Columns
from .model import FileState
from .ragged import ragged, starts_of
from .segment import KINDS
from .terms import folder_of, terms
from .tokens import Stretches, names_and_words

__all__ = ["Builder", "Resolve", "SourceFile", "as_utf8", "content_of", "targets_of"]

Resolve = Callable[[str, Import], Sequence[str]]
"""From a path and one of its imports to the paths that it means."""

encode = json.JSONEncoder(separators=(",", ":")).encode

KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}


class SourceFile(NamedTuple):
    """A file to index."""

    path: str
    state: FileState
    data: bytes


class Builder:
    """Puts segments together.

    Args:
        resolve: For the imports.
        parse: For a file that was parsed before; None: for any.
    """

    def __init__(self, resolve: Resolve, parse: Parse | None = None) -> None:
        self._resolve = resolve
        self._more = () if parse is None else (parse,)

    def columns(self, files: Iterable[SourceFile]) -> Columns:
        """The columns of a segment of these files.

        A file that no person wrote, or that is no text, is entered without content, so
        that it is not read again until it changes.
        """
        draft = _Draft()
        for file in files:
            data = as_utf8(file.data) if is_by_hand(file.data) else b""
            language = of_path(file.path).name
            found = outline(data, language, *self._more)
            draft.add(file, found, targets_of(file.path, found.imports, self._resolve))
            draft.cut(data, found, language)
        return draft.columns()


class _Draft:
    """The rows of a segment, while it grows."""

    def __init__(self) -> None:
        self._files: list[tuple[int, int, int, int]] = []
        self._paths: list[bytes] = []
        self._imports: list[bytes] = []
        self._targets: list[list[str]] = []
        self._definitions: list[Definition] = []
        self._data: list[bytes] = []
        self._lines: list[int] = []
        """Of each file in the text of all."""

        self._chunk_rows: list[int] = []
        self._languages: dict[str, int] = {}
        self._chunk_languages: list[int] = []
        self._sizes: dict[str, list[int]] = {"definition": [], "chunk": []}
        """How many of them each file has."""

    def add(self, file: SourceFile, found: Outline, targets: list[str]) -> None:
        """Enter a file, but for its chunks."""
        mtime, size = file.state
        self._files.append((mtime, size, content_of(file.data), found.rows))
        self._paths.append(file.path.encode("utf-8", "surrogatepass"))
        self._imports.append(_packed(found.imports))
        self._targets.append(targets)
        self._definitions += found.definitions
        self._sizes["definition"].append(len(found.definitions))

    def cut(self, data: bytes, found: Outline, language: str) -> None:
        """Enter the chunks of the file that was added last."""
        rows = chunk_rows(found.rows, (d.start_row for d in found.definitions))
        self._chunk_rows += rows
        self._sizes["chunk"].append(len(rows))
        number = self._languages.setdefault(language, len(self._languages))
        self._chunk_languages += [number] * len(rows)
        self._data.append(data)
        self._lines.append(found.rows + (not data or data.endswith(b"\n")))

    def columns(self) -> Columns:
        """All rows as arrays."""
        mtime, size, content, rows = _transposed(self._files, 4)
        path_starts, paths = ragged(self._paths)
        import_starts, imports = ragged(self._imports)
        chunk_row = np.array(self._chunk_rows, np.int32)
        text = b"\n".join(self._data)
        cut = Stretches(
            self._bytes_before(text, chunk_row),
            np.array(self._chunk_languages, np.int16),
            tuple(self._languages),
        )
        names, words = names_and_words(text, cut)
        lengths = np.bincount(words.chunks, words.counts, len(chunk_row))
        return {
            "path_term": terms(self._paths),
            "folder_term": terms(map(folder_of, self._paths)),
            "mtime": np.array(mtime, np.int64),
            "size": np.array(size, np.int64),
            "content": np.array(content, np.uint64),
            "rows": np.array(rows, np.int32),
            "path_starts": path_starts,
            "paths": paths,
            "import_starts": import_starts,
            "imports": imports,
            "edge_starts": starts_of(map(len, self._targets)),
            "edge_term": terms(chain(*self._targets)),
            "chunk_starts": starts_of(self._sizes["chunk"]),
            "chunk_row": chunk_row,
            "chunk_length": lengths.astype(np.int32),
            "definition_starts": starts_of(self._sizes["definition"]),
            **_defined(self._definitions),
            **words.columns("words"),
            **names.columns("names"),
        }

    def _bytes_before(
        self, text: bytes, chunk_row: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """Where each chunk starts in the text of all files."""
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
        lines = np.concatenate([[0], ends + 1])
        first = np.cumsum([0, *self._lines])[:-1]
        return lines[np.repeat(first, self._sizes["chunk"]) + chunk_row]


def content_of(data: bytes) -> int:
    """The number of a file's contents."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def targets_of(path: str, imports: Iterable[Import], resolve: Resolve) -> list[str]:
    """The files that a file imports, each once; its own package's are none."""
    named = (found for found in imports if found.kind != "package")
    targets = {target for found in named for target in resolve(path, found)}
    return sorted(targets - {path})


def _defined(definitions: Sequence[Definition]) -> Columns:
    names, kinds, first, last, signatures, docs, parents, exported = _transposed(
        definitions, 8
    )
    texts: Iterable[str] = map("\0".join, zip(names, signatures, docs, strict=True))
    if "\0" in "".join((*names, *signatures, *docs)):  # note: of a damaged file
        texts = (
            "\0".join(x.replace("\0", "") for x in d[:1] + d[4:6]) for d in definitions
        )
    starts, text = ragged([each.encode("utf-8", "surrogatepass") for each in texts])
    return {
        "definition_term": terms(names),
        "kind": np.array([KIND_NUMBER[kind] for kind in kinds], np.uint8),
        "exported": np.array(exported, np.uint8),
        "first_row": np.array(first, np.int32),
        "last_row": np.array(last, np.int32),
        "parent": np.array(parents, np.int32),
        "text_starts": starts,
        "texts": text,
    }


def _packed(imports: Sequence[Import]) -> bytes:
    rows = [(i.module, i.names, i.row, i.relative, i.kind) for i in imports]
    return encode(rows).encode()


def _transposed(rows: Sequence[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def as_utf8(data: bytes) -> bytes:
    """UTF-16, which a byte order mark tells, as UTF-8; all else as it is."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode()
    return data
