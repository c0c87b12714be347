"""Columns as clients count them: in code units of an encoding."""

from bisect import bisect_right
from collections.abc import Callable

__all__ = ["Columns", "characters", "units"]

WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
STEP = 1 << 15
"""Characters that are looked at in one go: more would not fit into a cache."""

NOTHING = (0, 0, 0)


class Columns:
    """Finds columns from the one before: a line may have megabytes.

    Args:
        between: The text between two offsets.
        encoding: Whose units are counted.
    """

    def __init__(self, between: Callable[[int, int], str], encoding: str) -> None:
        self._between = between
        self._encoding = encoding
        self._known = self._before = NOTHING
        """Where a line starts, an offset in it, and that one's column; and the one that
        was known before, as edits begin and end somewhere."""

    def edited(self, at: int) -> None:
        """The text from an offset on is another."""
        if self._known[1] > at:
            self._known = self._before if self._before[1] <= at else NOTHING
        self._before = self._known

    def offset(self, start: int, end: int, column: int) -> int:
        """Where a column is; one inside a character is at the character's beginning.

        Args:
            start: Of the line.
            end: Of the line, without its line break; all beyond stands for it.
            column: In units.
        """
        known = self._known
        if known[0] != start or abs(column - known[2]) > column:
            known = (start, start, 0)
        move = self._forth if column >= known[2] else self._back
        self._before, self._known = self._known, move(known, end, column)
        return self._known[1]

    def _forth(
        self, known: tuple[int, int, int], end: int, column: int
    ) -> tuple[int, int, int]:
        start, at, now = known
        while now < column and at < end:
            part = self._between(at, min(end, at + min(column - now, STEP)))
            fit = characters(part, column - now, self._encoding)
            at += fit
            now += units(part[:fit], self._encoding)
            if fit < len(part):
                break
        return start, at, now

    def _back(
        self, known: tuple[int, int, int], _: int, column: int
    ) -> tuple[int, int, int]:
        start, at, now = known
        while now > column:
            part = self._between(max(start, at - min(now - column, STEP)), at)
            begin = now - units(part, self._encoding)
            fit = characters(part, max(column - begin, 0), self._encoding)
            at -= len(part) - fit
            now = begin + units(part[:fit], self._encoding)
        return start, at, now


def characters(line: str, column: int, encoding: str) -> int:
    """Characters that stand before a column counted in code units.

    A column inside a character stands for the character's beginning.
    """
    if line.isascii():
        return min(column, len(line))
    if units(line, encoding) <= column:
        return len(line)
    # note: a decoder would drop half of a surrogate pair that is alone
    ends = range(1, len(line) + 1)
    return bisect_right(ends, column, key=lambda end: units(line[:end], encoding))


def units(text: str, encoding: str) -> int:
    """Code units of a text."""
    if text.isascii():
        return len(text)
    codec, width = WIDTHS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width
