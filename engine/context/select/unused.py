"""Names that a file imports and does not use yet: they are meant to come."""

import re
from collections.abc import Iterator
from functools import lru_cache

from codeassist.engine.context.outline import Import, outline

from .imported import statement_end

__all__ = ["unused"]

TOP = 400
"""Lines at the top of a file among which its imports are looked for."""

LINE = 400
"""Characters of a line that are looked at for what it imports."""

LARGEST = 50_000
"""Characters of imports; more are no imports that somebody wrote."""

IMPORTS = re.compile(r"\s*(?:import|from|(?:pub\s+)?use|using)\b|.*\brequire\b")
"""A line that may bring names in."""

IMPORTING = re.compile(r"\s*(?:import|from|(?:pub\s+)?use)\b")
"""One that uses none."""

VERSION = re.compile(r"/v(?:[2-9]|[0-9]{2,})$|\.v[0-9]+$")
"""At the end of a module of Go: no part of its name."""

GO = re.compile(r"^(?:.*/)?(?:go-|golang-)?([^\W\d]\w*)(?:[.-]go)?$")
"""The rest of it, and what its package is called by convention."""

ASIDE = re.compile(r"\bnoqa\b|eslint-disable|^\s*(?:import\s+)?_\s")
"""An import that is wanted although nothing names it."""

UNNAMED = frozenset({"rust", "scala"})
"""Languages in which what is imported is often used without its name (traits, givens)."""

JSX = frozenset({"React", "Fragment"})
"""What JSX stands for, and hides."""

NAME = re.compile(r"[^\W\d]\w+")


def unused(before: str, after: str, language: str) -> frozenset[str]:
    """What the imports of a file bring in and the rest of it does not mention.

    Args:
        before: The file up to the cursor.
        after: The file from the cursor on.
        language: Its identifier.
    """
    head = before.rpartition("\n")[2]
    if language in UNNAMED or IMPORTING.match(head):
        return frozenset()
    row = before.count("\n")
    lines = (before + after).split("\n", TOP)
    top, below = lines[:TOP], lines[TOP:]
    names: set[str] = set()
    hidden: set[int] = set()
    for each in _imports(_importing(top), language):
        rows = range(each.row, statement_end(top, each.row) + 1)
        if row in rows:
            return frozenset()
        if not any(ASIDE.search(top[own][:LINE]) for own in rows):
            names.update(_bound(each, language))
        hidden.update(rows)
    shown = (line for n, line in enumerate(top) if n not in hidden)
    text = "\n".join((*shown, *below))
    return frozenset(name for name in names - JSX if not _is_in(name, text))


def _importing(lines: list[str]) -> str:
    """The lines up to the last one that imports; the same while the rest is typed."""
    importing = (n for n, line in enumerate(lines) if IMPORTS.match(line[:LINE]))
    last = max(importing, default=-1)
    end = statement_end(lines, last) if last >= 0 else -1
    return "\n".join(lines[: end + 1])


@lru_cache(maxsize=64)
def _imports(top: str, language: str) -> tuple[Import, ...]:
    if not top or len(top) > LARGEST:
        return ()
    return tuple(outline(top.encode("utf-8", "replace"), language).imports)


def _bound(one: Import, language: str) -> Iterator[str]:
    if one.kind != "import" or one.module == "__future__":
        return
    names = [alias or name for name, alias in one.names if alias or name != "default"]
    if not one.names and language == "python":
        names = [one.module.partition(".")[0]]
    if not one.names and language == "go":
        names = GO.findall(VERSION.sub("", one.module))
    yield from filter(NAME.fullmatch, names)


def _is_in(name: str, text: str) -> bool:
    """Whether a name stands there, and not within a longer one.

    Without an expression: those hold the interpreter's lock for 20 ms in a large file.
    """
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        sides = text[max(0, at - 1) : at] + text[end : end + 1]
        if not any(side.isalnum() or side == "_" for side in sides):
            return True
        at = text.find(name, at + 1)
    return False
