"""The state of one client's session, and what its user is told."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter
from pygls.uris import to_fs_path

from codeassist.config import Settings
from codeassist.engine import Silence, Timings
from codeassist.records import Recorder

from .acceptance import Acceptance
from .collecting import share
from .completing import Completing
from .configuring import Configuration, Files, asks, told_by
from .documents import Document, opened
from .editor import end_with
from .following import follow_all, path_of
from .idle import Idle
from .jobs import PROGRAM, Jobs
from .loading import LoadingBar
from .long_strings import LongStrings
from .notebooks import SYNC
from .protocol import Protocol
from .recording import Recording
from .registering import Registrations
from .screen import Screen
from .serving import Load, Serving, Switching
from .status import BRIEF, METHOD, Briefly, Ledger, Status
from .stdio import serve_streams

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["CodeassistServer"]

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that the model waits for a client to answer with its settings."""


class CodeassistServer(LanguageServer):
    """State of one client's session.

    Args:
        load: Opens the model.
        files: Reads the configuration files.
        given: Settings of the command line, which go over all others.
        records: File of what happened, if the settings want it kept; None: no file.
        switching: Knows what settings come to while the session runs; None: every
            change of them loads the model anew.
        program: Runs `codeassist` beside the server.
    """

    protocol: Protocol

    def __init__(
        self,
        load: Load,
        files: Files,
        given: Mapping[str, Any],
        records: Path | None = None,
        switching: Switching | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        from codeassist import __version__

        super().__init__(
            "codeassist",
            __version__,
            protocol_cls=Protocol,
            converter_factory=default_converter,
            notebook_document_sync=SYNC,
        )
        self.settings = Settings()
        self.folders: dict[Path, Settings] = {}
        """The settings of each folder that is open, before those that it lies in."""

        self.configuration = Configuration(files, given, self.warn)
        self.registrations = Registrations(self)
        self.serving = Serving(self, load, switching)
        self.worker = self.serving.worker
        self.ledger = Ledger()
        self.idle = Idle(self.worker, self.document, self.serving.of)
        self.screen = Screen()
        self.recording = Recording(self.document)
        self.acceptance = Acceptance(
            self.ledger, self.screen, self.recording, lambda: self.status("idle")
        )
        self.completing = Completing(self)
        self.jobs = Jobs(self, program)
        self.briefly = Briefly(lambda params: self.protocol.notify(BRIEF, params))
        self.repositories: Repositories | None = None
        self._records = records
        self._said: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life ------------------------------------------------------------------------

    def start_io(
        self, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None
    ) -> None:
        """Serve on two streams, those of the process by default, until the end."""
        words = LongStrings(stdin or sys.stdin.buffer)
        serve_streams(self, words, stdout or sys.stdout.buffer)

    @property
    def roots(self) -> list[Path]:
        """The folders that are open; the first one's settings are the session's."""
        uris = [each.uri for each in self.workspace.folders.values()]
        return [Path(path) for path in map(to_fs_path, uris) if path]

    def configure(self) -> None:
        """Take all settings; each bad one is shown, the others count."""
        roots = self.roots
        found = {each: self.configuration.of(each) for each in roots}
        self.settings = found[roots[0]] if roots else self.configuration.of(None)
        inner = sorted(found, key=lambda each: len(each.parts), reverse=True)
        self.folders = {each: found[each] for each in inner}

    def shows(self, path: str) -> bool:
        """Whether prompts of a file show others, as the innermost folder wants it.

        Any thread may ask.
        """
        file = Path(path)
        inner = (own for each, own in self.folders.items() if file.is_relative_to(each))
        return next(inner, self.settings).completion.context_tokens > 0

    def follow(self) -> None:
        """Have the folders and documents indexed that are open, if anything is."""
        if self.repositories is not None:
            follow_all(self, self.repositories, self.roots)

    def start_loading(self) -> None:
        """Load the model in the background, as the client's settings say."""
        share()
        terminate = partial(signal.raise_signal, signal.SIGTERM)
        self.beside(end_with(self.process_id, terminate))
        self.beside(self._begin())

    async def _begin(self) -> None:
        self.registrations.initialized()
        if asks(self.client_capabilities):
            await asyncio.wait([self.beside(self._ask())], timeout=PATIENCE)
        self._record()
        self.serving.start()

    async def _ask(self) -> None:
        self.told(await told_by(self))

    def told(self, section: Any) -> None:
        """The client has said what its settings are."""
        self.configuration.tell(section)
        self.reconfigure()

    def reconfigure(self) -> None:
        """Settings or folders have changed: what runs becomes as they say."""
        self._take()
        if self.serving.begun:
            self.beside(self.serving.refresh())

    def edited(self) -> bool:
        """Take the settings anew if files of them were edited; whether any was."""
        edited = self.configuration.edited(self.roots)
        if edited:
            self._take()
        return edited

    def _take(self) -> None:
        self.configure()
        self.follow()
        if self.serving.begun:
            self._record()
            ready = self.worker.runtime is not None
            self.registrations.update(self.settings.completion, ready=ready)

    def _record(self) -> None:
        """Begin to keep what happens, or end it: any folder may forbid it."""
        every = (self.settings, *self.folders.values())
        wanted = self._records is not None and all(s.records.enabled for s in every)
        if wanted == self.recording.begun:
            return
        if wanted and self._records is not None:
            root = str(next(iter(self.roots), ""))
            self.recording.start(Recorder(self._records), root=root)
            self.idle.keep_prompts(root)
        else:
            self.recording.close()
            self.worker.kept = None

    def beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let something happen that nothing waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def halt(self) -> None:
        """Stop what runs, without waiting for a lock: a signal handler may call it."""
        self.worker.halt()
        self.jobs.stop()

    def stop(self) -> None:
        """End what runs in the background."""
        self.serving.stop()
        self.jobs.stop()
        self.recording.close()
        if self.repositories is not None:
            self.repositories.end()

    def shutdown(self) -> None:
        """End, as after the client's last word or its end; the loop has ended before."""
        self.stop()
        if self.repositories is not None:
            self.repositories.wait()
        super().shutdown()  # type: ignore[no-untyped-call]

    # -- telling -----------------------------------------------------------------------

    def bar(
        self, title: str, cancel: Callable[[], None] | None = None
    ) -> LoadingBar | None:
        """A bar, where the client shows any.

        Args:
            title: What takes so long.
            cancel: Called when the user wants no more of it; None: he cannot say so.
        """
        window = self.client_capabilities.window
        shows = window is not None and window.work_done_progress
        return LoadingBar(self.work_done_progress, title, cancel) if shows else None

    def tell_once(self, kind: types.MessageType, message: str) -> None:
        """Show the user a line, unless he knows it."""
        if message not in self._said:
            self._said.add(message)
            self.window_show_message(
                types.ShowMessageParams(kind, f"codeassist: {message}")
            )

    def warn(self, message: str) -> None:
        """Show the user a warning, and log it."""
        log.warning("%s", message)
        self.tell_once(types.MessageType.Warning, message)

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
            self.serving.adapter or None,
            self.ledger.shown,
            self.ledger.accepted,
            timings.reused + timings.evaluated if timings else None,
            timings.evaluated if timings else None,
            timings.generated if timings else None,
        )
        self.protocol.notify(METHOD, status.params())
        self.briefly.take(kind, message, reason)

    # -- documents ---------------------------------------------------------------------

    def document(self, uri: str) -> Document | None:
        """An open document."""
        found = opened(self.workspace, uri)
        return found if isinstance(found, Document) else None

    def viewed(self, uri: str, line: int) -> None:
        """The user has gone to a line, from 0, of a document."""
        path = path_of(uri)
        if self.repositories is not None and path and self.document(uri) is not None:
            self.repositories.viewed(path, line)

    def closed(self, uri: str) -> None:
        """A document is gone from the screen: nobody waits for what it asked."""
        self.screen.closed(uri)
        self.worker.drop(uri)

    def changed(self, uri: str) -> None:
        """A document was edited."""
        document = self.document(uri)
        if document is not None:
            edits = document.take_edits()
            self.acceptance.edited(document, edits)
            for edit in edits[-1:]:
                self.worker.pace.typed(uri, edit.text, time.monotonic())
                self.idle.edited(uri, edit)
