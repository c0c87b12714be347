"""Any system under test as an assistant: asked for one line where the cursor is."""

import asyncio

import psutil

from codeassist.errors import CodeassistError
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.replay.assistant import (
    AssistantError,
    Edit,
    Suggestion,
    View,
)
from codeassist.languages import of_path

from .contender import Contender, Sampler
from .plain import Plain
from .serving import Turns, cpu_seconds, listening, suggestion

__all__ = ["PeerAssistant"]


class PeerAssistant:
    """Asks the system at every pause of the client, one line at a time.

    Args:
        contender: The system; it is opened in `start`.
        port: Where its server listens, to count the CPU time of that process; None:
            it is a process of its own.
    """

    def __init__(self, contender: Contender, port: int | None = None) -> None:
        self.name = contender.name
        self._contender = contender
        self._port = port
        self._turns = Turns()
        self._system: Sampler | None = None
        self._processes: list[psutil.Process] = []

    async def start(self) -> None:
        """See `Assistant`."""
        try:
            self._system = await asyncio.to_thread(self._contender.open)
        except CodeassistError as error:
            raise AssistantError(str(error)) from error
        if self._port is not None:
            self._processes = listening(self._port)
        elif isinstance(self._system, Plain):
            self._processes = [psutil.Process(self._system.pid)]

    async def open(self, path: str, text: str) -> None:
        """See `Assistant`."""

    async def moved(self, view: View) -> None:
        """See `Assistant`."""

    async def change(self, edit: Edit, view: View) -> None:
        """See `Assistant`."""

    async def suggest(self, view: View) -> Suggestion | None:
        """See `Assistant`."""
        system = self._system
        assert system is not None, "not started"
        hole = Hole(
            id="",
            path=view.path,
            language=of_path(view.path).name,
            kind="replay",
            prefix=view.before,
            suffix=view.after,
            middle="",
            lines="one",
        )
        return suggestion(await self._turns.take(lambda: system.complete(hole)))

    async def cancel(self) -> None:
        """Nothing can stop a request that is under way."""

    async def accepted(self, suggestion: Suggestion, view: View) -> None:
        """See `Assistant`."""

    def cpu_seconds(self) -> float:
        """See `Assistant`."""
        return cpu_seconds(self._processes)

    async def close(self) -> None:
        """See `Assistant`."""
        if self._system is not None:
            self._system.close()
            self._system = None
