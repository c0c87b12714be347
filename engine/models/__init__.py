"""Weights on this machine: catalog, fetching, checksums.

The serving path imports :func:`resolve` alone; ``codeassist.engine.models.fetch``
is for the command that may use the network.
"""

from .catalog import Entry
from .store import Located, resolve

__all__ = ["Entry", "Located", "resolve"]
