"""The adapters on this machine: where they lie, and which one is active for a model.

At most one adapter is active for a base model, whichever repository it was made of:
the server holds one model with one adapter, and another one would cost the KV cache.
"""

from .about import About, Base
from .active import activate, active, active_for, chosen, rollback
from .base import base_of
from .history import active_file, adapters_dir
from .store import Stored, adapters, add, find, name_of, remove

__all__ = [
    "About",
    "Base",
    "Stored",
    "activate",
    "active",
    "active_file",
    "active_for",
    "adapters",
    "adapters_dir",
    "add",
    "base_of",
    "chosen",
    "find",
    "name_of",
    "remove",
    "rollback",
]
