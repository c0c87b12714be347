"""From folders, repositories and archives to shards that may be trained on."""

from .build import build
from .recipe import Recipe, read_recipe
from .result import Corpus
from .shards import Documents, Position, documents

__all__ = [
    "Corpus",
    "Documents",
    "Position",
    "Recipe",
    "build",
    "documents",
    "read_recipe",
]
