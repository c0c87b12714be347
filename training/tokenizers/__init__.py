"""Vocabularies of our own for code, and how they get into a GGUF."""

from .byte_bpe import from_byte_bpe, train_byte_bpe
from .density import Density, Tokenize, densities, density
from .gguf_file import add_tokenizer, write_vocabulary
from .sentence_piece import from_sentencepiece, train_sentencepiece
from .sentinels import SENTINELS
from .vocabulary import Entry, Kind, TrainedVocabulary

__all__ = [
    "SENTINELS",
    "Density",
    "Entry",
    "Kind",
    "Tokenize",
    "TrainedVocabulary",
    "add_tokenizer",
    "densities",
    "density",
    "from_byte_bpe",
    "from_sentencepiece",
    "train_byte_bpe",
    "train_sentencepiece",
    "write_vocabulary",
]
