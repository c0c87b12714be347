"""What a file says to others: definitions, imports, identifiers."""

from .model import Definition, DefinitionKind, Import, ImportKind, Outline
from .names import identifiers, split
from .reading import Parse, dialect, outline, parse, read, rows, scopes
from .reparsing import Reparser

__all__ = [
    "Definition",
    "DefinitionKind",
    "Import",
    "ImportKind",
    "Outline",
    "Parse",
    "Reparser",
    "dialect",
    "identifiers",
    "outline",
    "parse",
    "read",
    "rows",
    "scopes",
    "split",
]
