"""How far a long step is, for whoever wants to show it."""

from typing import Protocol

__all__ = ["SILENT", "Progress"]


class Progress(Protocol):
    """Shows how far fetching or checking is."""

    def start(self, what: str, total: int, done: int = 0) -> None:
        """A step begins that has ``done`` of ``total`` bytes behind it."""

    def at(self, done: int) -> None:
        """So many bytes are done."""

    def note(self, line: str) -> None:
        """Something the user wants to know."""


class _Silent:
    def start(self, what: str, total: int, done: int = 0) -> None:
        pass

    def at(self, done: int) -> None:
        pass

    def note(self, line: str) -> None:
        pass


SILENT: Progress = _Silent()
