"""An evaluation to look at: as text, as JSON, as one page."""

from .evaluation import Evaluation, Place, load, place_of, save, write
from .misses import Miss, worst
from .page import page
from .table import table

__all__ = [
    "Evaluation",
    "Miss",
    "Place",
    "load",
    "page",
    "place_of",
    "save",
    "table",
    "worst",
    "write",
]
