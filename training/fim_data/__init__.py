"""From files to rows of tokens that teach a model to fill in the middle."""

from .examples import Document, Example, Examples, Hole
from .orders import Order
from .packing import NO_DOCUMENT, Packer, Row
from .recipe import FimRecipe, Loss, Placement

__all__ = [
    "NO_DOCUMENT",
    "Document",
    "Example",
    "Examples",
    "FimRecipe",
    "Hole",
    "Loss",
    "Order",
    "Packer",
    "Placement",
    "Row",
]
