"""When an answer is complete: the instruct weights almost never say so themselves."""

import re
from dataclasses import dataclass, replace
from typing import Protocol

from codeassist.engine.brackets import CLOSER_OF, OPENERS, PAIRS, Scan, scan
from codeassist.languages import Language

from .loops import is_loop
from .place import Place, closes, closing, divides, ends, indentation, opens
from .texts import Texts
from .trim import repeats_rest

__all__ = ["BLANK_LINES", "BlockEnd", "End", "LineEnd"]

BLANK_LINES = 2
"""That many blank lines in a row end a block: what follows is another thought."""


FIRST_WORD = re.compile(r"\w+")


class End(Protocol):
    """Says where an answer ends."""

    def cut(self, text: str) -> int | None:
        """Characters of `text` that are the answer; None: it goes on."""

    def broken_off(self, text: str) -> int:
        """Characters that are the answer where the model could say no more."""

    def begun(self, text: str) -> bool:
        """Whether the answer is to go on, as a block is begun and nothing is in it."""


@dataclass(frozen=True, slots=True)
class LineEnd:
    """One line is wanted: it ends at the first line break.

    It ends before, too, where it has said what stands behind the cursor. Where the
    answer opens a bracket at the end of that line, and the file closes those around the
    cursor right behind it, the answer goes on until it has closed its own.
    """

    place: Place | None = None
    language: Language | None = None
    body: bool = False
    """Whether a line that opens a block, of which the file has nothing yet, comes with
    what is in it."""

    def cut(self, text: str) -> int | None:
        """Index of the first line break, or the end of what the line begins."""
        end = text.find("\n")
        if end < 0:
            return len(text) if self._repeats(text) else None
        more = self._more(text[:end].rstrip())
        return more.cut(text) if more else end

    def broken_off(self, text: str) -> int:
        """Whole lines; one line stays as it is."""
        return _whole_lines(text)

    def begun(self, text: str) -> bool:
        """Whether the last line opens a block, and its body is wanted, too."""
        more = self._more(text.partition("\n")[0].rstrip())
        return more is not None and more.begun(text)

    def _more(self, first: str) -> "BlockEnd | None":
        """The end of what the first line begins; None: it is all that is wanted."""
        place, language = self.place, self.language
        if place is None or language is None:
            return None
        opener = place.head
        if not (place.goes_on and first.endswith(tuple(OPENERS))):
            opener += first
            inside = indentation(place.next_line) > indentation(opener)
            if not self.body or place.rest.strip() or inside:
                return None
            begins = opens(opener, language)
        else:
            begins = bool(_read(first, place).open)
        return BlockEnd(replace(place, opener=opener), language) if begins else None

    def _repeats(self, text: str) -> bool:
        place = self.place
        return place is not None and repeats_rest(text, place.head, place.rest)


@dataclass(frozen=True, slots=True)
class BlockEnd:
    """A body is wanted: it ends where the block does.

    That is before a line that is less indented than the body and closes no bracket of
    the answer, after the line that closes the block where the file does not close it
    already, before the line that follows in the file anyway, at two blank lines, or in
    a loop.
    """

    place: Place
    language: Language

    def cut(self, text: str) -> int | None:
        """End of the last line that belongs to the block."""
        lines = text.split("\n")
        end = blank = 0
        own, texts = Scan(), Texts(self.language, self.place.head)
        said: list[str] = []
        for n, line in enumerate(lines):
            whole = n < len(lines) - 1
            within = texts.within or own.quote == "`"
            if line.strip():
                blank = 0
                said.append(line.rstrip() if n else self.place.head + line.rstrip())
                if n and self._stops_before(line, own, said, within, whole=whole):
                    return self._with_closer(lines, n, end, whole=whole)
                end = len("\n".join(lines[: n + 1]))
                code = texts.read(line, bracketed=bool(own.open))
                was, own = own.open, self._read(n, code, own)
                if whole and self._is_last(code, was, own):
                    return end
            elif n and whole and not within:
                blank += 1
                if blank >= BLANK_LINES and end:
                    return end
        return None

    def broken_off(self, text: str) -> int:
        """Whole lines; one line stays as it is."""
        return _whole_lines(text)

    def begun(self, text: str) -> bool:
        """Whether the last line opens a block that the file has nothing of yet."""
        place = self.place
        *above, line = text.rstrip().split("\n")
        opener = line if above else place.head + line
        if place.rest.strip() or indentation(place.next_line) > indentation(opener):
            return False
        return opens(opener, self.language)

    def _read(self, n: int, line: str, own: Scan) -> Scan:
        """The brackets of the answer that are open behind its line `n`."""
        if not n:
            return _read(line, self.place)
        return scan(line, opened=own.open, quote=own.quote if own.quote == "`" else "")

    def _stops_before(
        self, line: str, own: Scan, said: list[str], within: bool, *, whole: bool
    ) -> bool:
        """A line is outside of the block, in the file anyway, or one of a loop.

        One that begins within a string can only be the last.
        """
        if within:
            return whole and is_loop(said, self.language)
        closes_own = own.open and own.open[-1] == PAIRS.get(line.strip()[0])
        if closes_own and indentation(line) >= self.place.base:
            return False
        if self._is_part(line, whole=whole):
            return False
        if indentation(line) < self.place.floor:
            return True
        if not whole:
            return False
        if line.rstrip() == self.place.next_line.rstrip() and len(line.strip()) > 1:
            return True
        return is_loop(said, self.language)

    def _is_part(self, line: str, *, whole: bool) -> bool:
        """Whether a line at the opener's own indentation is within the block (`case`)."""
        parts, opener, code = self.language.parts, self.place.opener, line.strip()
        if opener is None or not parts:
            return False
        if "#" in parts and code.startswith("#"):
            return True
        if indentation(line) != self.place.base or _begins(opener.strip(), parts):
            return False
        return _begins(code, parts) or (
            not whole and any(part.startswith(code) for part in parts)
        )

    def _is_last(self, line: str, was: list[str], own: Scan) -> bool:
        """Whether a line closes what is around the cursor, or all of the answer's own.

        That is where the line is no deeper than the cursor's.
        """
        place = self.place
        if not place.head.strip():
            return False
        if own.loose:
            opener = place.head.rstrip()[-1]
            partner = CLOSER_OF.get(opener)
            return place.goes_on or any(line[at] == partner for at in own.loose)
        closed = bool(was) and not own.open and indentation(line) < place.floor
        return place.goes_on and closed and not line.rstrip().endswith(",")

    def _with_closer(
        self, lines: list[str], n: int, end: int, *, whole: bool
    ) -> int | None:
        """The end of line `n` where that closes the block and the file does not."""
        line = lines[n]
        if self.place.opener is None or indentation(line) != self.place.base:
            return end
        if self._closed_in_file():
            return end
        if not whole:
            # `en` may become `end`, `}` may become `} else {`
            code, closers = line.strip(), self.language.closers
            maybe = any(c.startswith(code) or code.startswith(c) for c in closers)
            return None if maybe else end
        length = 0 if divides(line, self.language) else closing(line, self.language)
        return len("\n".join(lines[:n])) + 1 + length if length else end

    def _closed_in_file(self) -> bool:
        place = self.place
        if closes(place.rest, self.language):
            return True
        return (
            ends(place.next_line, self.language)
            and indentation(place.next_line) == place.base
        )


def _begins(code: str, words: tuple[str, ...]) -> bool:
    """Whether code begins with one of some words."""
    first = FIRST_WORD.match(code)
    return first is not None and first[0] in words


def _read(first: str, place: Place) -> Scan:
    """The brackets that the answer's first line opens and closes."""
    return scan(first, before=place.head, quote=scan(place.head).quote)


def _whole_lines(text: str) -> int:
    """Characters up to the last whole line; all of them where there is one line."""
    end = text.rfind("\n")
    return end if end >= 0 and text[:end].strip() else len(text)
