"""A client that speaks to a server in a process of its own."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

ECHO = [sys.executable, str(Path(__file__).with_name("echo_server.py"))]
URI = "file:///project/a.py"
DEADLINE = 60


class Client:
    """What an editor does, in the words of the tests."""

    def __init__(self):
        self.lsp = LanguageClient("test", "1")
        self.statuses = []
        self.messages = []
        self.progress = []
        self._news = asyncio.Event()
        self.lsp.feature("codeassist/status")(self._on(self.statuses))
        self.lsp.feature(types.WINDOW_SHOW_MESSAGE)(self._on(self.messages))
        self.lsp.feature(types.PROGRESS)(self._on(self.progress))
        self.lsp.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda _params: None)

    def _on(self, where):
        def keep(params):
            where.append(params)
            self._news.set()

        return keep

    async def until(self, condition):
        """Wait for something that a notification brings about."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def ready(self):
        """Wait until the model is loaded."""
        await self.until(lambda: any(s.kind == "idle" for s in self.statuses))

    def open(self, text, uri=URI, language="python"):
        """Open a document."""
        item = types.TextDocumentItem(uri, language, 1, text)
        self.lsp.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, start, end, text, uri=URI):
        """Replace a range, given as (line, character) pairs in the client's units."""
        change = types.TextDocumentContentChangePartial(
            types.Range(types.Position(*start), types.Position(*end)), text
        )
        document = types.VersionedTextDocumentIdentifier(2, uri)
        self.lsp.text_document_did_change(
            types.DidChangeTextDocumentParams(document, [change])
        )

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
        request = self.lsp.text_document_inline_completion_async(
            self.params(line, character, **how)
        )
        return asyncio.ensure_future(request)

    async def texts(self, line, character, **how):
        """The texts of the items at a position."""
        async with asyncio.timeout(DEADLINE):
            answer = await self.ask(line, character, **how)
        return [item.insert_text for item in answer.items]


@asynccontextmanager
async def connected(command, *, encoding="utf-16", options=None, env=None, wait=True):
    """A client with a server that was started with `command`."""
    client = Client()
    await client.lsp.start_io(*command, env=env)
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[encoding]),
        window=types.WindowClientCapabilities(work_done_progress=True),
    )
    client.result = await client.lsp.initialize_async(
        types.InitializeParams(
            capabilities=capabilities, initialization_options=options
        )
    )
    client.lsp.initialized(types.InitializedParams())
    if wait:
        await client.ready()
    yield client
    await client.lsp.shutdown_async(None)
    client.lsp.exit(None)
    await client.lsp.stop()
