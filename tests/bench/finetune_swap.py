"""Somebody types through the real server while adapters are switched on and off."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from codeassist.engine import Silence
from codeassist.lsp.client import Client

__all__ = ["Swapped", "swap"]

BETWEEN = 30
"""Keystrokes from one switch to the next, at the least."""

MOST = 3_000
ANSWER_S = 300.0
FILE = Path(__file__).resolve().parents[2] / "engine" / "answering.py"
NAME = "swapped"


@dataclass(slots=True)
class Swapped:
    """What came of it."""

    asked: int = 0
    failed: int = 0
    adapters: list[str | None] = field(default_factory=list)
    """Those that answered, one after another."""

    note: str = ""


def swap(adapter: Path, model: Path, environment: Mapping[str, str]) -> Swapped:
    """Type, switch an adapter on, type, take it back, type.

    Args:
        adapter: GGUF over this model.
        model: GGUF.
        environment: Of the server and the command, with a store of their own.
    """
    _adapters(
        environment, "import", str(adapter), "--name", NAME, "--model", str(model)
    )
    return asyncio.run(_typed(model, environment))


async def _typed(model: Path, environment: Mapping[str, str]) -> Swapped:
    client, found = Client("bench"), Swapped()
    options = {"model": {"id": str(model)}, "records": {"enabled": False}}
    server = [sys.executable, "-m", "codeassist", "lsp"]
    await client.start(server, options=options, env=environment, root_uri=None)
    try:
        await client.ready()
        typing = _Typing(client, found, FILE.read_text("utf-8"))
        await typing.until(lambda: typing.keys >= BETWEEN)
        for words, wanted in (
            (("activate", NAME), NAME),
            (("rollback", "--model", str(model)), None),
        ):
            await asyncio.to_thread(_adapters, environment, *words)
            here = typing.keys
            await typing.until(
                lambda here=here, wanted=wanted: (
                    typing.keys >= here + BETWEEN and typing.adapter == wanted
                )
            )
    finally:
        await client.stop()
    return found


class _Typing:
    """A file typed from its beginning, the server asked at each character."""

    def __init__(self, client: Client, found: Swapped, text: str) -> None:
        self._client, self._found, self._text = client, found, text
        self._uri = FILE.with_name("typed.py").as_uri()
        self._line = self._column = self.keys = 0
        client.open("", self._uri, "python")

    @property
    def adapter(self) -> str | None:
        """What answers now."""
        return self._client.statuses[-1].adapter

    async def until(self, done: Callable[[], bool]) -> None:
        """Go on with typing until that is so."""
        while not done() and self.keys < MOST:
            await self._key()

    async def _key(self) -> None:
        letter = self._text[self.keys % len(self._text)]
        here = self._line, self._column
        self._client.edit(here, here, letter, self._uri)
        self.keys += 1
        newline = letter == "\n"
        self._line += newline
        self._column = 0 if newline else self._column + 1
        await self._ask()
        adapters = self._found.adapters
        if adapters[-1:] != [self.adapter]:
            adapters.append(self.adapter)

    async def _ask(self) -> None:
        found, before = self._found, len(self._client.statuses)
        params = types.InlineCompletionParams(
            context=types.InlineCompletionContext(
                types.InlineCompletionTriggerKind.Automatic
            ),
            text_document=types.TextDocumentIdentifier(self._uri),
            position=types.Position(self._line, self._column),
        )
        found.asked += 1
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await self._client.ask(params)[1]
        except (TimeoutError, JsonRpcException) as error:
            found.failed += 1
            found.note = f"{type(error).__name__}: {error}"
            return
        news = self._client.statuses[before:]
        broken = any(each.reason == Silence.ERROR.value for each in news)
        if answer is None or broken:
            found.failed += 1
            found.note = "no answer" if answer is None else "an error in the log"


def _adapters(environment: Mapping[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "codeassist", "adapters", *words]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
