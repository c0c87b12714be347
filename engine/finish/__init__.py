"""From what the model says to what is shown: stop rules, trimming."""

from .place import Place, indentation, look, opens
from .spans import SpanEnd
from .stops import BlockEnd, End, LineEnd
from .trim import finish, join

__all__ = [
    "BlockEnd",
    "End",
    "LineEnd",
    "Place",
    "SpanEnd",
    "finish",
    "indentation",
    "join",
    "look",
    "opens",
]
