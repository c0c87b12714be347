"""The part of the file that the model sees, cut in the model's own tokens."""

from collections import OrderedDict
from collections.abc import Callable

from .anchor import DOCUMENTS

__all__ = ["Heads", "head_window", "tail_window"]

GRID = 16
"""Lines. The window before the cursor begins at a multiple of it, so that a line
more at the cursor seldom shifts every token of the prompt out of the KV cache."""

Count = Callable[[str], int]
"""Number of tokens of a text."""

LINE_LIMIT = 4_000
"""Characters of one line that are looked at; nobody reads further in a line."""


class Heads:
    """The window before the cursor of each document, which begins where it did before.

    A window that begins elsewhere shares nothing with the one in the KV cache. So it
    grows while somebody types on, up to half as long again, before it begins anew.

    Args:
        count: Counts the tokens of a line.
    """

    def __init__(self, count: Count) -> None:
        self._count = count
        self._rows: OrderedDict[str, int] = OrderedDict()

    def of(self, path: str, text: str, budget: int, most: int) -> str:
        """The end of `text`, from where the last window of this document began.

        Args:
            path: Of the document.
            text: The document up to the cursor.
            budget: Tokens of a new window; one of less than half of them is not kept.
            most: Tokens up to which one that is kept may grow.
        """
        row = self._rows.pop(path, -1)
        head = self._from(text, row, budget, min(most, budget * 3 // 2))
        if head is None:
            head = head_window(text, budget, self._count)
            row = text.count("\n") - head.count("\n")
        self._rows[path] = row
        if len(self._rows) > DOCUMENTS:
            self._rows.popitem(last=False)
        return head

    def clear(self) -> None:
        """Forget all of them."""
        self._rows.clear()

    def _from(self, text: str, row: int, budget: int, most: int) -> str | None:
        """The text from a row on, if that is no window too small or too large."""
        lines = text.split("\n")[row:] if 0 <= row <= text.count("\n") else []
        used = 0
        for line in lines:
            used += self._count(line + "\n") if _short(line) else most + 1
            if used > most:
                return None
        large_enough = row == 0 or 2 * used >= budget
        return "\n".join(lines) if lines and large_enough else None


def head_window(text: str, budget: int, count: Count) -> str:
    """The end of `text`, of at most about `budget` tokens, from a line of the grid.

    Args:
        text: The document up to the cursor.
        budget: Tokens at the most (one line more where the grid demands none).
        count: Counts the tokens of a line.
    """
    lines = text.split("\n")
    first = len(lines) - 1
    lines[first] = lines[first][-LINE_LIMIT:]
    used = count(lines[first])
    while first > 0 and used < budget:
        used += count(lines[first - 1] + "\n") if _short(lines[first - 1]) else budget
        if used <= budget:
            first -= 1
    on_grid = -(-first // GRID) * GRID
    if 2 * (len(lines) - on_grid) > len(lines) - first:
        first = on_grid  # it costs less than half of the window
    head = "\n".join(lines[first:])
    return head if first < len(lines) - 1 else _last(head, budget, count)


def tail_window(text: str, budget: int, count: Count) -> str:
    """The beginning of `text`, of at most about `budget` tokens, in whole lines.

    Args:
        text: The document from the cursor on.
        budget: Tokens at the most.
        count: Counts the tokens of a line.
    """
    kept: list[str] = []
    used = 0
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        line = text[at : min(end, at + LINE_LIMIT)]
        used += count(line)
        if used > budget:
            return "".join(kept) or line[:budget]
        kept.append(line)
        at = end
    return "".join(kept)


def _short(line: str) -> bool:
    return len(line) <= LINE_LIMIT


def _last(line: str, budget: int, count: Count) -> str:
    """The end of one line that is too long by itself."""
    line = line[-LINE_LIMIT:]
    while line and count(line) > budget:
        line = line[len(line) // 2 :]
    return line
