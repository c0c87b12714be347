"""What is never completed, read as context, indexed or trained on."""

from .generated import MAX_BYTES, is_by_hand
from .kept_away import KeptAway
from .names import is_secret
from .rules import IGNORE_FILE, Found, Rules, root_of

__all__ = [
    "IGNORE_FILE",
    "MAX_BYTES",
    "Found",
    "KeptAway",
    "Rules",
    "is_by_hand",
    "is_secret",
    "root_of",
]
