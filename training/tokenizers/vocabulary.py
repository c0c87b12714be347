"""A trained vocabulary as llama.cpp wants it, whichever library made it."""

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Entry", "Kind", "TrainedVocabulary"]


class Kind(IntEnum):
    """llama.cpp's types of tokens."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    """Never made from text, writes nothing."""

    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One token."""

    text: str
    kind: Kind
    score: float = 0.0
    """Of two merges the one with the higher score comes first (SentencePiece)."""


@dataclass(frozen=True, slots=True)
class TrainedVocabulary:
    """Everything a GGUF says of a tokenizer."""

    model: str
    """``gpt2`` for byte-level BPE, ``llama`` for SentencePiece."""

    entries: tuple[Entry, ...]
    merges: tuple[str, ...] = ()
    """Of byte-level BPE, the first first."""

    pre: str = "default"
    """llama.cpp's name of the pattern that splits text before it."""

    def id_of(self, text: str) -> int | None:
        """Id of the control token that is spelled so."""
        for n, entry in enumerate(self.entries):
            if entry.text == text and entry.kind is Kind.CONTROL:
                return n
        return None
