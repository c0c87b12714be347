"""From what the model says to what is shown: stop rules, trimming."""

from .indenting import step_of
from .place import Place, look, opens
from .spans import SpanEnd
from .stops import BlockEnd, End, LineEnd
from .trim import closed, finish

__all__ = [
    "BlockEnd",
    "End",
    "LineEnd",
    "Place",
    "SpanEnd",
    "closed",
    "finish",
    "look",
    "opens",
    "step_of",
]
