"""Handlers that learn of acceptances: told by the client, or seen in the document.

`textDocument/didShowCompletion` and `textDocument/didPartiallyAcceptCompletion` are
not in LSP: they are those of GitHub Copilot's language server, which other clients
send, too.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pygls.lsp.server import LanguageServer

from .documents import Document, Edit
from .recording import Recording
from .screen import Screen
from .status import Ledger
from .translate import ACCEPTED

__all__ = ["PARTLY", "SHOWN", "Acceptance", "add_acceptance"]

log = logging.getLogger(__name__)

SHOWN = "textDocument/didShowCompletion"
"""``{item}``: it is on screen now."""

PARTLY = "textDocument/didPartiallyAcceptCompletion"
"""``{item, acceptedLength}``: so many UTF-16 units of its text are accepted by now."""

S = TypeVar("S", bound=LanguageServer)


class Acceptance:
    """Counts and records each acceptance once, whoever tells of it first.

    Args:
        ledger: Counts for the status.
        screen: Follows the suggestions in their documents.
        recording: Told of all.
        news: Called when an item was accepted.
    """

    def __init__(
        self,
        ledger: Ledger,
        screen: Screen,
        recording: Recording,
        news: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._screen = screen
        self._recording = recording
        self._news = news

    def edited(self, document: Document, edits: Sequence[Edit]) -> None:
        """A document was changed; clients that tell nothing accept in this way."""
        item = self._screen.edited(document, edits)
        if item is not None:
            self.whole(item.number, "edit")

    def whole(self, number: object, how: str = "command") -> None:
        """All of an item was accepted."""
        if not self._ledger.accept(number):
            return
        log.info("accepted %s", number)
        self._take(number, None, how)
        self._news()

    def part(self, number: object, units: object) -> None:
        """A part of an item was accepted.

        Args:
            number: Of the item.
            units: UTF-16 units of its text, all parts so far.
        """
        item = self._screen.find(number)
        if item is not None and isinstance(units, int) and units > 0:
            head = item.text.encode("utf-16-le", "surrogatepass")[: 2 * units]
            self._take(number, len(head.decode("utf-16-le", "ignore")), "part")

    def drawn(self, number: object) -> None:
        """An item is on screen."""
        item = self._screen.find(number)
        if item is not None:
            self._recording.drawn(item.suggestion)

    def _take(self, number: object, length: int | None, how: str) -> None:
        item = self._screen.find(number)
        suggestion = self._screen.take(item, length) if item else None
        if item and suggestion:
            self._recording.taken(suggestion, item.uri, how)


def add_acceptance(server: S, of: Callable[[S], Acceptance]) -> None:
    """Add the handlers.

    Args:
        server: Gets them.
        of: Finds what a server knows of its suggestions.
    """

    @server.command(ACCEPTED)
    def accepted(ls: S, *given: Any) -> None:
        of(ls).whole(given[0] if given else None)

    @server.feature(SHOWN)
    def shown(ls: S, params: Any) -> None:
        of(ls).drawn(_number(params))

    @server.feature(PARTLY)
    def partly(ls: S, params: Any) -> None:
        of(ls).part(_number(params), getattr(params, "acceptedLength", None))


def _number(params: Any) -> object:
    """The number of the item that a notification tells of; None: there is none."""
    command = getattr(getattr(params, "item", None), "command", None)
    numbers = getattr(command, "arguments", None)
    return numbers[0] if isinstance(numbers, list) and numbers else None
