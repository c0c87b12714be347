"""What a file says to others: definitions, imports, identifiers."""

from .model import Definition, DefinitionKind, Import, ImportKind, Outline
from .names import identifiers, split
from .reading import dialect, outline, parse, read, rows, scopes

__all__ = [
    "Definition",
    "DefinitionKind",
    "Import",
    "ImportKind",
    "Outline",
    "dialect",
    "identifiers",
    "outline",
    "parse",
    "read",
    "rows",
    "scopes",
    "split",
]
