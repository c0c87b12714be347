"""An editor's side of the protocol: a client with a server in a process of its own."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from codeassist.errors import CodeassistError

from .configuring import SECTION
from .idle import FOCUS
from .status import BRIEF, METHOD, Status

__all__ = ["Client", "ServerError"]

START_SECONDS = 300.0
"""Until the model is loaded, also from a slow disk."""

LAST_WORDS = 5
"""Lines of a dead server's stderr that are searched for its reason."""

KNOWN = {field.name for field in fields(Status)}


class ServerError(CodeassistError):
    """A language server that did not start, did not answer, or is gone."""


class _Lsp(LanguageClient):
    """pygls' client, and a word when the server's process has ended."""

    def __init__(self, name: str, gone: Callable[[], None]) -> None:
        super().__init__(name, "1")
        self._gone = gone

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        """Called by pygls."""
        self._gone()


class Client:
    """One session with one server; what the server tells is kept in lists.

    Args:
        name: Of the client, for the server's log.
    """

    def __init__(self, name: str = "codeassist") -> None:
        self.statuses: list[Status] = []
        self.messages: list[types.ShowMessageParams] = []
        self.progress: list[types.ProgressParams] = []
        self.briefs: list[Any] = []
        """What it says in Copilot's words."""

        self.registered: dict[str, str] = {}
        """Ids of the registrations that hold, with their methods."""

        self.section: Any = None
        """Our section of the editor's settings, which the server may ask for."""

        self.result: types.InitializeResult | None = None
        self.gone = False
        """Whether the server's process has ended."""

        self.lsp = _Lsp(name, self._ended)
        self._versions: dict[str, int] = {}
        self._news = asyncio.Event()
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._stderr: asyncio.Task[None] | None = None
        self.lsp.feature(METHOD)(lambda params: self._on_status(params))
        self.lsp.feature(types.WINDOW_SHOW_MESSAGE)(self._keep(self.messages))
        self.lsp.feature(types.PROGRESS)(self._keep(self.progress))
        self.lsp.feature(BRIEF)(self._keep(self.briefs))
        self.lsp.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda _params: None)
        self.lsp.feature(types.CLIENT_REGISTER_CAPABILITY)(
            lambda each: self._register(each)
        )
        self.lsp.feature(types.CLIENT_UNREGISTER_CAPABILITY)(
            lambda each: self._unregister(each)
        )
        self.lsp.feature(types.WORKSPACE_CONFIGURATION)(
            lambda each: self._configuration(each)
        )

    # -- life ------------------------------------------------------------------------

    async def start(
        self,
        command: Sequence[str],
        *,
        encoding: str = "utf-16",
        options: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        root_uri: str | None = None,
        folders: Sequence[str] = (),
        capabilities: types.ClientCapabilities | None = None,
    ) -> None:
        """Start the server and shake hands; the model may still be loading.

        Args:
            command: Of the server, which speaks over stdio.
            encoding: Of positions: ``utf-8``, ``utf-16`` or ``utf-32``.
            options: The server's settings, as an editor gives them.
            env: Of the process; None: ours.
            root_uri: Folder of the workspace.
            folders: URIs of its folders, where there are several.
            capabilities: Of the editor; None: positions and progress alone.

        Raises:
            ServerError: there is no such program, or it ended at once.
        """
        try:
            await self.lsp.start_io(*command, env=env)
        except OSError as error:
            msg = f"{command[0]} cannot be started ({error.strerror}); check the path"
            raise ServerError(msg) from error
        self._stderr = asyncio.create_task(self._read_stderr())
        capabilities = capabilities or types.ClientCapabilities(
            general=types.GeneralClientCapabilities(position_encodings=[encoding]),
            window=types.WindowClientCapabilities(work_done_progress=True),
        )
        hello = types.InitializeParams(
            capabilities=capabilities,
            root_uri=root_uri,
            workspace_folders=[types.WorkspaceFolder(u, u) for u in folders] or None,
            initialization_options=options,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                self.result = await self.lsp.initialize_async(hello)
        except TimeoutError as error:
            msg = f"{command[0]} does not speak LSP: no answer in {START_SECONDS:.0f} s"
            raise ServerError(msg) from error
        except RuntimeError as error:  # pygls' word for a process that has ended
            raise await self.obituary() from error
        self.lsp.initialized(types.InitializedParams())

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until the model is loaded.

        Raises:
            ServerError: the server says that it cannot, ended, or took too long.
        """
        kinds = ("idle", "error")
        try:
            async with asyncio.timeout(seconds):
                await self.until(lambda: any(s.kind in kinds for s in self.statuses))
        except TimeoutError as error:
            msg = f"the server has no model after {seconds:.0f} s; see its log"
            raise ServerError(msg) from error
        first = next(s for s in self.statuses if s.kind in kinds)
        if first.kind == "error":
            raise ServerError(first.message)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that a notification brings about.

        Raises:
            ServerError: the server has ended.
        """
        while not condition():
            self._news.clear()
            if self.gone:
                raise await self.obituary()
            await self._news.wait()

    async def stop(self) -> None:
        """End the session, by force where the server does not listen."""
        process = self.process
        if process is None:
            return
        try:
            async with asyncio.timeout(10):
                if not self.gone:
                    await self.lsp.shutdown_async(None)
                    self.lsp.exit(None)
                await process.wait()
        except (TimeoutError, RuntimeError):
            if process.returncode is None:
                process.kill()
        await self.lsp.stop()  # type: ignore[no-untyped-call]
        if self._stderr is not None:
            await self._stderr

    @property
    def process(self) -> asyncio.subprocess.Process | None:
        """The server's process; None before `start`."""
        return self.lsp._server  # noqa: SLF001 - pygls has no other way to it

    async def obituary(self) -> ServerError:
        """The error of a server that has ended, with its last words."""
        if self._stderr is not None:
            await self._stderr
        code = self.process.returncode if self.process else None
        said = f": {self._last_words[-1]}" if self._last_words else ""
        msg = f"the language server has ended with status {code}{said}; see its log"
        return ServerError(msg)

    # -- what an editor says ---------------------------------------------------------

    def open(self, text: str, uri: str, language: str = "") -> None:
        """Open a document."""
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.lsp.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(
        self, start: tuple[int, int], end: tuple[int, int], text: str, uri: str
    ) -> None:
        """Replace a range, given as (line, character) pairs in the client's units."""
        self._versions[uri] = self._versions.get(uri, 1) + 1
        change = types.TextDocumentContentChangePartial(
            types.Range(types.Position(*start), types.Position(*end)), text
        )
        document = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        self.lsp.text_document_did_change(
            types.DidChangeTextDocumentParams(document, [change])
        )

    def focus(self, uri: str, position: tuple[int, int]) -> None:
        """The cursor came to rest somewhere, in the client's units."""
        line, character = position
        where = {"line": line, "character": character}
        params = {"textDocument": {"uri": uri}, "position": where}
        self.lsp.protocol.notify(FOCUS, params)

    def ask(
        self, params: types.InlineCompletionParams
    ) -> tuple[str, "asyncio.Future[types.InlineCompletionList]"]:
        """A request that is under way, and the id to cancel it with."""
        name = str(uuid4())
        method = types.TEXT_DOCUMENT_INLINE_COMPLETION
        answer = self.lsp.protocol.send_request_async(method, params, msg_id=name)
        return name, answer

    def cancel(self, request: str) -> None:
        """The answer to a request is not wanted any more."""
        self.lsp.cancel_request(types.CancelParams(request))

    async def execute(self, command: types.Command) -> None:
        """Run an item's command, as editors do when it is accepted.

        Raises:
            ServerError: the server has ended.
        """
        params = types.ExecuteCommandParams(command.command, command.arguments)
        try:
            await self.lsp.workspace_execute_command_async(params)
        except RuntimeError as error:
            raise await self.obituary() from error

    # -- what the server says --------------------------------------------------------

    def _on_status(self, params: Any) -> None:
        told = {k: v for k, v in params._asdict().items() if k in KNOWN}
        self.statuses.append(Status(**told))
        self._news.set()

    def _register(self, params: types.RegistrationParams) -> None:
        self.registered |= {each.id: each.method for each in params.registrations}
        self._news.set()

    def _unregister(self, params: types.UnregistrationParams) -> None:
        for each in params.unregisterations:
            self.registered.pop(each.id, None)
        self._news.set()

    def _configuration(self, params: types.ConfigurationParams) -> list[Any]:
        return [
            self.section if each.section == SECTION else None for each in params.items
        ]

    def _keep(self, where: list[Any]) -> Callable[[Any], None]:
        def keep(params: Any) -> None:
            where.append(params)
            self._news.set()

        return keep

    def _ended(self) -> None:
        self.gone = True
        self._news.set()

    async def _read_stderr(self) -> None:
        """Keep the pipe empty: a full one would block the server."""
        process = self.process
        if process is None or process.stderr is None:  # pragma: no cover - see start
            return
        while line := await process.stderr.readline():
            if said := line.decode(errors="replace").strip():
                self._last_words.append(said)
