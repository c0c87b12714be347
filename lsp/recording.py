"""What the records are told: requests with their answers, suggestions and their fate."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from lsprotocol import types
from pygls.uris import to_fs_path

from codeassist.engine import Answer, Request, Silence
from codeassist.records import CHECKS, Asked, Checked, Recorder, Shown, Taken, Texts
from codeassist.records.entries import Snippet, Told, new_id
from codeassist.records.still import NEAR

from .documents import Document, Span
from .screen import Suggestion

__all__ = ["Recording", "Turn"]

BEFORE, AFTER = 8_000, 2_000
"""Characters around the cursor that are kept: more than a prompt shows of the file."""

Later = Callable[[float, Callable[[], None]], object]
"""Calls something after some seconds, on the loop."""


@dataclass(eq=False, slots=True)
class Turn:
    """A request on its way to its answer."""

    params: types.InlineCompletionParams
    id: str = field(default_factory=new_id)
    at: float = field(default_factory=time.time)
    begun: float = field(default_factory=time.monotonic)
    document: Document | None = None
    place: Span | None = None
    """Where the answer's items will begin."""

    request: Request | None = None
    model: str = ""
    """That was there when it came: its catalog id, or the name of its file."""

    adapter: str = ""
    """Name of the adapter over it; empty: none."""

    @property
    def milliseconds(self) -> float:
        """Since it came."""
        return (time.monotonic() - self.begun) * 1000


class Recording:
    """Tells a recorder what happens in a session; until there is one, nobody.

    Args:
        opened: An open document by its URI.
        later: Calls later; None: as the running loop does.
    """

    def __init__(
        self,
        opened: Callable[[str], Document | None],
        later: Later | None = None,
    ) -> None:
        self._recorder: Recorder | None = None
        self._opened = opened
        self._later = later
        self._tells = False
        self._root = ""

    @property
    def begun(self) -> bool:
        """Whether anything is recorded."""
        return self._recorder is not None

    def start(self, recorder: Recorder, *, root: str = "") -> None:
        """Begin to record.

        Args:
            recorder: Writes, in a thread of its own.
            root: Folder of the workspace; empty: there is none.
        """
        self._recorder, self._root = recorder, root

    def answered(self, turn: Turn, answer: Answer) -> None:
        """A request has its answer."""
        if self._recorder is not None:
            self._recorder.add(self._asked(turn, answer))

    def suggested(self, turn: Turn, text: str) -> Suggestion:
        """A suggestion that was not there before goes to the client."""
        if self._recorder is not None:
            _, language = _document(turn)
            seen = not self._tells
            self._recorder.add(Shown(turn.id, turn.at, language, len(text), seen))
        return Suggestion(turn.id)

    def drawn(self, suggestion: Suggestion) -> None:
        """The client has drawn it; from now on it is believed to tell of each."""
        self._tells = True
        if self._recorder is not None:
            self._recorder.add(Told(suggestion.id))

    def taken(self, suggestion: Suggestion, uri: str, how: str) -> None:
        """A suggestion was accepted, wholly or one more part of it."""
        if self._recorder is None:
            return
        saved, whole = len(suggestion.taken), suggestion.whole
        self._recorder.add(Taken(suggestion.id, time.time(), saved, whole, how))
        later = self._later or asyncio.get_running_loop().call_later
        for seconds in CHECKS:
            later(seconds, self._check(suggestion, saved, uri, seconds))

    def _check(
        self, suggestion: Suggestion, saved: int, uri: str, seconds: int
    ) -> Callable[[], None]:
        """Looks at the place of an accepted text, unless more of it was accepted."""

        def check() -> None:
            document, place = self._opened(uri), suggestion.place
            more = len(suggestion.taken) > saved
            if self._recorder is None or document is None or place is None or more:
                return
            there = document.source[max(0, place.start - NEAR) : place.end + NEAR]
            there = there.replace("\r\n", "\n")
            self._recorder.add(Checked(suggestion.id, seconds, suggestion.taken, there))

        return check

    def _asked(self, turn: Turn, answer: Answer) -> Asked:
        path, language = _document(turn)
        if self._root and Path(path).is_relative_to(self._root):
            path = os.path.relpath(path, self._root)
        best = answer.completions[0] if answer.completions else None
        timings, total = answer.timings, turn.milliseconds
        position, request = turn.params.position, turn.request
        texts = None
        if request is not None and answer.silence is not Silence.IGNORED_FILE:
            before, after = request.before[-BEFORE:], request.after[:AFTER]
            texts = Texts(before, after, answer.text)
        return Asked(
            id=turn.id,
            at=turn.at,
            root=self._root,
            path=path,
            language=language,
            line=position.line + 1,
            column=position.character + 1,
            reason=answer.silence.value if answer.silence else None,
            characters=len(answer.text),
            recalled=answer.recalled,
            block=answer.block,
            queue_ms=max(0.0, total - timings.total_ms),
            prompt_ms=timings.prompt_ms,
            first_token_ms=timings.first_token_ms,
            total_ms=total,
            reused=timings.reused,
            evaluated=timings.evaluated,
            generated=timings.generated,
            model=turn.model,
            adapter=turn.adapter,
            logprob=fmean(best.logprobs) if best and best.logprobs else None,
            chance=best.chance if best else None,
            snippets=tuple(
                Snippet(each.path, each.reasons, each.tokens) for each in answer.shown
            ),
            texts=texts,
        )

    def close(self) -> None:
        """Write what there is, soon; nobody is told anything from now on."""
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None


def _document(turn: Turn) -> tuple[str, str]:
    """Path and language of a request."""
    uri = turn.params.text_document.uri
    path = str(turn.document.path) if turn.document else to_fs_path(uri) or uri
    return path, turn.request.language.name if turn.request else ""
