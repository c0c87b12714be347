"""Fill in the middle: which form a model was trained on, built from its own ids."""

from .detect import detect
from .families import FAMILIES, Family
from .prompt import Contract, Example, Fim, Frame, LeftToRight, Rendered, Vocabulary

__all__ = [
    "FAMILIES",
    "Contract",
    "Example",
    "Family",
    "Fim",
    "Frame",
    "LeftToRight",
    "Rendered",
    "Vocabulary",
    "detect",
]
