"""From what the model says to what is shown: stop rules, trimming."""

from .place import Place, look
from .spans import SpanEnd
from .stops import BlockEnd, End, LineEnd
from .trim import finish, join

__all__ = ["BlockEnd", "End", "LineEnd", "Place", "SpanEnd", "finish", "join", "look"]
