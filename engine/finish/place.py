"""What stands at the cursor: whether a line or a block is wanted, and where it ends."""

import re
from dataclasses import dataclass

from codeassist.engine.brackets import CLOSERS, scan
from codeassist.languages import Language

__all__ = [
    "Place",
    "closes",
    "closing",
    "divides",
    "ends",
    "indentation",
    "look",
    "opens",
]

TAB = 8
"""Columns to the next tab stop, for comparing indentations only."""

LOOK_BACK = 4_000
"""Characters above the cursor that are searched for the opener."""

LOOK_ALONG = LOOK_BACK + 1
"""Characters of the cursor's line that are read on either side of it."""

DOCSTRING = re.compile(r"""[rR]?("{3}|'{3})(?:(?!\1).)*\1|[rR]?"[^"]*"|'[^']*'""")
ONLY_CLOSERS = re.compile(r"[\s)\]}>;,:'\"`]*")
BRACKETS = re.compile(r"\s*[)\]}]+")
GOES_ON = re.compile(r"\s*(?:&&|\|\||and\b|or\b)")
GOES_ON_BELOW = re.compile(r"(?:&&|\|\||\b(?:and|or))[ \t]*$")
MOST_LINES = 40
"""Of a header."""

NEXT_PART = re.compile(r"\s*(else|elif|catch|except|rescue|finally)\b")
WORD = re.compile(r"[A-Za-z]+\b|;;")
NAMED = re.compile(r"\s*(?!(?:else|try|finally):)[A-Za-z_][\w.]*:|\s*(['\"]).*\1:")
"""A Python line that ends in a colon and opens no block: an annotated name, or the key
of a dictionary."""


@dataclass(frozen=True, slots=True)
class Place:
    """The surroundings of the cursor, as far as they decide how much is wanted."""

    head: str
    """The cursor's line before the cursor."""

    rest: str
    """The cursor's line after the cursor."""

    next_line: str
    """The next line that is not blank, below the cursor's; empty at the end."""

    opener: str | None
    """The line that opens the block which the cursor stands in the empty body of, or
    stands behind; None: no block begins here."""

    @property
    def wants_block(self) -> bool:
        """A block begins here and has no body yet."""
        if self.opener is None or not ONLY_CLOSERS.fullmatch(self.rest):
            return False
        return indentation(self.next_line) <= self.base

    @property
    def goes_on(self) -> bool:
        """Nothing but closers stand behind the cursor: a body may come before them."""
        return bool(re.search(r"[)\]}]", self.rest)) and bool(
            ONLY_CLOSERS.fullmatch(self.rest)
        )

    def in_text(self, language: Language) -> bool:
        """Whether the cursor is in a comment or a string, as far as its line tells.

        A line too long to be read counts as a string.
        """
        if len(self.head) > LOOK_BACK or language.comment in self.head:
            return True
        return bool(scan(self.head).quote)

    @property
    def floor(self) -> int:
        """Columns of indentation below which a line is outside of the block."""
        if self.opener is not None:
            return indentation(self.opener) + 1
        return indentation(self.head if self.head.strip() else self.head + "x")

    @property
    def base(self) -> int:
        """Columns of indentation of the line that opens the block, and closes it."""
        return indentation(self.opener) if self.opener is not None else self.floor


def look(before: str, after: str, language: Language) -> Place:
    """Read the surroundings of the cursor out of the text.

    Args:
        before: The document up to the cursor.
        after: The document from the cursor on.
        language: Tells how a block opens.
    """
    above, _, head = before.rpartition("\n")
    rest, _, below = after.partition("\n")
    head, rest = head[-LOOK_ALONG:], rest[:LOOK_ALONG]
    next_line = _first_line(below)
    opener: str | None = head
    if not head.strip():
        opener, above = _opener_above(above, head, language)
    if opener is None or not opens(opener, language):
        return Place(head, rest, next_line, None)
    opener = _from_its_beginning(opener, above)
    inside = bool(head.strip()) or indentation(head + "x") > indentation(opener)
    if not inside and not _closes_at(next_line, opener, language):
        opener = None
    return Place(head, rest, next_line, opener)


def _opener_above(above: str, head: str, language: Language) -> tuple[str | None, str]:
    """The line that a block may begin with, and what stands above it.

    Comments and docstrings behind it are skipped.
    """
    width = indentation(head + "x")
    lines, between = above[-LOOK_BACK:].split("\n"), list[str]()
    while lines:
        line = lines.pop()
        if not line.strip():
            continue
        if indentation(line) < width or opens(line, language):
            skipped = " ".join(reversed(between))
            found = line if _says_nothing(skipped, language) else None
            return found, "\n".join(lines)
        between.append(line.strip())
    return None, ""


def _from_its_beginning(opener: str, above: str) -> str:
    """A line that opens a block, as deep as the first line of its header is."""
    header = opener
    for line in reversed(above[-LOOK_BACK:].split("\n")[-MOST_LINES:]):
        operator = GOES_ON.match(header) or GOES_ON_BELOW.search(line)
        if not operator and not _is_closed_from_above(header):
            break
        header = line + "\n" + header
    if _is_closed_from_above(header):
        return opener
    return header[: len(header) - len(header.lstrip(" \t"))] + opener.lstrip(" \t")


def _is_closed_from_above(header: str) -> bool:
    """Whether it closes a bracket of a line above it; a brace is of another block."""
    return any(header[at] in ")]" for at in scan(header).loose)


def _says_nothing(text: str, language: Language) -> bool:
    """Whether the text is empty, a line comment, or one docstring."""
    if not text or text.startswith(language.comment):
        return True
    return language.name == "python" and bool(DOCSTRING.fullmatch(text))


def _closes_at(line: str, opener: str, language: Language) -> bool:
    return indentation(line) == indentation(opener) and ends(line, language)


def indentation(line: str) -> int:
    """Columns of white space that a line begins with."""
    width = 0
    for character in line:
        if character == "\t":
            width += TAB - width % TAB
        elif character == " ":
            width += 1
        else:
            break
    return width


def opens(line: str, language: Language) -> bool:
    """Whether a block begins behind a line."""
    code = line.split(f" {language.comment}", 1)[0].rstrip()
    if language.name == "python" and code.endswith(":"):
        return not NAMED.fullmatch(code) and not scan(code).open
    return re.search(language.opens, code) is not None


def _first_line(text: str) -> str:
    """The first line that is not blank."""
    for line in text.split("\n", 50)[:50]:
        if line.strip():
            return line
    return ""


def closes(line: str, language: Language) -> bool:
    """Whether a line does nothing but close a block."""
    code = line.strip()
    word = _first_word(code, language)
    if word:
        return word not in language.dividers
    return _closes_bracket(code, language) and bool(ONLY_CLOSERS.fullmatch(code))


def divides(line: str, language: Language) -> bool:
    """Whether a line ends one part of a block and begins the next (`else`)."""
    return _first_word(line.strip(), language) in language.dividers


def closing(line: str, language: Language) -> int:
    """Characters of a line that close a block: of `} else {` those up to the `}`."""
    if closes(line, language):
        return len(line.rstrip())
    brackets = BRACKETS.match(line)
    if not brackets or not _closes_bracket(line.strip(), language):
        return 0
    more = line[brackets.end() :]
    if NEXT_PART.match(more) or scan(more).open:
        return brackets.end()
    return len(line.rstrip())


def ends(line: str, language: Language) -> bool:
    """Whether a line closes a block or a part of it, and perhaps goes on."""
    code = line.strip()
    return bool(_first_word(code, language)) or _closes_bracket(code, language)


def _first_word(code: str, language: Language) -> str:
    """The closing or dividing word that the line begins with; empty for none."""
    word = WORD.match(code)
    return word[0] if word and word[0] in language.closers else ""


def _closes_bracket(code: str, language: Language) -> bool:
    return code[:1] in CLOSERS and code.startswith(language.closers) if code else False
