"""Where the parts of a file are that a hole can be: tree-sitter's view of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tree_sitter import Node, Query, QueryCursor

from codeassist.grammars import grammar, parser

__all__ = ["CAPTURES", "Range", "Syntax", "parse", "query"]

Range = tuple[int, int]
"""Start and end in bytes of the UTF-8 text, or first and last line, from 0."""

CAPTURES = ("arguments", "condition", "block")
"""What a query names, beside ``comment``, ``string`` and ``import``."""

OPENERS = {"(", "{", "do", "then", "else"}
CLOSERS = {")", "}", "end", "done"}

INHERITS = re.compile(r"; inherits: (.+)")
VISIBLE = re.compile(rb"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Syntax:
    """A file's bytes, and what each of them is part of."""

    text: bytes
    code: bytes
    """The text with comments, strings and imports blanked out, byte for byte."""

    uncommented: bytes
    """The text with comments and docstrings blanked out, byte for byte."""

    parts: Mapping[str, tuple[Range, ...]]
    """Of each of `CAPTURES` what is between its delimiters, in the file's order."""

    errors: tuple[Range, ...]
    """Lines that do not parse, first and last."""


def parse(text: bytes, language: str) -> Syntax:
    """Read a file in a language of `codeassist.grammars.NAMES`."""
    reader = parser(language)
    assert reader is not None
    root = reader.parse(text).root_node
    captured = QueryCursor(query(language)).captures(root)
    ranges = {
        name: [(node.start_byte, node.end_byte) for node in captured.get(name, ())]
        for name in ("comment", "string", "import")
    }
    uncommented = _blank(text, ranges["comment"])
    return Syntax(
        text=text,
        code=_blank(uncommented, ranges["string"] + ranges["import"]),
        uncommented=uncommented,
        parts={
            name: tuple(sorted(map(_inside, captured.get(name, ()))))
            for name in CAPTURES
        },
        errors=tuple(_errors(root)),
    )


@cache
def query(language: str) -> Query:
    """The query of a language, from the folder ``queries``."""
    found = grammar(language)
    assert found is not None
    return Query(found, _patterns(language))


def _patterns(name: str) -> str:
    patterns = (files(__package__) / "queries" / f"{name}.scm").read_text("utf-8")
    inherits = INHERITS.match(patterns)
    parents = inherits[1].split(", ") if inherits else []
    return "\n".join([*map(_patterns, parents), patterns])


def _blank(text: bytes, ranges: list[Range]) -> bytes:
    blanked = bytearray(text)
    for start, end in ranges:
        blanked[start:end] = VISIBLE.sub(b" ", blanked[start:end])
    return bytes(blanked)


def _inside(node: Node) -> Range:
    """A node without its delimiters."""
    start, end = node.start_byte, node.end_byte
    if node.children:
        first, last = node.children[0], node.children[-1]
        start = first.end_byte if first.type in OPENERS else start
        end = last.start_byte if last.type in CLOSERS else end
    return start, max(start, end)


def _errors(root: Node) -> Iterator[Range]:
    broken = [root] if root.has_error else []
    while broken:
        node = broken.pop()
        if node.is_error or node.is_missing:
            yield node.start_point.row, node.end_point.row
        else:
            broken += [child for child in node.children if child.has_error]
