"""The comments at the head of a source: where a file says whose it is."""

import re

__all__ = ["comments"]

COMMENT = re.compile(
    r"(?:^|;)[ \t]*(?:/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|=begin\b.*?(?:^=end\b|\Z)"
    r"|--\[(?P<level>=*)\[.*?(?:\](?P=level)\]|\Z)"
    r"|\{-.*?(?:-\}|\Z)|<#.*?(?:#>|\Z)|\(\*.*?(?:\*\)|\Z)"
    r"|[a-zA-Z]{0,2}(?P<quote>\"\"\"|''').*?(?:(?P=quote)|\Z)"
    r"|(?:#|//|--|;|%|\*|<\?)[^\n]*)"
    r"|(?P<string>\"\"\"|''').*?(?:(?P=string)|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""At a line's begin or behind a statement, of every language; or a long string."""

PREAMBLE = re.compile(
    r"(?:\s|['\"]use strict['\"]|;|package [\w.]+|from __future__ import [^\n(;]++)*+"
)
"""What stands before a comment that is still about the whole file."""


def comments(head: str) -> tuple[str, str]:
    """The comments of a head: those before the code, and all of them."""
    first: list[str] = []
    every: list[str] = []
    end, leading = 0, True
    for match in COMMENT.finditer(head):
        leading = leading and PREAMBLE.fullmatch(head, end, match.start()) is not None
        end = match.end()
        if match["string"] is None:
            every.append(match[0])
            first += [match[0]] if leading else []
    return "\n".join(first), "\n".join(every)
