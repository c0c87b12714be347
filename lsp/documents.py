"""Documents as LSP counts them: lines, columns in the client's units, edits.

pygls' own `TextDocument` splits lines with ``str.splitlines``, which also breaks at
form feeds and a few more characters that are no line ends in LSP: one of them in a
file shifts every later edit by a line. It also copies the document line by line at
every edit. This one splits as the specification says and edits by offsets.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

__all__ = ["Document", "Documents", "Edit", "Span", "common", "opened", "units"]

LINE_END = re.compile(r"\r\n|\r|\n")
WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Edit(NamedTuple):
    """Text in the place of other text; offsets are those before the edit."""

    start: int
    end: int
    text: str


@dataclass(eq=False, slots=True, weakref_slot=True)
class Span:
    """A stretch of a document that stays where it is while the text around changes."""

    start: int
    end: int

    def move(self, edit: Edit) -> None:
        """Follow an edit; text that is put at one of the ends stays outside."""
        growth = len(edit.text) - (edit.end - edit.start)
        if edit.end <= self.start and edit.start < self.start:
            self.start += growth
            self.end += growth
        elif edit.start < self.end:
            self.start = min(self.start, edit.start)
            self.end = max(self.end, edit.end) + growth


class Document(TextDocument):
    """A text document with positions by the book."""

    _starts: tuple[str, list[int]] | None = None
    _edits: tuple[Edit, ...] = ()

    def take_edits(self) -> tuple[Edit, ...]:
        """What was changed since this was last asked, in order."""
        edits, self._edits = self._edits, ()
        return edits

    @property
    def starts(self) -> list[int]:
        """Offset of each line's first character; there is always a first line."""
        source = self.source
        if self._starts is None or self._starts[0] is not source:
            ends = [m.end() for m in LINE_END.finditer(source)]
            self._starts = (source, [0, *ends])
        return self._starts[1]

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends; the last has none."""
        ends = [*self.starts, len(self.source)]
        return tuple(self.source[a:b] for a, b in pairwise(ends))

    def offset(self, position: types.Position) -> int | None:
        """Index into `source` of a client position; None beyond the last line.

        A column beyond the line's end stands for its end, as the specification says.
        """
        starts = self.starts
        if position.line >= len(starts):
            return None
        start = starts[position.line]
        after = starts[position.line + 1 :][:1]
        line = self.source[start : after[0] if after else len(self.source)]
        line = line.rstrip("\r\n")
        return start + characters(line, position.character, self._encoding)

    def position(self, offset: int) -> types.Position:
        """The client position of an index into `source`."""
        line = bisect_right(self.starts, offset) - 1
        head = self.source[self.starts[line] : offset]
        return types.Position(line, units(head, self._encoding))

    @property
    def _encoding(self) -> str:
        encoding = self._position_codec.encoding
        return str(getattr(encoding, "value", encoding))

    def _apply_incremental_change(
        self, change: types.TextDocumentContentChangePartial
    ) -> None:
        end_of_file = len(self.source)
        start = self.offset(change.range.start)
        end = self.offset(change.range.end)
        start = end_of_file if start is None else start
        end = end_of_file if end is None else end
        self._replace(start, end, change.text)

    def _apply_full_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        self._replace(0, len(self.source), change.text)

    def _replace(self, start: int, end: int, text: str) -> None:
        source = self.source
        self._source = source[:start] + text + source[end:]
        self._edits += (_least(start, source[start:end], text),)


def _least(start: int, old: str, new: str) -> Edit:
    """The edit without what stays the same at its two ends, as of a whole document."""
    head = common(old, new)
    old, new = old[head:], new[head:]
    tail = common(old[::-1], new[::-1])
    start, end = start + head, start + head + len(old) - tail
    return Edit(start, end, new[: len(new) - tail])


def common(one: str, other: str) -> int:
    """Characters that two texts begin with alike; halved, as the loop would be slow."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Documents(Workspace):
    """A workspace whose documents are `Document`s, and come from the client alone."""

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Apply an edit; one of a document that is not open is nobody's."""
        if opened(self, text_doc.uri) is not None:
            super().update_text_document(text_doc, change)

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        return Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )


def opened(workspace: Workspace, uri: str) -> TextDocument | None:
    """An open document; None where pygls would read the file from the disk."""
    documents: dict[str, TextDocument] = workspace.text_documents
    return documents.get(unquote(uri))


def characters(line: str, column: int, encoding: str) -> int:
    """Characters that stand before a column counted in code units.

    A column inside a character stands for the character's beginning.
    """
    if line.isascii():
        return min(column, len(line))
    codec, width = WIDTHS[encoding]
    head = line.encode(codec, "surrogatepass")[: column * width]
    return len(head.decode(codec, "ignore"))


def units(text: str, encoding: str) -> int:
    """Code units of a text."""
    codec, width = WIDTHS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width
