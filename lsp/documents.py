"""Documents as LSP counts them: lines, columns in the client's units, edits.

pygls' own `TextDocument` splits lines with ``str.splitlines``, which also breaks at
form feeds and a few more characters that are no line ends in LSP: one of them in a
file shifts every later edit by a line. It also copies the document line by line at
every edit. This one splits as the specification says and edits by offsets, and looks
for line ends only where something changed: the loop waits for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
from lsprotocol import types
from numpy.typing import NDArray
from pygls.workspace import TextDocument, Workspace

from codeassist.engine.request import MAX_CHARACTERS

from .columns import Columns, characters, units
from .notebooks import Neighbours, neighbours
from .pieces import Pieces
from .removals import BEFORE, Removals

__all__ = [
    "Document",
    "Documents",
    "Edit",
    "Span",
    "characters",
    "common",
    "opened",
    "too_large",
    "units",
]

LINE_FEED, RETURN = ord("\n"), ord("\r")
STEP = 1 << 15
"""Characters that are looked at in one go: more would not fit into a cache."""


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

    _starts: NDArray[np.int64] | None = None
    _edits: tuple[Edit, ...] = ()
    _pieces: Pieces | None = None
    _columns: Columns | None = None
    _removals: Removals | None = None

    neighbours: Callable[[], Neighbours] = staticmethod(lambda: ("", ""))
    """What stands before and behind it, where it is a cell of a notebook."""

    def take_edits(self) -> tuple[Edit, ...]:
        """What was changed since this was last asked, in order."""
        edits, self._edits = self._edits, ()
        return edits

    def removed(self, offset: int) -> tuple[str, ...]:
        """What stood at an index into `source` and was deleted lately, the newest first."""
        return self._removals.near(offset) if self._removals else ()

    @property
    def source(self) -> str:
        """All of its text; it is copied for it, once after some edits."""
        return self._text.whole()

    @property
    def length(self) -> int:
        """Characters of its text."""
        return len(self._text)

    @property
    def _text(self) -> Pieces:
        if self._pieces is None:
            self._pieces = Pieces(super().source)
            self._source = ""
        return self._pieces

    @property
    def starts(self) -> NDArray[np.int64]:
        """Offset of each line's first character; there is always a first line."""
        if self._starts is None:
            self._starts = np.concatenate([[0], _line_ends(self.source)])
        return self._starts

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends; the last has none."""
        ends = [*self.starts.tolist(), len(self.source)]
        return tuple(self.source[a:b] for a, b in pairwise(ends))

    def offset(self, position: types.Position) -> int | None:
        """Index into `source` of a client position; None beyond the last line.

        A column beyond the line's end stands for its end, as the specification says.
        """
        starts, text = self.starts, self._text
        if position.line >= len(starts):
            return None
        start = int(starts[position.line])
        last = position.line + 1 == len(starts)
        end = len(text) if last else int(starts[position.line + 1])
        tail = text.between(max(start, end - 2), end)
        end -= len(tail) - len(tail.rstrip("\r\n"))
        if self._columns is None:
            self._columns = Columns(text.between, self._encoding)
        return self._columns.offset(start, end, position.character)

    def position(self, offset: int) -> types.Position:
        """The client position of an index into `source`."""
        line = int(np.searchsorted(self.starts, offset, side="right")) - 1
        head = self.source[self.starts[line] : offset]
        return types.Position(line, units(head, self._encoding))

    def line_start(self, offset: int) -> int:
        """Where the line of an index into `source` begins."""
        return int(self.starts[np.searchsorted(self.starts, offset, side="right") - 1])

    @property
    def _encoding(self) -> str:
        encoding = self._position_codec.encoding
        return str(getattr(encoding, "value", encoding))

    def _apply_incremental_change(
        self, change: types.TextDocumentContentChangePartial
    ) -> None:
        end_of_file = self.length
        start = self.offset(change.range.start)
        end = self.offset(change.range.end)
        start = end_of_file if start is None else start
        end = end_of_file if end is None else end
        self._replace(start, end, change.text)

    def _apply_full_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        self._replace(0, self.length, change.text)

    def _replace(self, start: int, end: int, text: str) -> None:
        kept = self._text
        old = kept.between(start, end)
        edit = _least(start, old, text)
        kept.replace(*edit)
        gone = old[edit.start - start : edit.end - start]
        if gone or self._removals is not None:
            before = kept.between(max(0, edit.start - BEFORE), edit.start)
            self._removals = self._removals or Removals()
            self._removals.note(edit.start, gone, edit.text, before)
        self._edits += (edit,)
        if self._columns is not None:
            self._columns.edited(edit.start)
        if self._starts is not None:
            self._starts = _shifted(self._starts, kept, edit)


def _least(start: int, old: str, new: str) -> Edit:
    """The edit without what stays the same at its two ends, as of a whole document.

    A long text of which little stays the same is taken whole: it would be copied.
    """
    head = common(old, new)
    o, n = len(old), len(new)
    tail = _alike(
        min(o, n) - head,
        lambda low, high: old[o - high : o - low] == new[n - high : n - low],
    )
    if n > STEP and head + tail < n // 8:
        return Edit(start, start + o, new)
    return Edit(start + head, start + o - tail, new[head : n - tail])


def common(one: str, other: str) -> int:
    """Characters that two texts begin with alike."""
    most = min(len(one), len(other))
    return _alike(most, lambda low, high: one[low:high] == other[low:high])


def _alike(most: int, same: Callable[[int, int], bool]) -> int:
    """Up to which character two texts are alike; halved, as a loop would be slow."""
    low = 0
    while low + STEP < most and same(low, low + STEP):
        low += STEP
    most = min(most, low + STEP)
    while low < most:
        middle = (low + most + 1) // 2
        if same(low, middle):
            low = middle
        else:
            most = middle - 1
    return low


def _line_ends(text: str) -> NDArray[np.int64]:
    """Offsets behind the line ends of a text."""
    found = [np.empty(0, np.int64)]
    for at in range(0, len(text), STEP):
        # note: a return is a line end unless a line feed follows
        ends = _ends_of(text[at : at + STEP + 1])
        found.append(ends[ends <= STEP] + at)
    return np.concatenate(found)


def _ends_of(text: str) -> NDArray[np.int64]:
    narrow = text.isascii()
    data = text.encode("ascii" if narrow else "utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, np.uint8 if narrow else "<u4")
    ends = codes == LINE_FEED
    if "\r" in text:
        alone = codes == RETURN
        alone[:-1] &= ~ends[1:]
        ends |= alone
    return np.flatnonzero(ends) + 1


def _shifted(starts: NDArray[np.int64], text: Pieces, edit: Edit) -> NDArray[np.int64]:
    """Where lines start after an edit, if these are their starts before it.

    Whether a line starts somewhere depends on the two characters around that place.

    Args:
        starts: Before the edit.
        text: After it.
        edit: What was changed.
    """
    growth = len(edit.text) - (edit.end - edit.start)
    end = edit.end + growth
    begin = max(0, edit.start - 1)
    fresh = _line_ends(text.between(begin, end + 1)) + begin
    above = starts[: np.searchsorted(starts, edit.start)]
    below = starts[np.searchsorted(starts, edit.end, side="right") :] + growth
    fresh = fresh[(fresh >= edit.start) & (fresh <= end)]
    first = [0] if edit.start == 0 else []
    return np.concatenate([above, np.array(first, np.int64), fresh, below])


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

    def update_notebook_document(
        self, params: types.DidChangeNotebookDocumentParams
    ) -> None:
        """Apply a change; one of a notebook that is not open is nobody's."""
        if self.get_notebook_document(notebook_uri=params.notebook_document.uri):
            super().update_notebook_document(params)

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        document = Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )
        document.neighbours = partial(neighbours, self, doc_uri)
        return document


def too_large(document: TextDocument) -> bool:
    """Whether nothing is made of a document: even to copy it would take long."""
    return isinstance(document, Document) and document.length > MAX_CHARACTERS


def opened(workspace: Workspace, uri: str) -> TextDocument | None:
    """An open document; None where pygls would read the file from the disk."""
    documents: dict[str, TextDocument] = workspace.text_documents
    return documents.get(unquote(uri))
