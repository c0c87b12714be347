"""The language server: handlers that snapshot, ask the worker, and translate."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.uris import to_fs_path

from codeassist.config import Settings, Warn, merge
from codeassist.engine import Answer, Runtime, Silence, Timings
from codeassist.errors import CodeassistError, ContextTooSmallError

from .documents import Documents, opened
from .following import add_following, open_repositories
from .loading import LoadingBar
from .status import METHOD, Ledger, Status
from .translate import ACCEPTED, answer_items, read_request
from .worker import Superseded, Tell, Worker

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["CodeassistServer", "Files", "Load", "make_server"]

log = logging.getLogger(__name__)

Load = Callable[[Settings, Tell], Runtime]
"""Opens the model that the settings name, telling the part that is loaded."""

Files = Callable[[Path | None, Warn], Settings]
"""Reads the settings of the user and of the project in a folder, which may be none."""


class Protocol(LanguageServerProtocol):
    """LSP with documents that count lines as LSP does, and an answer to everything."""

    _server: "CodeassistServer"

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read is answered at once.

        pygls would only show an error, and the client would wait for ever.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if not {"id", "method"} <= data.keys():
                raise
            if data["method"] == types.TEXT_DOCUMENT_INLINE_COMPLETION:
                nothing = self._server.answer_nothing(Silence.ERROR)
                self._send_response(data["id"], nothing)
            else:
                self._send_response(data["id"], error=error.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        """Act on a message that has not been answered yet."""
        if message is not None:
            super().handle_message(message)

    def adopt_documents(self) -> None:
        """Put `Documents` in the place of pygls' workspace, before any is opened."""
        old = self.workspace
        self._workspace = Documents(
            old.root_uri,
            self._server._text_document_sync_kind,  # noqa: SLF001 - pygls' own way
            list(old.folders.values()),
            old.position_encoding,
        )


class CodeassistServer(LanguageServer):
    """State of one client's session.

    Args:
        load: Opens the model.
        files: Reads the configuration files.
        given: Settings of the command line, which go over all others.
    """

    protocol: Protocol

    def __init__(self, load: Load, files: Files, given: Mapping[str, Any]) -> None:
        from codeassist import __version__

        super().__init__(
            "codeassist",
            __version__,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.settings = Settings()
        self.worker = Worker(lambda tell: load(self.settings, tell))
        self.ledger = Ledger()
        self._files = files
        self._given = given
        self._said: set[str] = set()
        self._loading: asyncio.Task[None] | None = None
        self.repositories: Repositories | None = None

    # -- life ------------------------------------------------------------------------

    def configure(self, project: Path | None, options: Any) -> None:
        """Take all settings; each bad one is shown, the others count."""
        settings = self._files(project, self.warn)
        if isinstance(options, dict):
            settings = merge(settings, options, "initializationOptions", self.warn)
        self.settings = merge(settings, self._given, "command line", self.warn)

    def start_loading(self) -> None:
        """Load the model in the background."""
        self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        self.status("loading", "loading the model")
        bar = self.bar("loading the model")
        try:
            await self.worker.load(bar.report if bar else lambda _part: None)
        except Exception as error:  # noqa: BLE001 - a worker's border
            if not self.worker.stopped:  # else nobody waits for it any more
                self._failed(error)
        else:
            self._loaded()
        if bar:
            bar.end()
        runtime = self.worker.runtime
        if runtime is not None and self.settings.completion.context_tokens > 0:
            self.repositories = await open_repositories(self, self.bar)
            runtime.completer.context = self.repositories
            if self.worker.stopped:
                self.repositories.end()

    def _failed(self, error: Exception) -> None:
        known = isinstance(error, CodeassistError)
        log.error("no model: %s", error, exc_info=None if known else error)
        self.tell(types.MessageType.Error, str(error))
        self.status("error", str(error), Silence.NO_MODEL)

    def _loaded(self) -> None:
        runtime = self.worker.runtime
        if runtime is None:  # pragma: no cover - load() has set it
            return
        log.info("ready: %s", runtime.model)
        if runtime.note:
            log.info("%s", runtime.note)
        if not runtime.family:
            self.tell(types.MessageType.Warning, runtime.note)
        self.status("idle", runtime.note)

    def bar(self, title: str) -> LoadingBar | None:
        """A bar, where the client shows any."""
        window = self.client_capabilities.window
        shows = window is not None and window.work_done_progress
        return LoadingBar(self.work_done_progress, title) if shows else None

    def stop(self) -> None:
        """End what runs in the background."""
        self.worker.stop()
        if self.repositories is not None:
            self.repositories.end()

    def shutdown(self) -> None:
        """End, as after the client's last word or its end."""
        self.stop()
        super().shutdown()  # type: ignore[no-untyped-call]

    # -- telling -----------------------------------------------------------------------

    def tell(self, kind: types.MessageType, message: str) -> None:
        """Show the user a line."""
        self.window_show_message(
            types.ShowMessageParams(kind, f"codeassist: {message}")
        )

    def warn(self, message: str) -> None:
        """Show the user a warning, and log it."""
        log.warning("%s", message)
        self.tell(types.MessageType.Warning, message)

    def _warn_once(self, about: str, message: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self.warn(message)

    def status(
        self,
        kind: str,
        message: str = "",
        reason: Silence | None = None,
        timings: Timings | None = None,
    ) -> None:
        """Tell the client how the server is, and what an answer has cost."""
        runtime = self.worker.runtime
        status = Status(
            kind,
            message,
            reason.value if reason else None,
            runtime.model if runtime else None,
            self.ledger.shown,
            self.ledger.accepted,
            timings.reused + timings.evaluated if timings else None,
            timings.evaluated if timings else None,
            timings.generated if timings else None,
        )
        self.protocol.notify(METHOD, status.params())

    # -- completing ----------------------------------------------------------------------

    async def complete(
        self, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList:
        """Answer one request; whatever happens, the answer is a list."""
        begun = time.monotonic()
        uri = params.text_document.uri
        items: list[types.InlineCompletionItem] = []
        try:
            answer = await self._ask(uri, params)
            items = answer_items(answer, params, self.ledger)
        except asyncio.CancelledError as error:
            superseded = isinstance(error, Superseded)
            self._note(Silence.SUPERSEDED if superseded else Silence.CANCELLED, begun)
            raise
        except ContextTooSmallError as error:
            self._warn_once("context", str(error))
            return self.answer_nothing(Silence.CONTEXT_TOO_SMALL, begun)
        except Exception:
            log.exception("error in %s", uri)
            return self.answer_nothing(Silence.ERROR, begun)
        self._note(answer, begun)
        return types.InlineCompletionList(items)

    def answer_nothing(
        self, silence: Silence, begun: float | None = None
    ) -> types.InlineCompletionList:
        """An empty list, with its reason in log and status."""
        self._note(Answer(silence=silence), begun)
        return types.InlineCompletionList([])

    async def _ask(self, uri: str, params: types.InlineCompletionParams) -> Answer:
        # before the first await: the position belongs to this state of the text
        document = opened(self.workspace, uri)
        if document is None:
            return Answer(silence=Silence.NOT_OPEN)
        request = read_request(document, params)
        if isinstance(request, Silence):
            return Answer(silence=request)
        return await self.worker.complete(uri, request)

    def _note(self, answer: Answer | Silence, begun: float | None = None) -> None:
        """Log what became of a request, and tell the client."""
        now = time.monotonic()
        milliseconds = (now - (begun or now)) * 1000
        if isinstance(answer, Silence):  # there is no answer, and no cost to tell of
            log.info("%s after %.0f ms", answer.value, milliseconds)
            self.status("idle", reason=answer)
            return
        timings = answer.timings
        log.info(
            "%s in %.0f ms (prompt %.0f ms: %d reused, %d evaluated; %d generated)",
            answer.silence.value
            if answer.silence
            else f"{len(answer.text)} characters",
            milliseconds,
            timings.prompt_ms,
            timings.reused,
            timings.evaluated,
            timings.generated,
        )
        self.status(self._kind(answer), reason=answer.silence, timings=timings)

    @staticmethod
    def _kind(answer: Answer) -> str:
        if answer.silence is Silence.MODEL_LOADING:
            return "loading"
        failed = answer.silence in (Silence.NO_MODEL, Silence.ERROR)
        return "error" if failed else "idle"


def make_server(
    settings: Settings,
    load: Load,
    *,
    files: Files | None = None,
    given: Mapping[str, Any] | None = None,
) -> CodeassistServer:
    """A server with its handlers, ready to be started on stdio or TCP.

    Args:
        settings: What holds where no ``files`` are read.
        load: Opens the model.
        files: Reads the configuration files when the client has named its project.
        given: Settings of the command line, which go over all others.
    """
    server = CodeassistServer(
        load, files or (lambda _project, _warn: settings), given or {}
    )

    @server.feature(types.INITIALIZE)
    def initialize(ls: CodeassistServer, params: types.InitializeParams) -> None:
        ls.protocol.adopt_documents()
        folders = params.workspace_folders
        root = folders[0].uri if folders else ls.workspace.root_uri
        path = to_fs_path(root) if root else None
        ls.configure(Path(path) if path else None, params.initialization_options)

    @server.feature(types.INITIALIZED)
    def initialized(ls: CodeassistServer, _params: types.InitializedParams) -> None:
        ls.start_loading()

    # without the options object pygls does not advertise the capability
    @server.feature(
        types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions()
    )
    async def inline_completion(
        ls: CodeassistServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList:
        return await ls.complete(params)

    @server.command(ACCEPTED)
    def accepted(ls: CodeassistServer, item: int) -> None:
        if ls.ledger.accept(item):
            log.info("accepted %d", item)
            ls.status("idle")

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: CodeassistServer, *_: object) -> None:
        ls.stop()

    add_following(server, lambda ls: ls.repositories)
    return server
