"""A text that is edited in many places before anybody reads all of it."""

__all__ = ["Pieces"]

SMALL = 256
"""Characters. Shorter pieces are joined with what is put beside them."""

Piece = tuple[str, int, int]
"""A string, and which of its characters count."""


class Pieces:
    """Strings one after another; an edit copies none of the long ones.

    They lie in two heaps, with the place of the last edit between them: the next one,
    and who reads, is mostly near it.

    Args:
        text: To begin with.
    """

    def __init__(self, text: str) -> None:
        self._left: list[Piece] = []
        self._right: list[Piece] = [(text, 0, len(text))]
        self._at = 0
        """Characters to the left."""

        self._length = len(text)

    def __len__(self) -> int:
        return self._length

    def whole(self) -> str:
        """All of it, joined once."""
        pieces = self._left + self._right
        if len(pieces) == 1 and _size(pieces[0]) == len(pieces[0][0]):
            return pieces[0][0]
        text = self.between(0, self._length)
        self._left, self._right, self._at = [], [(text, 0, len(text))], 0
        return text

    def between(self, start: int, end: int) -> str:
        """The characters from a place up to another."""
        found: list[str] = []
        at = self._at
        for text, low, high in reversed(self._left):
            if at <= start:
                break
            at -= high - low
            found.append(
                text[low + max(start - at, 0) : min(high, low + max(end - at, 0))]
            )
        found.reverse()
        at = self._at
        for text, low, high in reversed(self._right):
            if at >= end:
                break
            found.append(text[low + max(start - at, 0) : min(high, low + end - at)])
            at += high - low
        return "".join(found)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of what stands between two places."""
        self._go(start)
        left = end - start
        self._length += len(text) - left
        while left > 0:
            whole, low, high = self._right.pop()
            if high - low > left:
                self._right.append((whole, low + left, high))
            left -= high - low
        if self._left and _size(self._left[-1]) < SMALL:
            before, low, high = self._left.pop()
            self._at -= high - low
            text = before[low:high] + text
        if text:
            self._left.append((text, 0, len(text)))
        self._at += len(text)

    def _go(self, at: int) -> None:
        """Let a place be the one between the heaps."""
        while self._at > at:
            text, low, high = self._left.pop()
            middle = max(low, high - (self._at - at))
            if middle > low:
                self._left.append((text, low, middle))
            _put(self._right, (text, middle, high))
            self._at -= high - middle
        while self._at < at:
            text, low, high = self._right.pop()
            middle = min(high, low + at - self._at)
            if middle < high:
                self._right.append((text, middle, high))
            self._at += middle - low
            before = self._left[-1] if self._left else None
            if before and before[0] is text and before[2] == low:
                low = self._left.pop()[1]
            self._left.append((text, low, middle))


def _put(right: list[Piece], piece: Piece) -> None:
    """In front of the right heap, as one with what it was one with before."""
    if right and right[-1][0] is piece[0] and right[-1][1] == piece[2]:
        right[-1] = (piece[0], piece[1], right[-1][2])
    else:
        right.append(piece)


def _size(piece: Piece) -> int:
    return piece[2] - piece[1]
