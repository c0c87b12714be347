"""Python without the bodies of functions in which nothing is defined or imported.

An outline says nothing of such bodies, and most of a file's tree is theirs. In the
skeleton each is a pair of brackets, from its first byte to its last: all names and lines
outside of it are where they were. Comments and the insides of strings are blank, too.
"""

import re

__all__ = ["skeleton"]

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

TELLING = re.compile(rb"\b(?:def|class|import)\b")
"""What of a body stands in an outline; beside it the fields that `__init__` sets."""

BRACKETS = b"()[]{}"
OTHERS = bytes(c for c in range(256) if c not in BRACKETS)
TRIPLE = (b'"""', b"'''")
BLANK = bytes(c if c in b"\n" else 0x20 for c in range(256))


def skeleton(data: bytes) -> bytes:
    """A file of the same length with less in it.

    It is to be believed where it parses without errors.
    """
    return FUNCTION.sub(_empty, LITERAL.sub(_blank, data))


def _blank(found: re.Match[bytes]) -> bytes:
    """A comment's sign, or a string's quotes, with nothing but blanks beside them."""
    text = found[0]
    if text.startswith(b"#"):
        return b"#" + b" " * (len(text) - 1)
    n = 3 if text.startswith(TRIPLE) else 1
    return text[:n] + text[n:-n].translate(BLANK) + text[:n]


def _empty(found: re.Match[bytes]) -> bytes:
    body = found[2]
    if len(body) < 2 or TELLING.search(body) or not _is_whole(body):
        return found[0]
    header = found[0][: -len(body)]
    return b"%b(%b)" % (header, body[1:-1].translate(BLANK))


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
