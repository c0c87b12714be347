"""The language server: handlers that snapshot, ask the worker, and translate."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter
from pygls.uris import to_fs_path

from codeassist.config import Settings, Warn, merge
from codeassist.engine import Answer, Runtime, Silence, Timings
from codeassist.errors import CodeassistError, ContextTooSmallError
from codeassist.records import Recorder

from .acceptance import Acceptance, add_acceptance
from .documents import Document, opened
from .following import add_following, open_repositories
from .idle import Idle, add_idle
from .loading import LoadingBar
from .protocol import Protocol
from .recording import Recording, Turn
from .screen import Screen
from .status import METHOD, Ledger, Status
from .translate import answer_items, kind_of, read_request, start_of, texts_of
from .worker import Superseded, Tell, Worker

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["CodeassistServer", "Files", "Load", "make_server"]

log = logging.getLogger(__name__)

Load = Callable[[Settings, Tell], Runtime]
"""Opens the model that the settings name, telling the part that is loaded."""

Files = Callable[[Path | None, Warn], Settings]
"""Reads the settings of the user and of the project in a folder, which may be none."""


class CodeassistServer(LanguageServer):
    """State of one client's session.

    Args:
        load: Opens the model.
        files: Reads the configuration files.
        given: Settings of the command line, which go over all others.
        records: File of what happened, if the settings want it kept; None: no file.
    """

    protocol: Protocol

    def __init__(
        self,
        load: Load,
        files: Files,
        given: Mapping[str, Any],
        records: Path | None = None,
    ) -> None:
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
        self.idle = Idle(self.worker, self.document)
        self.screen = Screen()
        self.recording = Recording(self.document)
        self.acceptance = Acceptance(
            self.ledger, self.screen, self.recording, lambda: self.status("idle")
        )
        self._records = records
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
        if self._records is not None and self.settings.records.enabled:
            self.recording.start(
                Recorder(self._records),
                root=self.workspace.root_path or "",
                adapter=Path(self.settings.model.adapter).name,
            )
            self.idle.keep_prompts(self.workspace.root_path or "")

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
        if runtime is not None and runtime.completer.settings.context_tokens > 0:
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
        self.recording.model = runtime.model
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
        self.recording.close()
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
        turn = Turn(params)
        items: list[types.InlineCompletionItem] = []
        try:
            answer = await self._ask(turn)
            items = answer_items(answer, params, self.ledger)
            self._show(turn, items)
        except asyncio.CancelledError as error:
            superseded = isinstance(error, Superseded)
            silence = Silence.SUPERSEDED if superseded else Silence.CANCELLED
            self._dropped(silence, turn)
            raise
        except ContextTooSmallError as error:
            self._warn_once("context", str(error))
            return self.answer_nothing(Silence.CONTEXT_TOO_SMALL, turn)
        except Exception:
            log.exception("error in %s", params.text_document.uri)
            return self.answer_nothing(Silence.ERROR, turn)
        self._note(answer, turn)
        return types.InlineCompletionList(items)

    def answer_nothing(
        self, silence: Silence, turn: Turn | None = None
    ) -> types.InlineCompletionList:
        """An empty list, with its reason in log and status."""
        self._note(Answer(silence=silence), turn)
        return types.InlineCompletionList([])

    async def _ask(self, turn: Turn) -> Answer:
        # before the first await: the position belongs to this state of the text
        uri = turn.params.text_document.uri
        turn.document = document = self.document(uri)
        if document is None:
            return Answer(silence=Silence.NOT_OPEN)
        self.idle.asked(uri, turn.params.position)
        request = read_request(document, turn.params)
        if isinstance(request, Silence):
            return Answer(silence=request)
        turn.request = request
        start = start_of(document, turn.params)
        turn.place = None if start is None else self.screen.place(document.uri, start)
        return await self.worker.complete(uri, request)

    def _show(self, turn: Turn, items: Sequence[types.InlineCompletionItem]) -> None:
        """Follow the items of an answer from now on."""
        if items and turn.document and turn.place:
            suggested = partial(self.recording.suggested, turn)
            texts = texts_of(items)
            self.screen.show(turn.document, turn.place, texts, suggested)

    def changed(self, uri: str) -> None:
        """A document was edited."""
        document = self.document(uri)
        if document is not None:
            edits = document.take_edits()
            self.acceptance.edited(document, edits)
            for edit in edits[-1:]:
                self.worker.pace.typed(uri, edit.text, time.monotonic())
                self.idle.edited(uri, edit)

    def document(self, uri: str) -> Document | None:
        """An open document."""
        found = opened(self.workspace, uri)
        return found if isinstance(found, Document) else None

    def _dropped(self, silence: Silence, turn: Turn) -> None:
        """Nobody waits for an answer: there is none, and no cost to tell of."""
        log.info("%s after %.0f ms", silence.value, turn.milliseconds)
        self.recording.answered(turn, Answer(silence=silence))
        self.status("idle", reason=silence)

    def _note(self, answer: Answer, turn: Turn | None = None) -> None:
        """Log what became of a request, and tell the client."""
        timings = answer.timings
        log.info(
            "%s in %.0f ms (prompt %.0f ms: %d reused, %d evaluated; %d generated)",
            answer.silence.value
            if answer.silence
            else f"{len(answer.text)} characters",
            turn.milliseconds if turn else 0,
            timings.prompt_ms,
            timings.reused,
            timings.evaluated,
            timings.generated,
        )
        if turn is not None:
            self.recording.answered(turn, answer)
        self.status(kind_of(answer), reason=answer.silence, timings=timings)


def make_server(
    settings: Settings,
    load: Load,
    *,
    files: Files | None = None,
    given: Mapping[str, Any] | None = None,
    records: Path | None = None,
) -> CodeassistServer:
    """A server with its handlers, ready to be started on stdio or TCP.

    Args:
        settings: What holds where no ``files`` are read.
        load: Opens the model.
        files: Reads the configuration files when the client has named its project.
        given: Settings of the command line, which go over all others.
        records: File of what happened, if the settings want it kept; None: no file.
    """
    server = CodeassistServer(
        load, files or (lambda _project, _warn: settings), given or {}, records
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

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: CodeassistServer, *_: object) -> None:
        ls.stop()

    add_following(
        server,
        lambda ls: ls.repositories,
        changed=lambda ls, uri: ls.changed(uri),
        closed=lambda ls, uri: ls.screen.closed(uri),
    )
    add_acceptance(server, lambda ls: ls.acceptance)
    add_idle(server, lambda ls: ls.idle)
    return server
