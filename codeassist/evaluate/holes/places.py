"""The places in one file where a hole of each kind can be."""

import random
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, zip_longest

from codeassist.languages import by_id

from .syntax import Range, Syntax, parse

__all__ = ["KINDS", "MAX_CHARACTERS", "places"]

KINDS = ("block", "condition", "arguments", "span", "rest-of-line", "line")
"""Of holes, the rarest first: it is the order in which a file's lines are given away."""

MAX_CHARACTERS = 600
"""Of a hole; nobody wants more at once."""

SPAN_LINES = (1, 1, 2, 3, 4)
"""How many lines a span touches: one of these, equally likely."""

FAR_FROM_ERROR = 5
"""Lines between a hole and what does not parse."""

LEAST_CODE = 3
"""Visible characters of code in a line, its rest, or a span."""

WORD = re.compile(r"\b[^\W\d]\w*")
LONG_WORD = 80
WORD_BEFORE = re.compile(rb"[\w\x80-\xff]*\Z")
WORD_AFTER = re.compile(rb"[\w\x80-\xff]*")
NOISE = frozenset(
    [
        "begin",
        "break",
        "continue",
        "default",
        "do",
        "else",
        "endif",
        "ensure",
        "esac",
        "fi",
        "finally",
        "in",
        "let",
        "pass",
        "private",
        "public",
        "repeat",
        "return",
        "then",
        "try",
    ]
)
"""Words that alone are not worth a hole; a language's closers are not either."""

SKIN_TONES = range(0x1F3FB, 0x1F400)
JOINER = "\u200d"


def places(
    text: bytes,
    language: str,
    *,
    seed: str,
    kinds: Sequence[str] = KINDS,
    rows: frozenset[int] | None = None,
) -> dict[str, list[Range]]:
    """Places of each kind in bytes of the text, in an order drawn with the seed.

    No two overlap. None is only comment, string, import or closers, none is near to
    what does not parse.

    Args:
        text: The file in UTF-8.
        language: One of `codeassist.grammars.NAMES`.
        seed: Of this file.
        kinds: Those wanted.
        rows: Lines, from 0, that a hole has to stay in; None for all.
    """
    page = _Page(parse(text, language), language, rows)
    drawn = [_drawn(page, kind, random.Random(f"{seed} {kind}")) for kind in KINDS]
    found: dict[str, list[Range]] = {kind: [] for kind in kinds}
    taken = bytearray(len(text))
    for turn in zip_longest(
        *(d for k, d in zip(KINDS, drawn, strict=True) if k in kinds)
    ):
        for candidate in filter(None, turn):
            kind, (start, end) = candidate
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found[kind].append((start, end))
    return found


class _Page:
    """A parsed file by lines."""

    def __init__(
        self, syntax: Syntax, language: str, rows: frozenset[int] | None
    ) -> None:
        self.syntax = syntax
        self.noise = NOISE | set(by_id(language, "").closers)
        self.rows = rows
        lines = syntax.text.split(b"\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in lines[:-1])]
        self.lines = [line.decode().rstrip() for line in lines]

    def place(self, row: int, column: int) -> int:
        """Byte at a column, in characters, of a line."""
        return self.starts[row] + len(self.lines[row][:column].encode())

    def row(self, byte: int) -> int:
        return bisect_right(self.starts, byte) - 1

    def trimmed(self, place: Range) -> Range:
        """Without comments at its beginning, nor blanks at either side."""
        start, end = place
        inner = self.syntax.uncommented[start:end]
        start += len(inner) - len(inner.lstrip())
        return start, max(start, start + len(self.syntax.text[start:end].rstrip()))

    def indented(self, byte: int) -> bool:
        """Whether only indentation stands before it in its line."""
        return not self.syntax.text[self.starts[self.row(byte)] : byte].strip()

    def fits(self, kind: str, place: Range) -> bool:
        """Whether a person would be glad of a completion there."""
        start, end = place
        text, uncommented, code = (
            layer[start:end]
            for layer in (self.syntax.text, self.syntax.uncommented, self.syntax.code)
        )
        if not text or len(text.decode()) > MAX_CHARACTERS or not self._allowed(place):
            return False
        if kind in {"block", "span"}:
            if 2 * _visible(uncommented) < _visible(text):
                return False
        elif uncommented != text:
            return False
        if kind in {"line", "rest-of-line", "span"} and _visible(code) < LEAST_CODE:
            return False
        words = WORD.findall(self._whole_words(kind, place))
        return not self.noise.issuperset(words)

    def _whole_words(self, kind: str, place: Range) -> str:
        """The code of a place with the words that it cuts in two; of a span one line."""
        start, end = place
        code = self.syntax.code
        if kind == "span":
            end = (code.find(b"\n", start, end) + 1 or end + 1) - 1
        before = WORD_BEFORE.search(code[max(0, start - LONG_WORD) : start])
        after = WORD_AFTER.match(code[end : end + LONG_WORD])
        start -= len(before[0]) if before else 0
        end += len(after[0]) if after else 0
        return code[start:end].decode(errors="ignore")

    def _allowed(self, place: Range) -> bool:
        first, last = self.row(place[0]), self.row(place[1] - 1)
        if self.rows is not None and not self.rows.issuperset(range(first, last + 1)):
            return False
        return not any(
            start - FAR_FROM_ERROR <= last and first <= end + FAR_FROM_ERROR
            for start, end in self.syntax.errors
        )


def _visible(text: bytes) -> int:
    return len(b"".join(text.split()))


def _drawn(
    page: _Page, kind: str, choose: random.Random
) -> Iterator[tuple[str, Range]]:
    candidates = list(CANDIDATES[kind](page, choose))
    choose.shuffle(candidates)
    return ((kind, place) for place in candidates if page.fits(kind, place))


def _blocks(page: _Page, _: random.Random) -> Iterator[Range]:
    places = map(page.trimmed, page.syntax.parts["block"])
    return (place for place in places if page.indented(place[0]))


def _conditions(page: _Page, _: random.Random) -> Iterator[Range]:
    return map(page.trimmed, page.syntax.parts["condition"])


def _arguments(page: _Page, _: random.Random) -> Iterator[Range]:
    for start, end in page.syntax.parts["arguments"]:
        if page.syntax.text[start - 1 : start] == b"(":
            yield page.trimmed((start, end))


def _spans(page: _Page, choose: random.Random) -> Iterator[Range]:
    for row, columns in _columns(page):
        column = choose.choice(columns)
        last = min(row + choose.choice(SPAN_LINES), len(page.lines)) - 1
        least = column + 1 if last == row else 0
        ends = [
            n
            for n in range(least, len(page.lines[last]) + 1)
            if _cursor_can_stand(page.lines[last], n)
        ]
        if ends:
            yield page.trimmed(
                (page.place(row, column), page.place(last, choose.choice(ends)))
            )


def _rests(page: _Page, choose: random.Random) -> Iterator[Range]:
    for row, columns in _columns(page):
        if columns[1:]:
            start = page.place(row, choose.choice(columns[1:]))
            yield start, page.place(row, len(page.lines[row]))


def _lines(page: _Page, _: random.Random) -> Iterator[Range]:
    for row, columns in _columns(page):
        yield page.place(row, columns[0]), page.place(row, len(page.lines[row]))


CANDIDATES: Mapping[str, Callable[[_Page, random.Random], Iterator[Range]]] = {
    "block": _blocks,
    "condition": _conditions,
    "arguments": _arguments,
    "span": _spans,
    "rest-of-line": _rests,
    "line": _lines,
}


def _columns(page: _Page) -> Iterator[tuple[int, list[int]]]:
    """Of each line with code the columns where a hole can begin."""
    for row, line in enumerate(page.lines):
        start = page.starts[row]
        if page.syntax.code[start : start + len(line.encode())].strip():
            yield (
                row,
                [
                    n
                    for n, character in enumerate(line)
                    if not character.isspace() and _cursor_can_stand(line, n)
                ],
            )


def _cursor_can_stand(line: str, column: int) -> bool:
    """Whether a column is between characters as a person sees them."""
    if column in {0, len(line)}:
        return True
    after = line[column]
    return not (
        unicodedata.category(after).startswith("M")
        or after == JOINER
        or line[column - 1] == JOINER
        or ord(after) in SKIN_TONES
    )
