"""What the server tells its client of itself: `codeassist/status`."""

from collections import OrderedDict
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

__all__ = ["METHOD", "Ledger", "Status"]

METHOD = "codeassist/status"
"""A notification; clients that do not know it ignore it."""

REMEMBERED = 200
"""Items whose acceptance can still be counted."""


@dataclass(frozen=True, slots=True)
class Status:
    """The parameters of the notification."""

    kind: str
    """``loading``, ``idle`` or ``error``."""

    message: str = ""
    reason: str | None = None
    """Why the last answer was empty: a value of `Silence`."""

    model: str | None = None
    shown: int = 0
    accepted: int = 0
    prompt_tokens: int | None = None
    """Of the answer that this status tells of; None where it tells of none."""

    evaluated_tokens: int | None = None
    """Those of the prompt that were not in the KV cache."""

    generated_tokens: int | None = None

    def params(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Ledger:
    """Counts what was shown and what was accepted of it."""

    def __init__(self) -> None:
        self.shown = 0
        self.accepted = 0
        self._ids = count(1)
        self._open: OrderedDict[int, None] = OrderedDict()

    def show(self, n: int) -> list[int]:
        """Ids for the `n` items of one answer, which count as one suggestion."""
        self.shown += 1
        ids = [next(self._ids) for _ in range(n)]
        self._open.update(dict.fromkeys(ids))
        while len(self._open) > REMEMBERED:
            self._open.popitem(last=False)
        return ids

    def accept(self, item: object) -> bool:
        """Count an acceptance; False for an item that is unknown or counted."""
        if not isinstance(item, int) or item not in self._open:
            return False
        del self._open[item]
        self.accepted += 1
        return True
