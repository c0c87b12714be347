"""llama.vim's policy while somebody types: cache, ring, and requests made ahead.

Re-implemented from its documentation, as `llama_vim`. It knows no debounce and cannot
stop a request: one is under way at a time, the newest text is asked for next.
"""

import asyncio
import time
from collections.abc import Coroutine

from codeassist.errors import CodeassistError
from codeassist.evaluate.hole import Output
from codeassist.evaluate.replay.assistant import (
    AssistantError,
    Edit,
    Suggestion,
    View,
)
from codeassist.evaluate.replay.policy import VSCODE, Policy

from .endpoint import Endpoint
from .llama_vim import (
    CHUNK_LINES,
    FIRST_PREDICT_MS,
    N_PREFIX,
    PREDICT_MS,
    RING_SCOPE,
    LlamaVim,
    Local,
)
from .llama_vim_cache import AnswerCache
from .serving import Turns, cpu_seconds, listening, suggestion

__all__ = ["CLIENT", "LlamaVimAssistant"]

CLIENT = Policy("llama.vim", debounce_ms=0.0, cancels=False, partial=VSCODE.partial)
"""It asks at every keystroke, and accepts a line or a word as well. An answer goes to
its cache; shown is what the cache has for the text as it is by then."""

MAX_LINE_SUFFIX = 8
"""Characters behind the cursor with which the plugin still asks by itself."""

JUMP_LINES = 32
"""A cursor that moved farther has come somewhere else."""

UPDATE_S, IDLE_S = 1.0, 3.0
"""How often a chunk goes from the queue to the ring, and after what pause."""


class LlamaVimAssistant:
    """A running llama-server, used as the plugin uses it.

    Args:
        url: Of the server, on loopback.
        name: As it stands in reports.
    """

    def __init__(self, url: str, *, name: str = "llama.vim") -> None:
        self.name = name
        self._url = url
        self._port = Endpoint(url).port
        self._cache = AnswerCache()
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: View | None = None
        self._picked_line = 0
        self._changed_at = 0.0

    async def start(self) -> None:
        """See `Assistant`."""
        try:
            self._system = await asyncio.to_thread(LlamaVim, self._url, name=self.name)
        except CodeassistError as error:
            raise AssistantError(str(error)) from error
        self._processes = listening(self._port)
        self._behind(self._update())

    async def open(self, path: str, text: str) -> None:
        """Leave the old file and enter the new one: each gives a chunk."""
        if self._last is not None:
            self._pick_around(self._last)
        self._pick_around(View(path, "", text))

    async def moved(self, view: View) -> None:
        """The plugin asks when something is typed."""

    async def change(self, edit: Edit, view: View) -> None:
        """See `Assistant`."""
        self._last = view
        self._changed_at = time.monotonic()

    async def suggest(self, view: View) -> Suggestion | None:
        """See `Assistant`."""
        self._last = view
        rest = view.after.partition("\n")[0]
        if len(rest) > MAX_LINE_SUFFIX:
            return Suggestion("", "line-suffix", 0, 0, 0)
        self._notice_jump(view)
        local = Local.at(view.before, view.after)
        answer = self._known(local)
        if answer is None:
            answer = await self._turns.take(lambda: self._ask(local))
        if answer is not None and answer.text and answer.generated_tokens:
            ahead = Local.at(view.before + answer.text, view.after)
            self._behind(self._ahead(ahead))
        return suggestion(answer)

    async def cancel(self) -> None:
        """The plugin cannot stop a request."""

    async def accepted(self, suggestion: Suggestion, view: View) -> None:
        """See `Assistant`."""

    def cpu_seconds(self) -> float:
        """See `Assistant`."""
        return cpu_seconds(self._processes)

    async def close(self) -> None:
        """See `Assistant`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _behind(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _known(self, local: Local) -> Output | None:
        text = self._cache.find(local.prefix + local.middle, local.suffix)
        if text is None:
            return None
        return Output(text, prompt_tokens=0, evaluated_tokens=0, generated_tokens=0)

    def _ask(self, local: Local, predict_ms: int = FIRST_PREDICT_MS) -> Output:
        """Ask the server, unless what it answered meanwhile was typed through."""
        known = self._known(local)
        if known is not None:
            return known
        output = self._system.ask(local, predict_ms)
        self._cache.keep(local.prefix + local.middle, local.suffix, output.text)
        return output

    async def _ahead(self, local: Local) -> None:
        """Ask as if the answer on screen had been accepted."""
        await self._turns.take(lambda: self._ask(local, PREDICT_MS))

    async def _update(self) -> None:
        """While the user rests, move chunks into the ring and have them evaluated."""
        while True:
            await asyncio.sleep(UPDATE_S)
            rests = time.monotonic() - self._changed_at > IDLE_S
            if rests and self._system.ring.promote():
                await self._turns.take(self._warm, aside=True)

    def _warm(self) -> Output:
        self._system.warm()
        return Output("")

    def _notice_jump(self, view: View) -> None:
        if abs(view.line - self._picked_line) <= JUMP_LINES:
            return
        self._picked_line = view.line
        above, below = view.before.split("\n"), view.after.split("\n")
        ring = self._system.ring
        ring.pick(view.path, above[-RING_SCOPE:-N_PREFIX])
        ring.pick(view.path, below[CHUNK_LINES : 2 * CHUNK_LINES])

    def _pick_around(self, view: View) -> None:
        half = CHUNK_LINES // 2
        lines = view.text.split("\n")[max(0, view.line - half) : view.line + half + 1]
        self._system.ring.pick(view.path, lines)
