"""The product's client, in the words of the tests."""

import asyncio
import os
import sys
from collections import deque
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lsprotocol import types

from codeassist.engine.models.store import models_dir
from codeassist.lsp import client as product

ECHO = [sys.executable, str(Path(__file__).with_name("echo_server.py"))]
URI = "file:///project/a.py"
DEADLINE = 120


class Client(product.Client):
    """What an editor does, with one document unless another is named."""

    def __init__(self, name="test"):
        super().__init__(name)
        self._last_words = deque()

    @property
    def stderr(self):
        """All that the server wrote there; complete once it has ended."""
        return "\n".join(self._last_words)

    def raw(self, method, params):
        """A request whose parameters nobody has checked."""
        protocol, answer = self.lsp.protocol, Future()
        protocol._request_futures["raw"] = answer
        protocol._result_types["raw"] = protocol.get_result_type(method)
        message = {"jsonrpc": "2.0", "id": "raw", "method": method, "params": params}
        protocol._send_data(message)
        return asyncio.wrap_future(answer)

    async def ended(self):
        """The exit status of the server, which ends by itself."""
        async with asyncio.timeout(DEADLINE):
            await self._stderr
            return await self.process.wait()

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
async def connected(
    command, *, env=None, wait=True, on_bar=None, features=None, section=None, **how
):
    """A client with a server that was started with `command`.

    It finds the user's models, but writes nothing into the user's data.

    Args:
        command: Of the server.
        env: What is added to the environment.
        wait: For the model.
        on_bar: Answers the server's wish for a progress bar.
        features: What answers other requests of the server, by their methods.
        section: Of the editor's settings.
        how: More for `Client.start`.
    """
    client = Client()
    client.section = section
    own_features = client.lsp.protocol.fm.features
    own_features.update(features or {})
    if on_bar is not None:
        own_features[types.WINDOW_WORK_DONE_PROGRESS_CREATE] = on_bar
    with TemporaryDirectory() as data:
        own = {"XDG_DATA_HOME": data, "CODEASSIST_MODELS": str(models_dir())}
        await client.start(command, env={**os.environ, **own, **(env or {})}, **how)
        try:
            if wait:
                await client.ready()
            yield client
        finally:
            await client.stop()
