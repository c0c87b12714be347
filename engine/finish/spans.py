"""An answer that goes on over line breaks, up to what stands behind the cursor."""

import re
from dataclasses import dataclass

from codeassist.engine.brackets import CLOSERS, QUOTES, scan
from codeassist.languages import Language

from .loops import is_loop
from .place import Place, ends, indentation, opens
from .stops import BLANK_LINES, LineEnd
from .trim import ends_with_rest, finish, join, loosens_rest, repeats_rest

__all__ = ["SpanEnd"]

FENCE = "```"

HEADER = re.compile(
    r"\s*(?:async|case|class|def|elif|else|except|finally|for|if|match|try|while|with)\b"
)
"""A line that a colon ends."""


@dataclass(frozen=True, slots=True)
class SpanEnd:
    """What lies between the cursor and the rest of its line is wanted.

    A model that breaks the line there means that rest to come later: what it says up to
    the line break does not join it. So the answer goes on until the model ends it, or
    says that rest. Where it does neither, or what that rest closes is closed before,
    the first line is the answer.
    """

    place: Place
    language: Language
    step: str = "    "
    """Of the file's indentation."""

    def cut(self, text: str) -> int | None:
        """As a line ends, as long as the text is one; later where the rest is said."""
        first = self._line.cut(text)
        if first is None or not self.joins(text) or self._line.cut(text[:first]):
            return first
        head, rest = self.place.head, self.place.rest.rstrip()
        said = rest != ":" and ends_with_rest(text[:first], head, rest)
        if said or self._lost(text):
            return first
        breaks = (at for at in range(first + 1, len(text)) if text[at] == "\n")
        whole = next((at for at in breaks if ends_with_rest(text[:at], head, rest)), 0)
        if whole or not repeats_rest(text, head, rest):
            return whole or None
        return max(first, text.rfind(rest) + len(rest))

    def broken_off(self, text: str) -> int:
        """The first line, or what a line's own rule makes of it."""
        if self.joins(text):
            return text.find("\n")
        return self._line.broken_off(text)

    def begun(self, text: str) -> bool:
        """Never: what stands behind the cursor may be in the block."""
        return False

    def joins(self, text: str) -> bool:
        """Whether the text goes on where a line would have ended."""
        end = text.find("\n")
        return end >= 0 and self._line.cut(text) == end

    def joined(self, text: str) -> str:
        """As it is offered where it joins: without the rest of the line.

        One that leaves a bracket of the rest without its partner (the editor closed
        `def f(`, and the model has written all of `f`) does not join: its first line is
        offered.

        A line that opens a block is followed by a deeper one, so that the rest is
        indented where it has no blanks, or too few.
        """
        place = self.place
        first = text[: self.broken_off(text)]
        text = join(text, place.head, place.rest)
        one_line = self._is_one_line(first, text) or self._has_its_colon(first, text)
        if one_line or loosens_rest(text, place.head, place.rest):
            return finish(first, place.head, place.rest, place.next_line)
        above, line_break, blanks = text.rpartition("\n")
        rest = place.rest.lstrip()
        opener = (place.head + above).rstrip().rpartition("\n")[2]
        if not line_break or blanks.strip() or not opens(opener, self.language):
            return text
        if ends(rest, self.language):
            return text
        there = indentation(blanks + place.rest)
        if there > indentation(opener):
            return text
        if self.step == "\t":
            return text + self.step
        return text + " " * (indentation(opener) + len(self.step) - there)

    @property
    def _line(self) -> LineEnd:
        return LineEnd(self.place, self.language)

    @property
    def _inside(self) -> bool:
        """Whether what is around the cursor is indented, above and below."""
        return bool(indentation(self.place.head) and indentation(self.place.next_line))

    def _has_its_colon(self, first: str, text: str) -> bool:
        """Whether the rest is a colon, said on the first line, and no header misses it."""
        if self.place.rest.rstrip() != ":":
            return False
        last = text.rpartition("\n")[2]
        return ends_with_rest(first, self.place.head, ":") and not HEADER.match(last)

    def _is_one_line(self, first: str, text: str) -> bool:
        """Whether a line break is all that comes between it and closing signs."""
        if self.place.rest.strip(" \t;" + CLOSERS + QUOTES) or not first.strip():
            return False
        if text[len(first) :].strip(" \t") != "\n":
            return False
        return not opens(self.place.head + first, self.language)

    def _lost(self, text: str) -> bool:
        """Whether the text has left what is between: another thought, or a loop.

        Or it says the file's next line, or ends a block of Markdown around the code.
        """
        *whole, _ = text.split("\n")
        if self._inside and any(line[:1].strip() for line in whole[1:]):
            return True
        if any(self._is_behind(whole[:n]) for n in range(2, len(whole) + 1)):
            return True
        blank = [not line.strip() for line in whole[1:]]
        if len(blank) >= BLANK_LINES and all(blank[-BLANK_LINES:]):
            return True
        said = [line.rstrip() for line in whole if line.strip()]
        return bool(said) and is_loop(said, self.language)

    def _is_behind(self, said: list[str]) -> bool:
        """Whether the last of some lines stands behind what is between."""
        line, head = said[-1].rstrip(), self.place.head
        if line.startswith(FENCE) and self.language.name != "markdown":
            return True
        if not line or line != self.place.next_line.rstrip():
            return False
        closed = len(scan(head + "\n".join(said)).loose) > len(scan(head).loose)
        return closed or any(map(str.isalnum, line))
