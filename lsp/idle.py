"""What is done while the user rests: the next prompt, the next answer, the last one kept."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from codeassist.engine import Request
from codeassist.engine.keeping import KeptPrompt
from codeassist.records.readable import Readable

from .documents import Document, Edit
from .translate import read_request
from .worker import Worker

if TYPE_CHECKING:
    from codeassist.engine import Runtime

__all__ = ["FOCUS", "Idle", "add_idle"]

FOCUS = "textDocument/didFocus"
"""``{textDocument, position}``: the cursor came to rest there. It is not in LSP: GitHub
Copilot's language server has it, without the position."""

PAUSE = 0.3
"""Seconds without a keystroke or a request, more than editors wait before they ask."""

SOON = 0.1
"""Seconds behind `FOCUS`, which editors tell when the cursor has come to rest."""

REST = 1.0
"""Seconds after which other files are evaluated that an answer did not wait for: some
seconds of work, of which a shorter pause makes a part only, and that for nothing."""

LONG = 20.0
"""Seconds of rest after which the last prompt is written to disk: nobody knows how a
session will end."""

SILENT = 100
"""Edits without a request after which nothing is made ahead: who asks by a key does so
sooner, but an editor in which completion is off tells of its edits all the same."""

REMEMBERED = 64
"""Documents whose cursor is known."""

Place = types.Position | int
"""Of a cursor: as the client says, or an offset in the document."""

TOP = types.Position(0, 0)
"""Where the cursor stands in a file that was opened, and for now nowhere else."""

S = TypeVar("S", bound=LanguageServer)


class Idle:
    """Looks out for pauses, and knows where each document's cursor was last.

    A place is worth a prompt when the cursor is known to rest there, and no request has
    come from there: after a jump, and after edits that ask for nothing. Where a file is
    opened nobody knows where its user will type; a guess costs 3.7 times the tokens
    that it saves (docs/experiments.md). First comes what a key would get at once, and
    behind it, in documents that are written in, the prompt with other files.

    Args:
        worker: Has the thread that works.
        opened: An open document by its URI.
        by: The model that answers for a file; None: the session's.
    """

    def __init__(
        self,
        worker: Worker,
        opened: Callable[[str], Document | None],
        by: Callable[[str], "Runtime | None"] = lambda _path: None,
    ) -> None:
        self._worker = worker
        self._opened = opened
        self._by = by
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._next = ""
        """URI of the document whose prompt may be wanted; empty: none."""

        self._alone = ""
        """URI of the document whose prompt has no other files yet: its last request was
        answered without them, or its place is new."""

        self._unasked: Counter[str] = Counter()
        """Edits of documents since they were last asked for; none of one that was
        neither edited nor asked for yet."""

        self._accepted: Request | None = None
        """What will be asked once the suggestion on screen is accepted."""

        self._done: tuple[str, int | None, Place] | None = None
        self._made: set[bool] = set()
        """Which of its prompts: the hurried one, that with other files."""

        self._last, self._pause = 0.0, PAUSE
        self._timer: asyncio.TimerHandle | None = None
        self.folder: Path | None = None
        """Where prompts are kept from one session to the next; None: they are not."""

    def keep_prompts(self, root: str) -> None:
        """Keep the last prompt for the next session, unless there is no folder for it.

        Args:
            root: Folder of the workspace; empty: there is none.
        """
        if self.folder is not None:
            readable = partial(Readable().allows, root)
            self._worker.kept = KeptPrompt(
                self.folder,
                root,
                lambda path: self._is_written(path) and readable(path),
            )

    def focused(self, uri: str, position: types.Position | None = None) -> None:
        """The user looks at a document.

        Args:
            uri: Of it.
            position: Of the cursor; None: where it was last, if that is known.
        """
        if position is not None:
            here = self._position(uri)
            if position == here and uri == next(reversed(self._places)):
                return  # where an edit or a request has left it
            if position != here:
                self._worker.stop_ahead()
                self._done = None  # which may be what was stopped
            if position == TOP and uri not in self._unasked:
                return
            self._note(uri, position)
        if uri in self._places and self._is_wanted(uri):
            self._next, self._alone = uri, ""
            self._accepted = None
            self._stir(SOON)

    def edited(self, uri: str, edit: Edit) -> None:
        """A document was changed; the cursor stands behind the change."""
        self._note(uri, edit.start + len(edit.text))
        self._unasked[uri] += 1
        self._next, self._alone = uri if self._is_wanted(uri) else "", ""
        self._accepted = None
        self._stir()

    def asked(self, uri: str, position: types.Position) -> None:
        """A request came, whose prompt need not be guessed any more."""
        self._note(uri, position)
        self._unasked[uri] = 0
        self._next = self._alone = ""
        self._accepted = None
        self._stir()

    def alone(self, uri: str) -> None:
        """The last request of a document was answered without the other files.

        What was evaluated ahead for it, if anything was, had not come to its end.
        """
        self._alone, self._done = uri, None
        self._stir()

    def shown(self, request: Request, text: str) -> None:
        """A suggestion came on screen; its acceptance is what is likely to follow.

        Args:
            request: That it answers.
            text: Of the suggestion.
        """
        if not self._next:
            self._accepted = replace(
                request, before=request.before + text, alternatives=1, automatic=True
            )
            self._stir()

    def _is_wanted(self, uri: str) -> bool:
        """Whether an answer may be asked for: its editor may have it switched off."""
        return self._unasked[uri] < SILENT

    def _is_written(self, path: str) -> bool:
        """Whether the user wrote in a file; called on the worker's thread, too."""
        return any(uris.to_fs_path(uri) == path for uri in list(self._unasked))

    def _position(self, uri: str) -> types.Position | None:
        """Where a document's cursor was last, if that is known."""
        place = self._places.get(uri)
        if not isinstance(place, int):
            return place
        document = self._opened(uri)
        return document.position(place) if document else None

    def _note(self, uri: str, place: Place) -> None:
        self._places[uri] = place
        self._places.move_to_end(uri)
        if len(self._places) > REMEMBERED:
            self._unasked.pop(self._places.popitem(last=False)[0], None)

    def _stir(self, pause: float | None = None) -> None:
        """Begin to wait anew; a keystroke costs no more than two comparisons."""
        loop = asyncio.get_running_loop()
        self._last, self._pause = loop.time(), PAUSE if pause is None else pause
        if self._timer is not None:
            if self._timer.when() <= self._last + self._pause:
                return
            self._timer.cancel()
        self._again(self._pause)

    def _again(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Do what there is to do after so long a rest."""
        rest = asyncio.get_running_loop().time() - self._last
        self._timer = None
        if self._worker.stopped:
            return
        if rest < self._pause:
            self._again(self._pause - rest)
        elif self._worker.busy:
            self._again(self._pause)
        else:
            self._warm(rest)  # after a long rest, too: the loop may have been late
            if self._alone:
                self._again(max(PAUSE, REST - rest))
            elif rest < LONG:
                self._again(LONG - rest)
            else:
                self._worker.keep()

    def _warm(self, rest: float) -> None:
        accepted, self._accepted = self._accepted, None
        if accepted is not None:
            self._worker.foresee(accepted, self._by(accepted.path))
            return
        uri, self._next = self._next, ""
        if hurried := bool(uri):  # what the next key gets at once
            self._alone = uri if uri in self._unasked else ""  # who reads pays no more
        elif rest >= REST:
            uri, self._alone = self._alone, ""
        document = self._opened(uri) if uri else None
        if document is None:
            return
        position = self._position(uri)
        if position is None:  # pragma: no cover - it is noted, and the document open
            return
        here = (uri, document.version, position)
        if here != self._done:
            self._done, self._made = here, set()
        if hurried in self._made:
            return
        self._made.add(hurried)
        request = _likely(document, position)
        if request is not None:
            self._worker.warm(request, self._by(request.path), hurried=hurried)


def _likely(document: Document, position: types.Position) -> Request | None:
    """What a keystroke at a place would ask; None: nothing."""
    params = types.InlineCompletionParams(
        types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        types.TextDocumentIdentifier(document.uri),
        position,
    )
    request = read_request(document, params)
    return request if isinstance(request, Request) else None


def add_idle(
    server: S, of: Callable[[S], Idle], viewed: Callable[[S, str, int], None]
) -> None:
    """Add the handler of `FOCUS`.

    Args:
        server: Gets it.
        of: Finds what watches a server's pauses.
        viewed: Called with the URI of a document and the line, from 0, that its user
            has gone to.
    """

    @server.feature(FOCUS)
    def focused(ls: S, params: Any) -> None:
        uri = getattr(getattr(params, "textDocument", None), "uri", None)
        if isinstance(uri, str):
            position = _position(params)
            of(ls).focused(uri, position)
            if position is not None and position != TOP:
                viewed(ls, uri, position.line)


def _position(params: Any) -> types.Position | None:
    """Of the cursor, if a client says it, and well."""
    said = getattr(params, "position", None)
    line, character = getattr(said, "line", None), getattr(said, "character", None)
    if isinstance(line, int) and isinstance(character, int) and line >= 0 <= character:
        return types.Position(line, character)
    return None
