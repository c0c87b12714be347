"""Where the middle of a prompt begins, kept in place while somebody types behind it.

A prompt shows prefix, suffix and middle, in this order. Were the cursor the end of the
prefix, each keystroke would shift the suffix, and all its keys and values would have to
be computed again. So the middle begins at the start of a line, with what has been typed
since behind its sentinel, and stays there for as long as the text around it does.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass

__all__ = ["Anchor", "Anchors"]

DOCUMENTS = 8
"""That many documents' anchors are known."""

MIDDLE_LINES = 8
"""Line breaks behind the anchor before it moves on. The model takes what it has seen of
a middle for its own answer; docs/experiments.md has what that does to quality."""

MIDDLE_CHARACTERS = 1_200

GRID = 256
"""Characters: where the middle begins in a line that is too long."""

CLOSED_BY_EDITOR = re.compile(r"[\s)\]}>'\"`]{0,80}")
"""What editors put behind the cursor by themselves."""


AT_CURSOR = re.compile(r"(\w{1,40}|[ \t]+)\Z")
"""What the cursor stands behind: its tokens may still change."""

SEEN = 256
"""Characters before the cursor in which that is looked for: not in a whole long file."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A document cut in two, at the cursor or a little above it."""

    before: str
    """All that stands before the middle; empty, or whole lines."""

    after: str
    """All that stood behind the cursor when the anchor was set."""


class Anchors:
    """The anchors of the documents that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Anchor] = OrderedDict()

    def of(self, path: str, before: str, after: str) -> Anchor:
        """The document's anchor, if the cursor is still behind it, else a new one.

        Args:
            path: Of the document.
            before: The document up to the cursor.
            after: The document from the cursor on.
        """
        kept = self._kept.pop(path, None)
        if kept is None or not _holds(kept, before, after):
            kept = Anchor(before[: _start(before, after)], after)
        self._kept[path] = kept
        if len(self._kept) > DOCUMENTS:
            self._kept.popitem(last=False)
        return kept

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()


def _start(before: str, after: str) -> int:
    """The start of the cursor's line, or a place on a grid in a line without end.

    Where the line goes on behind the cursor it is the word at the cursor: what follows
    should not stand right behind a line break.
    """
    if after.partition("\n")[0].strip():
        word = AT_CURSOR.search(before, max(0, len(before) - SEEN))
        return word.start() if word else len(before)
    start = before.rfind("\n") + 1
    if len(before) - start <= MIDDLE_CHARACTERS:
        return start
    return (len(before) - MIDDLE_CHARACTERS // 2) // GRID * GRID


def _holds(anchor: Anchor, before: str, after: str) -> bool:
    """Whether only the middle has changed since, and is short enough."""
    n = len(before) - len(anchor.before)
    if not 0 <= n <= MIDDLE_CHARACTERS or not before.startswith(anchor.before):
        return False
    if before.count("\n", len(anchor.before)) > MIDDLE_LINES:
        return False
    extra = len(after) - len(anchor.after)
    if extra < 0 or not after.endswith(anchor.after):
        return False
    return CLOSED_BY_EDITOR.fullmatch(after, 0, extra) is not None
