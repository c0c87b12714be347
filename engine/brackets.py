"""Brackets and quotes of a piece of code: what it leaves open, what it closes."""

import re
from dataclasses import dataclass, field

__all__ = [
    "CLOSERS",
    "CLOSER_OF",
    "OPENERS",
    "PAIRS",
    "QUOTES",
    "Scan",
    "is_closed_by",
    "scan",
]

OPENERS = "([{"
CLOSERS = ")]}"
QUOTES = "\"'`"

PAIRS = dict(zip(CLOSERS, OPENERS, strict=True))
CLOSER_OF = dict(zip(OPENERS, CLOSERS, strict=True))
MARK = re.compile(r"\\.|[()\[\]{}\"'`\n]", re.DOTALL)
PREFIX = re.compile(r"(?<!\w)[rbfuRBFU]{1,2}$")
LIFETIME = re.compile(r"[&<]'[a-z_]\w*(?!\w|')|'static\b")


@dataclass(slots=True)
class Scan:
    """What a piece of code does to the brackets and quotes around it."""

    open: list[str] = field(default_factory=list)
    """Brackets that are open behind it, the innermost last."""

    loose: list[int] = field(default_factory=list)
    """Where it closes brackets that were not open."""

    quote: str = ""
    """The quote that is open behind it; empty outside of strings."""

    left: int | None = None
    """Where it closes the string that it began in."""

    def bracket(self, at: int, character: str) -> None:
        """Take one bracket."""
        if character in OPENERS:
            self.open.append(character)
        elif self.open and self.open[-1] == PAIRS[character]:
            self.open.pop()
        else:
            self.loose.append(at)


def scan(
    text: str, *, before: str = "", quote: str = "", opened: list[str] | None = None
) -> Scan:
    """Read the brackets and quotes of a text; those in strings do not count.

    Args:
        text: Any piece of code.
        before: What stands before it on its line.
        quote: The quote that is open before it.
        opened: The brackets that are open before it.
    """
    found = Scan(open=list(opened or ()), quote=quote)
    inside = bool(quote)
    for mark in MARK.finditer(text):
        at, character = mark.start(), mark[0]
        if found.quote:
            if character == found.quote or (character == "\n" and found.quote != "`"):
                found.quote = ""
                if inside and found.left is None:
                    found.left = at
        elif character in PAIRS or character in OPENERS:
            found.bracket(at, character)
        elif character in QUOTES and _begins_string(before + text, len(before) + at):
            found.quote = character
    return found


def is_closed_by(typed: str, behind: str) -> bool:
    """Whether an editor that closes brackets has put some text behind the cursor.

    Args:
        typed: What the user has typed, from outside of a string on.
        behind: What stands behind the cursor since, blanks aside.
    """
    found = scan(typed)
    partners = "".join(CLOSER_OF[each] for each in reversed(found.open))
    return not found.quote and "".join(behind.split()) == partners


def _begins_string(text: str, at: int) -> bool:
    """Not an apostrophe within a word, and not a lifetime."""
    if text[at] != "'":
        return True
    if LIFETIME.match(text, max(0, at - 1)) or LIFETIME.match(text, at):
        return False
    word = at and (text[at - 1].isalnum() or text[at - 1] == "_")
    return not word or bool(PREFIX.search(text[max(0, at - 3) : at]))
