"""The language server: handlers that snapshot, ask the worker, and translate."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from codeassist.config import Settings, merge
from codeassist.engine import Answer, Request, Runtime, Silence, Timings
from codeassist.errors import CodeassistError, ConfigError

from .documents import Documents
from .status import METHOD, Ledger, Status
from .translate import ACCEPTED, answer_items, read_request
from .worker import Worker

__all__ = ["CodeassistServer", "Load", "make_server"]

log = logging.getLogger(__name__)

Load = Callable[[Settings, Callable[[float], None]], Runtime]
"""Opens the model that the settings name, telling the part that is loaded."""

PROGRESS_STEP = 5
"""Per cent of the model between two reports."""


class Protocol(LanguageServerProtocol):
    """LSP with documents that count lines as LSP does."""

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
        settings: From the configuration files and the command line.
        load: Opens the model.
    """

    protocol: Protocol

    def __init__(self, settings: Settings, load: Load) -> None:
        from codeassist import __version__

        super().__init__(
            "codeassist",
            __version__,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.settings = settings
        self.worker = Worker(lambda progress: load(self.settings, progress))
        self.ledger = Ledger()
        self._loading: asyncio.Task[None] | None = None

    # -- life ------------------------------------------------------------------------

    def configure(self, options: Any) -> None:
        """Take the editor's options; each bad one is shown, the others count."""
        if not isinstance(options, dict):
            return
        for section, values in options.items():
            named = values.items() if isinstance(values, dict) else [(None, values)]
            for key, value in named:
                self._set(section, value if key is None else {key: value})

    def _set(self, section: str, values: Any) -> None:
        table = {section: values}
        try:
            self.settings = merge(self.settings, table, "initializationOptions")
        except ConfigError as error:
            self.tell(types.MessageType.Warning, str(error))

    def start_loading(self) -> None:
        """Load the model in the background."""
        self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        self.status("loading", "loading the model")
        token = await self._begin_progress()
        told = 0

        def progress(part: float) -> None:
            nonlocal told
            per_cent = int(part * 100)
            if token and per_cent >= told + PROGRESS_STEP:
                told = per_cent
                report = types.WorkDoneProgressReport(percentage=per_cent)
                self.work_done_progress.report(token, report)

        try:
            await self.worker.load(progress)
        except Exception as error:  # noqa: BLE001 - a worker's border
            self._failed(error)
        else:
            self._loaded()
        if token:
            self.work_done_progress.end(token, types.WorkDoneProgressEnd())

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
            log.warning("%s", runtime.note)
        if not runtime.family:
            self.tell(types.MessageType.Warning, runtime.note)
        self.status("idle", runtime.note)

    async def _begin_progress(self) -> str | None:
        window = self.client_capabilities.window
        if window is None or not window.work_done_progress:
            return None
        token = f"codeassist-{uuid4()}"
        await self.work_done_progress.create_async(token)
        begin = types.WorkDoneProgressBegin(
            "codeassist: loading the model", percentage=0
        )
        self.work_done_progress.begin(token, begin)
        return token

    # -- telling -----------------------------------------------------------------------

    def tell(self, kind: types.MessageType, message: str) -> None:
        """Show the user a line."""
        self.window_show_message(
            types.ShowMessageParams(kind, f"codeassist: {message}")
        )

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
        try:
            # before the first await: the position belongs to this state of the text
            document = self.workspace.get_text_document(uri)
            request = read_request(document, params)
            answer = await self._ask(uri, request)
            items = answer_items(answer, params, self.ledger)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("error in %s", uri)
            return self._answered(begun, Answer(silence=Silence.ERROR), [])
        return self._answered(begun, answer, items)

    async def _ask(self, uri: str, request: Request | Silence) -> Answer:
        if isinstance(request, Silence):
            return Answer(silence=request)
        return await self.worker.complete(uri, request)

    def _answered(
        self, begun: float, answer: Answer, items: list[types.InlineCompletionItem]
    ) -> types.InlineCompletionList:
        if answer.silence is not None:
            self.ledger.silent(answer.silence)
        timings = answer.timings
        log.info(
            "%s in %.0f ms (prompt %.0f ms: %d reused, %d evaluated; %d generated)",
            answer.silence.value
            if answer.silence
            else f"{len(answer.text)} characters",
            (time.monotonic() - begun) * 1000,
            timings.prompt_ms,
            timings.reused,
            timings.evaluated,
            timings.generated,
        )
        self.status(self._kind(answer), reason=answer.silence, timings=timings)
        return types.InlineCompletionList(items)

    @staticmethod
    def _kind(answer: Answer) -> str:
        if answer.silence is Silence.MODEL_LOADING:
            return "loading"
        failed = answer.silence in (Silence.NO_MODEL, Silence.ERROR)
        return "error" if failed else "idle"


def make_server(settings: Settings, load: Load) -> CodeassistServer:
    """A server with its handlers, ready to be started on stdio or TCP."""
    server = CodeassistServer(settings, load)

    @server.feature(types.INITIALIZE)
    def initialize(ls: CodeassistServer, params: types.InitializeParams) -> None:
        ls.protocol.adopt_documents()
        ls.configure(params.initialization_options)

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
        ls.worker.stop()

    return server
