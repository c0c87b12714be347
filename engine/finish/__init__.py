"""From what the model says to what is shown: stop rules, trimming."""

from .place import Place, look
from .stops import BlockEnd, End, LineEnd
from .trim import finish

__all__ = ["BlockEnd", "End", "LineEnd", "Place", "finish", "look"]
