"""The layout of a prompt: a tuple of sentinels, text and slots in prompt order."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

__all__ = [
    "COMMENTED_FILE",
    "Layout",
    "Slot",
    "Token",
    "before_prefix",
    "commented",
    "psm",
    "sentinels",
    "spm",
]


class Slot(Enum):
    """A place in a layout that a request fills."""

    PREFIX = auto()
    SUFFIX = auto()
    FILES = auto()
    """The other files, each in the family's `file` layout."""

    TEXT = auto()
    """The text of one of them."""

    PATH = auto()
    REPO = auto()
    LANGUAGE = auto()
    COMMENT = auto()
    """The line comment leader of the language."""


@dataclass(frozen=True, slots=True)
class Token:
    """A sentinel, by its spelling in the vocabulary."""

    text: str


Piece: TypeAlias = "Token | Slot | str | tuple[Piece, ...]"
Layout: TypeAlias = tuple[Piece, ...]
"""Pieces in prompt order; a tuple inside is left out while one of its slots is empty."""


def sentinels(layout: Layout) -> Iterator[str]:
    """The spellings of all sentinels in a layout."""
    for piece in layout:
        if isinstance(piece, Token):
            yield piece.text
        elif isinstance(piece, tuple):
            yield from sentinels(piece)


COMMENTED_FILE: Layout = (Slot.COMMENT, " ", Slot.PATH, "\n", Slot.TEXT, "\n")
"""A file under a comment that names it, for families without a token for it."""


def psm(prefix: str, suffix: str, middle: str) -> Layout:
    """Prefix, suffix, middle: each behind its sentinel."""
    return (Token(prefix), Slot.PREFIX, Token(suffix), Slot.SUFFIX, Token(middle))


def spm(suffix: str, prefix: str, *middle: str) -> Layout:
    """Suffix, prefix, middle: each behind its sentinel, if it has one."""
    return (Token(suffix), Slot.SUFFIX, Token(prefix), Slot.PREFIX, *map(Token, middle))


def before_prefix(layout: Layout, *pieces: Piece) -> Layout:
    """The layout with pieces right before the prefix, inside its sentinels."""
    at = layout.index(Slot.PREFIX)
    return (*layout[:at], *pieces, *layout[at:])


def commented(layout: Layout) -> Layout:
    """The layout with the other files and the own path as comments in the prefix."""
    return before_prefix(layout, Slot.FILES, (Slot.COMMENT, " ", Slot.PATH, "\n"))
