"""What peers have in common as assistants: turns at the model, and CPU time."""

import asyncio
from collections.abc import Callable, Iterable

import psutil

from codeassist.errors import CodeassistError
from codeassist.evaluate.hole import Output
from codeassist.evaluate.replay.assistant import AssistantError, Suggestion

__all__ = ["Turns", "cpu_seconds", "listening", "suggestion"]


class Turns:
    """One request at a time; of those that wait only the newest gets its turn."""

    def __init__(self) -> None:
        self._newest = 0
        self._lock = asyncio.Lock()

    async def take(
        self, work: Callable[[], Output], *, aside: bool = False
    ) -> Output | None:
        """Work in a thread when its turn comes; None: a newer one came meanwhile.

        Args:
            work: What is done.
            aside: It is no keystroke's: none that waits is dropped for it.

        Raises:
            AssistantError: the system is gone.
        """
        self._newest += not aside
        mine = self._newest
        async with self._lock:
            if mine != self._newest:
                return None
            try:
                return await asyncio.to_thread(work)
            except CodeassistError as error:
                raise AssistantError(str(error)) from error


def suggestion(output: Output | None) -> Suggestion | None:
    """An answer in the terms of a replay."""
    if output is None:
        return None
    told = output.evaluated_tokens is not None  # else the share would be wrong
    return Suggestion(
        text=output.text,
        reason=output.reason,
        prompt_tokens=output.prompt_tokens if told else None,
        evaluated_tokens=output.evaluated_tokens,
        generated_tokens=output.generated_tokens,
    )


def listening(port: int) -> list[psutil.Process]:
    """Our user's processes that listen on a TCP port; none where we may not look."""
    found = []
    for process in psutil.process_iter():
        try:
            connections = process.net_connections("tcp")
        except psutil.Error:
            continue
        if any(
            each.status == psutil.CONN_LISTEN and each.laddr.port == port
            for each in connections
        ):
            found.append(process)
    return found


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """CPU time that some processes have used so far; of those that are gone none."""
    total = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total
