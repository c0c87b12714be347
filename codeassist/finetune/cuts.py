"""Where a hole is cut into a file: as somebody could stand there and ask."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from codeassist.training.fim_data.recipe import draw
from codeassist.training.fim_data.spans import SYNTAX, Spans

__all__ = ["KINDS", "PLAIN", "Cut", "draw_cut"]

PLAIN = "left-to-right"
"""No hole: the text as it goes on."""

KINDS = (*SYNTAX, "line", "lines", "rest-of-line", "random", "typed", "empty", PLAIN)
"""``lines`` are whole ones, from one line break to another; ``typed`` is a line, or the
rest of one, below lines that were typed since the prompt's middle was begun."""

TRIES = 4
"""Draws of one kind before another is tried."""

MOST_LINES = 8
"""Of ``lines``, and above the cursor of ``typed``."""

LONGEST_RANDOM = 250
"""Characters; a longer piece out of the middle of anything is guesswork."""

BASES: Mapping[str, float] = {"line": 0.4, "rest-of-line": 0.4, "statement": 0.2}
"""What a ``typed`` hole is."""

BEGINS: Mapping[str, float] = {"indented": 0.65, "line": 0.15, "line above": 0.2}
"""Where the cursor is before whole lines: behind the indentation, as editors put it,
before it, or at the end of the line above."""

LEGAL = re.compile(r"licen[cs]e|copyright|warrant|redistribut", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """A hole in a text, in characters."""

    kind: str
    start: int
    """Where the cursor stands."""

    end: int
    begun: int | None = None
    """Where the cursor stood when the middle was begun; None: asked first here."""


def draw_cut(
    text: str,
    spans: Spans,
    shares: Mapping[str, float],
    dice: random.Random,
) -> Cut | None:
    """A hole of a kind that is drawn by the shares; None where the text has none.

    Args:
        text: The file.
        spans: Of the file.
        shares: Of each kind.
        dice: What is drawn with.
    """
    for kind in draw(shares, dice):
        for _ in range(TRIES):
            cut = _cut(text, spans, kind, dice)
            if cut is not None:
                return cut
    return None


def _cut(text: str, spans: Spans, kind: str, dice: random.Random) -> Cut | None:
    if kind == PLAIN:
        return Cut(kind, _line_start(text, dice.randrange(len(text))), len(text))
    if kind == "empty":
        place = spans.draw_empty(dice)
        return Cut(kind, *place) if place else None
    if kind == "lines":
        whole = _whole_lines(text, dice)
        return Cut(kind, *whole) if _says_something(text, whole) else None
    base = draw(BASES, dice)[0] if kind == "typed" else kind
    span = _shorter(spans.draw(base, dice), spans.draw(base, dice))
    if span is None or not _fits(text, span, base):
        return None
    if kind == "typed":
        return _typed(text, span, dice)
    return Cut(kind, *_begun(text, span, dice))


def _shorter(
    one: tuple[int, int] | None, other: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Of two spans the one that somebody is likelier to leave to a model."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda span: span[1] - span[0])


def _fits(text: str, span: tuple[int, int], kind: str) -> bool:
    """Whether anything speaks for what stands there."""
    if not text[: span[0]].strip():
        return False
    if kind == "random":
        return span[1] - span[0] <= LONGEST_RANDOM
    return _says_something(text, span)


def _says_something(text: str, span: tuple[int, int]) -> bool:
    middle = text[slice(*span)]
    return re.search(r"\w", middle) is not None and LEGAL.search(middle) is None


def _begun(text: str, span: tuple[int, int], dice: random.Random) -> tuple[int, int]:
    """The span with its cursor where one may stand before whole lines."""
    start, end = span
    line = _line_start(text, start)
    if text[line:start].strip() or not _rest(text, end).isspace():
        return span
    begins = draw(BEGINS, dice)[0]
    if begins == "line above" and text[:line].rstrip(" \t").endswith("\n"):
        above = len(text[:line].rstrip())
        return (above, end) if text.count("\n", above, line) == 1 else span
    return (line, end) if begins == "line" else span


def _typed(text: str, span: tuple[int, int], dice: random.Random) -> Cut | None:
    """The span, with some lines above it typed in the same stretch."""
    start, end = span
    if _rest(text, end).strip():
        return None
    begun = _line_start(text, start)
    for _ in range(dice.randint(1, MOST_LINES)):
        if not begun:
            break
        begun = _line_start(text, begun - 1)
    return Cut("typed", start, end, begun) if begun < _line_start(text, start) else None


def _whole_lines(text: str, dice: random.Random) -> tuple[int, int]:
    """Some whole lines with their line breaks; few more often than many."""
    start = _line_start(text, dice.randrange(len(text)))
    end = start
    for _ in range(int((MOST_LINES + 1) ** dice.random())):
        end = text.find("\n", end) + 1 or len(text)
    return start, end


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _rest(text: str, at: int) -> str:
    """What follows in the line, with its line break."""
    return text[at : text.find("\n", at) + 1 or len(text)] or "\n"
