"""Names that a file imports and does not use yet: they are meant to come."""

import re
from collections.abc import Iterable, Iterator

from codeassist.engine.context.outline import Import

from .imported import PARTS, statement_end

__all__ = ["unused"]

IMPORTING = re.compile(r"\s*(?:import|from|(?:pub\s+)?use|export\s*[{*])\b")
"""How a line begins that brings names in, and uses none."""

BARE = {"python": 0, "go": -1}
"""Which part of a module's name is a name of the file, where nothing else is told."""

NAME = re.compile(r"[^\W\d]\w+")


def unused(
    imports: Iterable[Import], before: str, after: str, language: str
) -> frozenset[str]:
    """What import statements bring in and the rest of the file does not mention.

    Args:
        imports: Of the file.
        before: The file up to the cursor.
        after: The file from the cursor on.
        language: Its identifier.
    """
    head = before.rpartition("\n")[2]
    if IMPORTING.match(head):
        return frozenset()
    row = before.count("\n")
    lines = (before + after).split("\n")
    names: set[str] = set()
    for each in imports:
        rows = range(each.row, statement_end(lines, each.row) + 1)
        if row in rows:
            return frozenset()
        for own in rows:
            if own < len(lines):
                lines[own] = ""
        names.update(_bound(each, language))
    text = "\n".join(lines)
    return frozenset(name for name in names if not _is_in(name, text))


def _bound(one: Import, language: str) -> Iterator[str]:
    if one.kind != "import" or one.module == "__future__":
        return
    names = [alias or name for name, alias in one.names if alias or name != "default"]
    if not one.names and language in BARE:
        names = [PARTS.split(one.module)[BARE[language]]]
    yield from filter(NAME.fullmatch, names)


def _is_in(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
