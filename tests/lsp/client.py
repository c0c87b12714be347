"""The product's client, in the words of the tests."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types

from codeassist.lsp import client as product

ECHO = [sys.executable, str(Path(__file__).with_name("echo_server.py"))]
URI = "file:///project/a.py"
DEADLINE = 60


class Client(product.Client):
    """What an editor does, with one document unless another is named."""

    async def until(self, condition):
        """Wait for something that a notification brings about."""
        async with asyncio.timeout(DEADLINE):
            await super().until(condition)

    def open(self, text, uri=URI, language="python"):
        """Open a document."""
        super().open(text, uri, language)

    def edit(self, start, end, text, uri=URI):
        """Replace a range, given as (line, character) pairs in the client's units."""
        super().edit(start, end, text, uri)

    def params(self, line, character, *, uri=URI, invoked=False, selected=None):
        """The parameters of a request."""
        kinds = types.InlineCompletionTriggerKind
        return types.InlineCompletionParams(
            context=types.InlineCompletionContext(
                trigger_kind=kinds.Invoked if invoked else kinds.Automatic,
                selected_completion_info=selected,
            ),
            text_document=types.TextDocumentIdentifier(uri),
            position=types.Position(line, character),
        )

    def ask(self, line, character, **how):
        """A request that is under way."""
        return super().ask(self.params(line, character, **how))[1]

    async def texts(self, line, character, **how):
        """The texts of the items at a position."""
        async with asyncio.timeout(DEADLINE):
            answer = await self.ask(line, character, **how)
        return [item.insert_text for item in answer.items]


@asynccontextmanager
async def connected(command, *, encoding="utf-16", options=None, env=None, wait=True):
    """A client with a server that was started with `command`."""
    client = Client("test")
    await client.start(command, encoding=encoding, options=options, env=env)
    try:
        if wait:
            await client.ready()
        yield client
    finally:
        await client.stop()
