"""A file as its outline is read: what was parsed of it, and where that stands."""

from tree_sitter import Node

from .skeleton import Skeleton

__all__ = ["Source"]


class Source:
    """Answers in bytes and rows of the file.

    Args:
        data: The file.
        parsed: What of it the tree is of.
    """

    def __init__(self, data: bytes, parsed: Skeleton) -> None:
        self.data = data
        self.text = parsed.text
        self.place = parsed.place
        self._last = self._row = 0

    def slice(self, node: Node, most: int) -> str:
        """What a node says, cut off after so many bytes."""
        start, end = node.start_byte, node.end_byte
        if end > start + most:
            end = start + most
        return self.text[start:end].decode("utf-8", "replace")

    def row(self, at: int) -> int:
        """The row of a byte of the file; quick where it is near the last one."""
        if at >= self._last:
            self._row += self.data.count(b"\n", self._last, at)
        else:
            self._row -= self.data.count(b"\n", at, self._last)
        self._last = at
        return self._row
