"""When an answer is complete: the instruct weights almost never say so themselves."""

from dataclasses import dataclass
from typing import Protocol

from codeassist.languages import Language

from .place import Place, closes, indentation

__all__ = ["BlockEnd", "End", "LineEnd"]

BLANK_LINES = 2
"""That many blank lines in a row end a block: what follows is another thought."""

REPEATS = 3
"""The same line that often in a row: the model is in a loop."""


class End(Protocol):
    """Says where an answer ends."""

    def cut(self, text: str) -> int | None:
        """Characters of `text` that are the answer; None: it goes on."""


class LineEnd:
    """One line is wanted: it ends at the first line break."""

    def cut(self, text: str) -> int | None:
        """Index of the first line break."""
        end = text.find("\n")
        return end if end >= 0 else None


@dataclass(frozen=True, slots=True)
class BlockEnd:
    """A body is wanted: it ends where the block does.

    That is before a line that is less indented than the body, after the line that
    closes the block where the file does not close it already, before the line that
    follows in the file anyway, at two blank lines, or in a loop.
    """

    place: Place
    language: Language

    def cut(self, text: str) -> int | None:
        """End of the last line that belongs to the block."""
        lines = text.split("\n")
        end = blank = 0
        for n, line in enumerate(lines):
            whole = n < len(lines) - 1
            if line.strip():
                blank = 0
                if n and self._stops_before(lines, n, whole=whole):
                    return self._with_closer(lines, n, end, whole=whole)
                end = len("\n".join(lines[: n + 1]))
            elif n and whole:
                blank += 1
                if blank >= BLANK_LINES and end:
                    return end
        return None

    def _stops_before(self, lines: list[str], n: int, *, whole: bool) -> bool:
        """Line `n` is outside of the block, in the file anyway, or one of a loop."""
        line = lines[n]
        if indentation(line) < self.place.floor:
            return True
        if not whole:
            return False
        if line.rstrip() == self.place.next_line.rstrip() and len(line.strip()) > 1:
            return True
        recent = {text.strip() for text in lines[max(0, n - REPEATS + 1) : n + 1]}
        return n >= REPEATS - 1 and len(recent) == 1

    def _with_closer(
        self, lines: list[str], n: int, end: int, *, whole: bool
    ) -> int | None:
        """The end of line `n` where that closes the block and the file does not."""
        code = lines[n].strip()
        closers = self.language.closers
        if self.place.opener is None or indentation(lines[n]) != self.place.base:
            return end
        if self._closed_in_file():
            return end
        if not whole:
            # `en` may become `end`, `}` may become `} else {`
            maybe = any(c.startswith(code) or code.startswith(c) for c in closers)
            return None if maybe else end
        return (
            len("\n".join(lines[: n + 1])) if closes(lines[n], self.language) else end
        )

    def _closed_in_file(self) -> bool:
        place = self.place
        if closes(place.rest, self.language):
            return True
        return (
            place.next_line.strip().startswith(self.language.closers)
            and indentation(place.next_line) == place.base
        )
