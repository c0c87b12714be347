"""One request of a client: a snapshot, the worker's answer, and who is told of it."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from codeassist.engine import Answer, Silence
from codeassist.errors import ContextTooSmallError

from .recording import Turn
from .screen import Suggestion
from .translate import answer_items, kind_of, read_request, start_of, texts_of
from .worker import Superseded

if TYPE_CHECKING:
    from .server import CodeassistServer

__all__ = ["Completing"]

log = logging.getLogger(__name__)


class Completing:
    """Answers a client's requests.

    Args:
        server: Has the documents, the model, and all who are told.
    """

    def __init__(self, server: "CodeassistServer") -> None:
        self._server = server

    async def answer(
        self, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList:
        """Answer one request; whatever happens, the answer is a list."""
        turn = Turn(params)
        items: list[types.InlineCompletionItem] = []
        try:
            answer = await self._ask(turn)
            items = answer_items(answer, params, self._server.ledger)
            self._show(turn, answer, items)
        except asyncio.CancelledError as error:
            superseded = isinstance(error, Superseded)
            silence = Silence.SUPERSEDED if superseded else Silence.CANCELLED
            self._dropped(silence, turn)
            raise
        except ContextTooSmallError as error:
            self._server.warn(str(error))
            return self.nothing(Silence.CONTEXT_TOO_SMALL, turn)
        except Exception:
            log.exception("error in %s", params.text_document.uri)
            return self.nothing(Silence.ERROR, turn)
        self._note(answer, turn)
        return types.InlineCompletionList(items)

    def nothing(
        self, silence: Silence, turn: Turn | None = None
    ) -> types.InlineCompletionList:
        """An empty list, with its reason in log and status."""
        self._note(Answer(silence=silence), turn)
        return types.InlineCompletionList([])

    async def _ask(self, turn: Turn) -> Answer:
        # before the first await: the position belongs to this state of the text
        server, uri = self._server, turn.params.text_document.uri
        if server.worker.runtime is not None:
            turn.model = server.worker.runtime.model
            turn.adapter = server.serving.adapter
        turn.document = document = server.document(uri)
        if document is None:
            return Answer(silence=Silence.NOT_OPEN)
        server.idle.asked(uri, turn.params.position)
        request = read_request(document, turn.params)
        if isinstance(request, Silence):
            server.worker.drop(uri)
            return Answer(silence=request)
        turn.request = request
        start = start_of(document, turn.params)
        if start is not None:
            turn.place = server.screen.place(document.uri, start)
        runtime = server.serving.of(request.path)
        with server.briefly.working():
            answer = await server.worker.complete(uri, request, runtime)
        if answer.alone:
            server.idle.alone(uri)
        return answer

    def _show(
        self, turn: Turn, answer: Answer, items: Sequence[types.InlineCompletionItem]
    ) -> None:
        """Follow the items of an answer from now on."""
        if items and turn.document and turn.place:
            make, texts = partial(self._suggested, turn), texts_of(items)
            self._server.screen.show(turn.document, turn.place, texts, make)
            if turn.request is not None:
                self._server.idle.shown(turn.request, answer.text)

    def _suggested(self, turn: Turn, text: str) -> Suggestion:
        """A text that was not on screen before."""
        self._server.ledger.shown += 1
        return self._server.recording.suggested(turn, text)

    def _dropped(self, silence: Silence, turn: Turn) -> None:
        """Nobody waits for an answer: there is none, and no cost to tell of."""
        log.info("%s after %.0f ms", silence.value, turn.milliseconds)
        self._server.recording.answered(turn, Answer(silence=silence))
        self._server.status("idle", reason=silence)

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
            self._server.recording.answered(turn, answer)
        kind, failure = kind_of(answer), self._server.worker.failure
        words = failure if answer.silence is Silence.NO_MODEL and failure else ""
        self._server.status(kind, words, answer.silence, timings)
