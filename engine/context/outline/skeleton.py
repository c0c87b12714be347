"""Python without the bodies of functions in which nothing is defined or imported.

An outline says nothing of such bodies, and most of a file's tree is theirs. In the
skeleton each is a pair of brackets, and of bodies that only import the imports are left.
Long strings and comments are empty, short ones blank. What is left knows its place.
"""

import re
from bisect import bisect_right

__all__ = ["Skeleton", "skeleton"]

LITERAL = re.compile(
    rb"#[^\n]*+"
    rb'|"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""'
    rb"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
    rb'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
    rb"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'",
    re.DOTALL,
)
FUNCTION = re.compile(
    rb"^([ \t]*+)(?:async[ \t]++)?+def[ \t]++(?!__init__\b)\w++[ \t]*+"
    rb"\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)[^:\n]*+:[ \t\r]*+(?:#[^\n]*+)?+\n"
    rb"(?:[ \t\r]*+(?:#[^\n]*+)?+\n)*+\1[ \t]++([^\s#][^\n]*+"
    rb"(?:\n(?:[ \t\r]*+(?:#[^\n]*+)?+\n)*+\1[ \t]++[^\s#][^\n]*+)*+"
    rb"(?:\n(?:[ \t\r]*+\n)*+\1[ \t]++#[^\n]*+)*+)",
    re.MULTILINE,
)
"""A header, and by their indentation the lines of the body. Comments may stand anywhere
in it, and those that end it belong to it."""

TELLING = re.compile(rb"\b(?:def|class)\b")
"""What of a body stands in an outline; beside it imports, and the fields that `__init__`
sets."""

WORD = re.compile(rb"\bimport\b")
IMPORT = re.compile(
    rb"(?:\A|\n([ \t]++))(?:from[ \t]++[.\w]++[ \t]++)?+import\b"
    rb"(?:[^\r\n()\\#]++|\([^()]*+\))*+(?=[\r\n#]|\Z)"
)
"""One statement of a body, on lines of its own."""

BRACKETS = b"()[]{}"
OTHERS = bytes(c for c in range(256) if c not in BRACKETS)
TRIPLE = (b'"""', b"'''")
BLANK = bytes(c if c in b"\n" else 0x20 for c in range(256))
SHORT = 24
"""Strings and comments below it are blanked in place: to note a place costs more."""

LEAST = 8
"""Shorter bodies stay."""


Edit = tuple[int, int, bytes]
"""Start and end of a piece, and a shorter text, whose last byte stays the piece's last."""


class Skeleton:
    """A text from which pieces were taken, and where the rest of it was.

    Args:
        text: The whole.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._cuts: list[tuple[list[int], list[int]]] = []
        """Of each time that it was cut, the last first: places, and the sums of what
        was taken in front of them."""

    def place(self, at: int) -> int:
        """Where a byte of the text stands in the whole."""
        for places, taken in self._cuts:
            at += taken[bisect_right(places, at)]
        return at

    def empty(self, pattern: re.Pattern[bytes]) -> None:
        """Leave of each match only what `_emptied_text` says."""
        places, taken = [], [0]
        lost = 0

        def shorter(found: re.Match[bytes]) -> bytes:
            nonlocal lost
            whole = found[0]
            text = _emptied_text(whole)
            if less := len(whole) - len(text):
                places.append(found.start() - lost + len(text) - 1)
                lost += less
                taken.append(lost)
            return text

        self.text = pattern.sub(shorter, self.text)
        self._cuts.insert(0, (places, taken))

    def replace(self, edits: list[Edit]) -> None:
        """Put shorter texts in the place of pieces, which are in order."""
        parts: list[bytes] = []
        places, taken = [], [0]
        at = lost = 0
        for start, end, text in edits:
            parts += self.text[at:start], text
            places.append(start - lost + len(text) - 1)
            lost += end - start - len(text)
            taken.append(lost)
            at = end
        self.text = b"".join((*parts, self.text[at:]))
        self._cuts.insert(0, (places, taken))


def skeleton(data: bytes) -> Skeleton:
    """A file with less in it, to be believed where it parses without errors."""
    found = Skeleton(data)
    found.empty(LITERAL)
    found.replace(_bodies(found.text))
    return found


def _emptied_text(text: bytes) -> bytes:
    """A comment's sign, or a string's quotes; blanks between these where it is short."""
    if text.startswith(b"#"):
        return b"#"
    n = 3 if text.startswith(TRIPLE) else 1
    quotes = text[:n]
    if len(text) > SHORT:
        return quotes + quotes
    return quotes + text[n:-n].translate(BLANK) + quotes


def _bodies(text: bytes) -> list[Edit]:
    """Bodies of functions, with nothing in them but imports."""
    edits: list[Edit] = []
    found = FUNCTION.search(text)
    while found:
        start, end = found.span(2)
        body = found[2]
        if TELLING.search(body):  # look into it
            end = text.rfind(b"\n", 0, start) + 1
        elif end - start >= LEAST and _is_whole(body):
            edits += _emptied(
                body, start, text[text.rfind(b"\n", 0, start) + 1 : start]
            )
        found = FUNCTION.search(text, end)
    return edits


def _emptied(body: bytes, start: int, indent: bytes) -> list[Edit]:
    """All of a body but the imports, which must not stand in a block of their own.

    They stand in one line then, so that indentation does not matter.
    """
    words = WORD.findall(body)
    if not words:
        return [(start, start + len(body), b"()")]
    found = list(IMPORT.finditer(body))
    if len(found) != len(words) or any(f[1] not in (None, indent) for f in found):
        return []
    kept = [(f.end(1) if f[1] else 0, f.end()) for f in found]
    befores, afters = zip(*kept, strict=True)
    edits = []
    for after, before in zip((0, *afters), (*befores, len(body)), strict=True):
        gone = body[after:before].strip(b" \t\r\n#")
        parts = (after and b";", gone and b"();")
        text = b"".join(filter(None, parts))
        if before == len(body):
            text = text.rstrip(b";")
        if after < before and text:
            edits.append((start + after, start + before, text))
    return edits


def _is_whole(body: bytes) -> bool:
    """Whether no bracket, string or line goes on behind it."""
    marks = body.translate(None, OTHERS)
    count = marks.count
    return (
        count(b"(") == count(b")")
        and count(b"[") == count(b"]")
        and count(b"{") == count(b"}")
        and not any(body.count(quotes) % 2 for quotes in TRIPLE)
        and not body.endswith(b"\\")
    )
