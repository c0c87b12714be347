"""Rows of tokens on disk: prepared once, read in any order."""

from .index import INDEX_FILE, RowsIndex
from .preparing import Mixture, Prepared, are_there, begun, prepare, ready
from .reading import PackedRows
from .sources import CorpusReader, Sources
from .writing import write_rows

__all__ = [
    "INDEX_FILE",
    "CorpusReader",
    "Mixture",
    "PackedRows",
    "Prepared",
    "RowsIndex",
    "Sources",
    "are_there",
    "begun",
    "prepare",
    "ready",
    "write_rows",
]
