"""A text as it stands in its file: the syntax errors there and the names it uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from codeassist import grammars
from codeassist.evaluate.hole import Hole

__all__ = ["InPlace", "read"]

NAMES = {
    "constant",
    "instance_variable",
    "class_variable",
    "global_variable",
    "hash_key_symbol",
    "name",
    "variable_name",
    "word",
}
"""Tokens that are names, beside all kinds of identifiers (Ruby, PHP, shells)."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """What tree-sitter sees of a text between the prefix and the suffix of a hole."""

    errors: int
    """In the whole file: parts that do not parse, and tokens that are missing."""

    spoiled: int
    """Bytes of prefix and suffix in parts that do not parse: in a file that is broken
    anyway an error may add no part, but make one larger."""

    names: tuple[str, ...]
    """Identifiers that lie in the text or reach into it, in their order."""


def read(hole: Hole, text: str) -> InPlace | None:
    """Parse prefix, text and suffix as one file.

    A hole without a reference (MultiPL-E) is read with its tests: in many languages it
    is there that the last brace is closed.

    Returns:
        None where the language has no grammar.
    """
    parser = grammars.parser(hole.language)
    if parser is None:
        return None
    head, body, tail = (part.encode() for part in _parts(hole, text))
    root = parser.parse(head + body + tail).root_node
    start, end = len(head), len(head) + len(body)
    errors = list(_errors(root))
    return InPlace(
        errors=len(errors),
        spoiled=sum(_outside(node, start, end) for node in errors),
        names=tuple(_names(root, start, end)),
    )


def _parts(hole: Hole, text: str) -> tuple[str, str, str]:
    if not hole.middle and hole.check is not None:
        return hole.prefix, text, hole.check.after
    return hole.prefix, text, hole.suffix


def _errors(root: Node) -> Iterator[Node]:
    """The outermost parts that do not parse."""
    nodes = [root] if root.has_error else []
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            yield node
        else:
            nodes += [child for child in node.children if child.has_error]


def _outside(node: Node, start: int, end: int) -> int:
    """Bytes of a node before the text and behind it."""
    before = min(node.end_byte, start) - min(node.start_byte, start)
    return before + max(node.end_byte, end) - max(node.start_byte, end)


def _names(root: Node, start: int, end: int) -> Iterator[str]:
    nodes = [root] if start < end else []
    while nodes:
        node = nodes.pop()
        if node.end_byte <= start or node.start_byte >= end:
            continue
        if node.children:
            nodes += reversed(node.children)
        elif _is_name(node) and node.text is not None:
            yield node.text.decode(errors="replace")


def _is_name(node: Node) -> bool:
    kind = node.type
    return kind in NAMES or ("identifier" in kind and kind != "operator_identifier")
