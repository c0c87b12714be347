"""What a file says to others: its definitions and its imports."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Definition", "DefinitionKind", "Import", "ImportKind", "Outline"]

DefinitionKind = Literal[
    "class", "function", "method", "constant", "type", "module", "field"
]

ImportKind = Literal["import", "include", "system", "path", "mod", "export", "package"]
"""How an import finds what it names.

``import``: by a module's name (or JavaScript's specifier); ``include`` and ``system``:
C's two forms; ``path``: a file, relative to this one (`require_relative`, `source`);
``mod``: Rust's declaration of a child module; ``export``: a re-export of another
module; ``package``: what this file itself belongs to (Java, Go, C#, PHP).
"""


class Definition(NamedTuple):
    """A name that a file defines. Rows count from 0; both ends are included.

    A tuple, because an index makes a hundred thousand of them in a few seconds.
    """

    name: str
    """The last part alone: `run` for `Worker::run`."""

    kind: DefinitionKind
    start_row: int
    """Of its first decorator or its own first line."""

    end_row: int
    signature: str
    """As written, without the body: one or several lines, dedented."""

    doc: str
    """First line of its docstring or of the comment above it."""

    parent: int
    """Index of the enclosing definition in the same outline; -1 at the top."""

    exported: bool
    """Other files may use it, by the language's rule or its convention."""


class Import(NamedTuple):
    """One statement that brings in (or names) a module; a tuple, as above."""

    module: str
    """Python: dotted, without leading dots; others: as written, without quotes."""

    names: tuple[tuple[str, str], ...]
    """What is taken from it: name and alias, which is "" where there is none.
    ``*`` is everything; an alias of the module itself has the name ""."""

    row: int
    relative: int
    """Python's leading dots; 0 elsewhere."""

    kind: ImportKind


@dataclass(frozen=True, slots=True)
class Outline:
    """All of a file that others may need."""

    language: str
    """A name of `codeassist.grammars.NAMES`, or another without definitions."""

    rows: int
    definitions: tuple[Definition, ...]
    """In the file's order; what encloses another stands before it, but for a type whose
    methods are written outside of it (Go, C++), which may stand behind them."""

    imports: tuple[Import, ...]
