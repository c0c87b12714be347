"""What is noted of each file on its way through the stages."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["STAGES", "Drop", "Gathered", "Kept"]

STAGES = (
    *("read", "language", "opt-out", "licence", "filters", "secrets", "evaluation"),
    *("exact", "near", "mix"),
)
"""In the order in which a file meets them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is still in."""

    path: str
    language: str
    licence: str
    found_by: str
    size: int
    """Bytes of the text, redacted."""

    sha256: str
    """Of the text, redacted, in UTF-8."""

    normal: str
    """Hash of the text without differences that do not count."""

    redacted: Mapping[str, int]
    """How many findings of each kind were replaced."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A file that is out."""

    source: str
    path: str
    stage: str
    """One of `STAGES`."""

    reason: str
    size: int
    detail: str = ""
    """What it met: the file it is a duplicate of, the n-gram's set, the licence."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What became of a source; the texts, signatures and n-grams are in files."""

    folder: str
    read_files: int
    read_bytes: int
    kept: tuple[Kept, ...]
    drops: tuple[Drop, ...]
    seconds: float
    """That one core needed."""

    refused: str = ""
    """Why the source could not be read at all."""
