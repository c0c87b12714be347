"""What the server tells its client of itself, in its own words and in Copilot's."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from typing import Any

from codeassist.engine import Silence

__all__ = ["BRIEF", "METHOD", "Brief", "Briefly", "Ledger", "Status"]

METHOD = "codeassist/status"
"""A notification; clients that do not know it ignore it."""

BRIEF = "didChangeStatus"
"""A notification of GitHub Copilot's language server, sent when it changes."""

KINDS = {
    Silence.NO_MODEL: ("Error", "there is no model"),
    Silence.ERROR: ("Warning", "the last request failed; see the log"),
    Silence.CONTEXT_TOO_SMALL: ("Warning", "the context is too small"),
    Silence.IGNORED_FILE: ("Inactive", "this file is never completed"),
    Silence.TOO_LARGE: ("Inactive", "this file is too large"),
}
"""What Copilot's clients show of these; all others are as usual."""

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
    adapter: str | None = None
    """Name of the adapter over the model; None: none."""

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


@dataclass(frozen=True, slots=True)
class Brief:
    """The parameters of `BRIEF`."""

    busy: bool = False
    """Whether the model works for a request, or is loaded."""

    message: str = ""
    kind: str = "Normal"
    """``Normal``, ``Warning``, ``Error`` or ``Inactive``."""


class Briefly:
    """Says in Copilot's words how the server is, whenever that has changed.

    Args:
        notify: Sends the parameters of `BRIEF`.
    """

    def __init__(self, notify: Callable[[dict[str, Any]], None]) -> None:
        self._notify = notify
        self._usual = self._told = Brief()
        self._working = 0

    def take(self, kind: str, message: str, reason: Silence | None) -> None:
        """Take what `Status` says."""
        name, words = KINDS.get(reason, ("Normal", "")) if reason else ("Normal", "")
        self._usual = Brief(kind == "loading", message or words, name)
        self._tell()

    @contextmanager
    def working(self) -> Iterator[None]:
        """While a request waits for the model."""
        self._working += 1
        self._tell()
        try:
            yield
        finally:
            self._working -= 1
            self._tell()

    def _tell(self) -> None:
        now = replace(self._usual, busy=self._usual.busy or self._working > 0)
        if now != self._told:
            self._told = now
            self._notify(asdict(now))


class Ledger:
    """Numbers what is offered; counts what was shown and what was accepted of it."""

    def __init__(self) -> None:
        self.shown = 0
        """Suggestions; the rest of one that is typed, or found again, is no other."""

        self.accepted = 0
        self._ids = count(1)
        self._open: OrderedDict[int, None] = OrderedDict()

    def number(self, n: int) -> list[int]:
        """Ids for the `n` items of one answer."""
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
