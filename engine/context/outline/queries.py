"""The query of a language: patterns from the folder ``queries``, compiled once.

Of captures, those named as a kind of `DefinitionKind` or `ImportKind` are the node that
defines or imports; beside it stand, in definitions, ``@name``, ``@body`` (where the
signature ends) and ``@owner`` (the type a method belongs to, where it is not around
it); in imports ``@from`` (the module), ``@item`` and ``@alias`` (a name taken from it),
``@default`` (JavaScript's default import), or what `imports.py` takes apart: ``@rest``
(behind the module stands a list of names) and ``@tree`` (a path with groups). ``@public`` is a name that is exported elsewhere in the file.
Where two patterns find the same name the wider node counts, then the earlier pattern.
"""

import re
from functools import cache
from importlib.resources import files

from tree_sitter import Query

from codeassist.grammars import grammar

__all__ = ["query"]

INHERITS = re.compile(r"; inherits: (\w+)\n")


@cache
def query(language: str) -> Query | None:
    """The compiled query of a language; None where there is no grammar."""
    found = grammar(language)
    return Query(found, _patterns(language)) if found is not None else None


def _patterns(language: str) -> str:
    """A language's own patterns, then those of the language that it extends."""
    folder = files("codeassist.engine.context") / "queries"
    patterns = (folder / f"{language}.scm").read_text("utf-8")
    parent = INHERITS.match(patterns)
    return patterns + (_patterns(parent[1]) if parent else "")
