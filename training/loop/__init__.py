"""From rows of tokens to trained weights, resumable to the bit."""

from .batches import Rows, longest_batch
from .memory import Estimate, check_memory, estimate
from .outcome import Outcome, Step
from .settings import LoopSettings
from .state import last_step, last_weights, room_for_states
from .trainer import train

__all__ = [
    "Estimate",
    "LoopSettings",
    "Outcome",
    "Rows",
    "Step",
    "check_memory",
    "estimate",
    "last_step",
    "last_weights",
    "longest_batch",
    "room_for_states",
    "train",
]
