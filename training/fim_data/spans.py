"""Where a middle can be cut out of a file: whole syntax nodes, lines, characters."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tree_sitter import Node

from codeassist.grammars import parser

__all__ = ["KINDS", "SYNTAX", "Spans", "can_cut"]

Range = tuple[int, int]
"""Start and end in characters."""

SYNTAX = ("statement", "block", "arguments", "condition", "body")
"""Kinds that follow the syntax tree; ``body`` is that of a function."""

KINDS = (*SYNTAX, "line", "rest-of-line", "random")

OPENERS = {"(", "{", "do", "then", "else"}
CLOSERS = {")", "}", "end", "done"}
BLOCKS = {
    "block",
    "body_statement",
    "compound_statement",
    "do",
    "do_group",
    "indented_block",
    "statement_block",
    "statements",
    "then",
}
"""Types of nodes that hold the statements of something else, in any grammar."""

LISTS = BLOCKS | {
    "block_body",
    "class_body",
    "declaration_list",
    "field_declaration_list",
    "statement_list",
    "template_body",
}
"""Types of nodes, besides the root, whose children are statements or members."""

ARGUMENTS = {"argument_list", "arguments", "value_arguments"}
FUNCTION = re.compile(r"func|method|constructor|lambda|closure")
BODIES = {"function_body", "constructor_body"}
NO_STATEMENT = re.compile(r"comment|^statement_list$|^statements$")

SKIN_TONES = range(0x1F3FB, 0x1F400)
JOINER = "\u200d"


def can_cut(text: str, at: int) -> bool:
    """Whether it is between two characters as a person sees them, CRLF being one."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if after == JOINER or before == JOINER or ord(after) in SKIN_TONES:
        return False
    return not unicodedata.category(after).startswith("M")


class Spans:
    """The spans of one file.

    Args:
        text: The file.
        language: LSP identifier; without a grammar there are no syntax spans.
        longest: Characters of a middle at the most.
    """

    def __init__(self, text: str, language: str, *, longest: int) -> None:
        self._text = text
        self._language = language
        self._longest = longest
        self._syntax: Mapping[str, list[Range]] | None = None
        self._lines: list[Range] | None = None

    def draw(self, kind: str, dice: random.Random) -> Range | None:
        """A span of a kind; None where the file has none, or the draw was blank."""
        span = self._drawers[kind](self, dice) if kind in self._drawers else None
        if kind in SYNTAX:
            found = self.syntax()[kind]
            span = dice.choice(found) if found else None
        if span is None or not self._text[slice(*span)].strip():
            return None
        return span

    def draw_empty(self, dice: random.Random) -> Range | None:
        """A place where nothing is missing: the end of a line that has text."""
        lines = self._all_lines()
        if not lines:
            return None
        end = dice.choice(lines)[1]
        return end, end

    def syntax(self) -> Mapping[str, list[Range]]:
        """Each kind of `SYNTAX` with its spans in the file's order.

        Each span is a run of whole nodes with one parent, without the brackets or
        words around them; none is broken, blank, or longer than allowed.
        """
        if self._syntax is None:
            self._syntax = _syntax(self._text, self._language, self._longest)
        return self._syntax

    def _all_lines(self) -> list[Range]:
        """Each line that is not blank, from its first visible character to its end."""
        if self._lines is None:
            self._lines = list(_lines(self._text))
        return self._lines

    def _line(self, dice: random.Random) -> Range | None:
        lines = self._all_lines()
        start, end = dice.choice(lines) if lines else (0, 0)
        return (start, end) if 0 < end - start <= self._longest else None

    def _rest_of_line(self, dice: random.Random) -> Range | None:
        lines = self._all_lines()
        if not lines:
            return None
        start, end = dice.choice(lines)
        at = dice.randrange(max(start, end - self._longest), end)
        while not can_cut(self._text, at):
            at -= 1
        return at, end

    def _random(self, dice: random.Random) -> Range | None:
        """A span whose length is as likely between 1 and 10 as between 10 and 100."""
        longest = min(self._longest, len(self._text))
        if longest < 1:
            return None
        length = int((longest + 1) ** dice.random())
        start = dice.randrange(len(self._text) - length + 1)
        end = start + length
        while not can_cut(self._text, start):
            start -= 1
        while not can_cut(self._text, end):
            end += 1
        return start, end

    _drawers: Mapping[str, Callable[["Spans", random.Random], Range | None]] = {
        "line": _line,
        "rest-of-line": _rest_of_line,
        "random": _random,
    }


def _lines(text: str) -> Iterator[Range]:
    start = 0
    for line in text.split("\n"):
        visible = line.strip()
        if visible:
            at = start + line.index(visible[0])
            yield at, at + len(visible)
        start += len(line) + 1


def _syntax(text: str, language: str, longest: int) -> Mapping[str, list[Range]]:
    found: dict[str, set[Range]] = {kind: set() for kind in SYNTAX}
    reader = parser(language)
    if reader is not None:
        raw = text.encode("utf-8", "replace")
        at = _characters(raw)
        for kind, (start, end) in _nodes(reader.parse(raw).root_node):
            span = int(at[start]), int(at[end])
            if span[1] - span[0] <= longest and text[slice(*span)].strip():
                found[kind].add(span)
    return {kind: sorted(spans) for kind, spans in found.items()}


def _characters(raw: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each byte the number of the character that begins there."""
    leads = (np.frombuffer(raw, np.uint8) & 0xC0) != 0x80
    return np.concatenate(([0], np.cumsum(leads, dtype=np.int64)))


def _nodes(root: Node) -> Iterator[tuple[str, Range]]:
    """Each node that is of a kind, in bytes; without those that do not parse."""
    cursor = root.walk()
    parents = [root]
    if not cursor.goto_first_child():
        return
    while True:
        node = cursor.node
        assert node is not None
        if node.is_named and not node.has_error:
            for kind in _kinds(node, parents[-1], cursor.field_name, len(parents)):
                yield kind, _range(kind, node)
        if cursor.goto_first_child():
            parents.append(node)
            continue
        while not cursor.goto_next_sibling():
            parents.pop()
            if not cursor.goto_parent() or len(parents) == 0:
                return


def _kinds(node: Node, parent: Node, field: str | None, depth: int) -> Iterator[str]:
    if field == "condition":
        yield "condition"
    if node.type in ARGUMENTS or field == "arguments":
        yield "arguments"
    if _is_body(node, parent, field):
        yield "body"
    elif node.type in BLOCKS:
        yield "block"
    in_list = depth == 1 or parent.type in LISTS
    if in_list and not NO_STATEMENT.search(node.type):
        yield "statement"


def _is_body(node: Node, parent: Node, field: str | None) -> bool:
    named = field == "body" and FUNCTION.search(parent.type) is not None
    return named or node.type in BODIES


def _range(kind: str, node: Node) -> Range:
    """A node; without what stands around it, where that was typed before."""
    start, end = node.start_byte, node.end_byte
    if kind == "statement" or not node.children:
        return start, end
    first, last = 0, len(node.children)
    if node.children[0].type in OPENERS:
        first += 1
    if last > first and node.children[-1].type in CLOSERS:
        last -= 1
    inside = node.children[first:last]
    return (inside[0].start_byte, inside[-1].end_byte) if inside else (start, start)
