"""What of the repository goes into the prompt: candidates, fused, packed, ordered."""

from .model import Context, Count, Provider, Snippet, View
from .opening import indexed
from .order import settled
from .recent import Recent
from .repository import RepositoryContext
from .selector import Selector

__all__ = [
    "Context",
    "Count",
    "Provider",
    "Recent",
    "RepositoryContext",
    "Selector",
    "Snippet",
    "View",
    "indexed",
    "settled",
]
