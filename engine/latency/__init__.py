"""One number, the milliseconds an answer may take, instead of many sizes."""

from .candidates import Candidate, candidates
from .choosing import Choice, Sizes, choose
from .cost import TYPING, Case, Speed, jump
from .measuring import PARTS, measure, measured_with
from .tuning import Tuned, applied, milliseconds, too_slow, tuned

__all__ = [
    "PARTS",
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
    "measure",
    "measured_with",
    "milliseconds",
    "too_slow",
    "tuned",
]
