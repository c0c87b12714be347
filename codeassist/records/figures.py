"""What suggestions were worth: counts of a set of them."""

from dataclasses import dataclass, field
from typing import Any

from .still import CHECKS

__all__ = ["Figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of some suggestions."""

    shown: int
    accepted: int
    """Wholly."""

    partly: int
    """Accepted in part."""

    characters: int
    """That need not be typed."""

    still: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Seconds after the acceptance: how many texts were still there, and of how many
    that is known (a document that was closed before cannot be looked at)."""

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Figures":
        """From a row of the query `SUMS`."""
        shown, accepted, partly, characters, *rest = (value or 0 for value in row)
        pairs = zip(CHECKS, rest[::2], rest[1::2], strict=True)
        return cls(
            shown, accepted, partly, characters, {s: (n, of) for s, n, of in pairs}
        )


SUMS = ", ".join(
    [
        "sum(seen)",
        "sum(whole = 1)",
        "sum(whole = 0)",
        "sum(saved)",
        *(f"sum(still_{s}), count(still_{s})" for s in CHECKS),
    ]
)
"""The columns of a query over suggestions, in the order that `Figures.of` takes."""
