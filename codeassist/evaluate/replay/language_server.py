"""Our own language server as an assistant that is driven: a process, spoken to in LSP."""

import asyncio
import contextlib
import sys
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled

from codeassist.errors import CodeassistError
from codeassist.languages import of_path
from codeassist.lsp.client import Client
from codeassist.lsp.status import Status

from .assistant import AssistantError, Edit, Suggestion, View

__all__ = ["COMMAND", "LanguageServer"]

COMMAND = (sys.executable, "-P", "-m", "codeassist", "lsp")
"""The product's own server."""

UNRECORDED = {"records": {"enabled": False}}
"""A replay is not the user's own typing."""

ANSWER_SECONDS = 120.0
"""A server that is silent for longer does not answer any more."""

REST_SECONDS = 0.1
"""After which our plugins tell where the cursor has come to rest."""

LOG = "lsp.log"
LAST_LINES = 3
"""Of the log, told when the server fails."""


class LanguageServer:
    """A session with a language server over stdio.

    Args:
        command: Starts the server; ``--log FILE`` is put behind it, so that a replay
            writes nothing into the user's log.
        options: Its settings, as an editor's ``initializationOptions``.
        root: Folder of the workspace.
        env: Of the process; None: ours.
        name: As it stands in reports.
    """

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        options: Mapping[str, Any] | None = None,
        root: str | None = None,
        env: Mapping[str, str] | None = None,
        name: str = "codeassist",
    ) -> None:
        self.name = name
        self._command = command
        self._options = options
        self._root = root
        self._env = env
        self._client = Client("replay")
        self._told = 0
        self._rests: asyncio.TimerHandle | None = None
        self._costs: deque[Status] = deque()
        self._under_way: set[str] = set()
        self._cpu = 0.0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def start(self) -> None:
        """See `Assistant`."""
        self._folder = tempfile.TemporaryDirectory(prefix="codeassist-")
        try:
            await self._client.start(
                (*self._command, "--log", str(Path(self._folder.name) / LOG)),
                encoding="utf-32",  # positions in Python's characters
                options={**(self._options or {}), **UNRECORDED},
                env=self._env,
                root_uri=Path(self._root).as_uri() if self._root else None,
            )
            await self._client.ready()
        except CodeassistError as error:
            raise self._failed(str(error)) from error

    async def open(self, path: str, text: str) -> None:
        """See `Assistant`."""
        await self._alive()
        self._client.open(text, Path(path).as_uri(), of_path(path).name)

    async def moved(self, view: View) -> None:
        """See `Assistant`; told as by our plugins: when the cursor has rested there."""
        await self._alive()
        uri, place = Path(view.path).as_uri(), (view.line, view.character)
        self._typed()
        loop = asyncio.get_running_loop()
        self._rests = loop.call_later(REST_SECONDS, self._client.focus, uri, place)

    async def change(self, edit: Edit, view: View) -> None:
        """See `Assistant`."""
        await self._alive()
        self._typed()
        uri = Path(view.path).as_uri()
        self._client.edit(edit.start, edit.end, edit.text, uri)

    def _typed(self) -> None:
        """A cursor that was about to rest does not."""
        if self._rests is not None:
            self._rests.cancel()

    async def suggest(self, view: View) -> Suggestion | None:
        """See `Assistant`."""
        await self._alive()
        params = types.InlineCompletionParams(
            context=types.InlineCompletionContext(
                types.InlineCompletionTriggerKind.Automatic
            ),
            text_document=types.TextDocumentIdentifier(Path(view.path).as_uri()),
            position=types.Position(view.line, view.character),
        )
        request, pending = self._client.ask(params)
        self._under_way.add(request)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await pending
        except JsonRpcRequestCancelled:
            return None
        except JsonRpcException as error:
            msg = f"the language server answered with an error: {error}"
            raise self._failed(msg) from error
        except TimeoutError as error:
            msg = f"the language server is silent for {ANSWER_SECONDS:.0f} s"
            raise self._failed(msg) from error
        except RuntimeError as error:  # pygls' word for a process that has ended
            raise self._failed(str(await self._client.obituary())) from error
        finally:
            self._under_way.discard(request)
        return self._suggestion(answer)

    def _suggestion(self, answer: types.InlineCompletionList) -> Suggestion:
        cost = self._cost()
        if not answer.items:
            text, handle = "", None
        else:
            item = answer.items[0]
            text, handle = str(item.insert_text), item.command
        return Suggestion(
            text,
            cost.reason,
            cost.prompt_tokens,
            cost.evaluated_tokens,
            cost.generated_tokens,
            handle,
        )

    def _cost(self) -> Status:
        """What the oldest answer that came has cost: statuses come just before them."""
        news = self._client.statuses[self._told :]
        self._told = len(self._client.statuses)
        self._costs += (status for status in news if status.prompt_tokens is not None)
        return self._costs.popleft() if self._costs else Status("idle")

    async def cancel(self) -> None:
        """See `Assistant`."""
        for request in self._under_way:
            self._client.cancel(request)
        self._under_way.clear()

    async def accepted(self, suggestion: Suggestion, view: View) -> None:
        """See `Assistant`."""
        await self._alive()
        if isinstance(suggestion.handle, types.Command):
            try:
                await self._client.execute(suggestion.handle)
            except CodeassistError as error:
                raise self._failed(str(error)) from error

    def cpu_seconds(self) -> float:
        """See `Assistant`."""
        process = self._client.process
        if process is not None and not self._client.gone:
            try:
                self._cpu = _cpu_seconds(psutil.Process(process.pid))
            except psutil.NoSuchProcess:
                return self._cpu
        return self._cpu

    async def close(self) -> None:
        """See `Assistant`."""
        self._typed()
        try:
            await self._client.stop()
        finally:
            if self._folder is not None:
                self._folder.cleanup()

    async def _alive(self) -> None:
        if self._client.gone:
            raise self._failed(str(await self._client.obituary()))

    def _failed(self, what: str) -> AssistantError:
        """The error with the end of the log, which is gone after `close`."""
        assert self._folder is not None, "not started"
        what = what.removesuffix("; see its log")
        try:
            log = (Path(self._folder.name) / LOG).read_text("utf-8", "replace")
        except OSError:  # the server has not come so far
            return AssistantError(what)
        last = [line.strip() for line in log.split("\n") if line.strip()][-LAST_LINES:]
        told = f"; its log ends: {' | '.join(last)}" if last else ""
        return AssistantError(what + told)


def _cpu_seconds(process: psutil.Process) -> float:
    """Of a process and of its workers: those that are gone and those that live."""
    used = process.cpu_times()
    seconds = used.user + used.system
    seconds += getattr(used, "children_user", 0.0)  # Windows and macOS tell none
    seconds += getattr(used, "children_system", 0.0)
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            seconds += times.user + times.system
    return float(seconds)
