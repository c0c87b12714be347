"""Why a generation came to its end."""

from enum import Enum

__all__ = ["Stop"]


class Stop(Enum):
    """Why no further token came."""

    END_TOKEN = "end-token"
    """The model said so."""

    MAX_TOKENS = "max-tokens"
    TIME_LIMIT = "time-limit"
    CONTEXT_FULL = "context-full"
    CANCELLED = "cancelled"

    RULE = "rule"
    """The reader had enough: a line or a block is complete."""
