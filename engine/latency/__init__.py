"""One number, the milliseconds an answer may take, instead of many sizes.

`measuring` is imported by itself: the server only looks up what it has found.
"""

from .candidates import Candidate, candidates
from .choosing import Choice, Sizes, choose
from .cost import TYPING, Case, Speed, jump
from .tuning import Tuned, applied, milliseconds, too_slow, tuned

__all__ = [
    "TYPING",
    "Candidate",
    "Case",
    "Choice",
    "Sizes",
    "Speed",
    "Tuned",
    "applied",
    "candidates",
    "choose",
    "jump",
    "milliseconds",
    "too_slow",
    "tuned",
]
