"""One thread decodes; the newest request of a document is the only one that counts."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from codeassist.engine import Answer, Cancel, Request, Runtime, Silence

__all__ = ["Opener", "Superseded", "Tell", "Worker"]

log = logging.getLogger(__name__)

Tell = Callable[[float], bool]
"""Takes the part of the model that is loaded; False: do not load the rest."""

Opener = Callable[[Tell], Runtime]
"""Loads the model, telling the part that is loaded."""


class Superseded(asyncio.CancelledError):
    """A newer request of the same document has come."""


class Worker:
    """The engine's thread, driven from the event loop.

    Decoding has a pool of its own with one thread: pygls reads stdin through its own
    pool, and two decodes at once would halve each other.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._running: dict[str, tuple[asyncio.Task[object], Cancel]] = {}
        self._superseded: set[Cancel] = set()
        self._stopped = threading.Event()
        self.runtime: Runtime | None = None
        self.failure: str | None = None

    async def load(self, progress: Callable[[float], None]) -> None:
        """Load the model.

        Raises:
            CodeassistError: it cannot be loaded; `failure` says so, too.
        """
        loop = asyncio.get_running_loop()

        def tell(part: float) -> bool:
            with contextlib.suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(progress, part)
            return not self._stopped.is_set()

        try:
            self.runtime = await loop.run_in_executor(self._pool, self._opener, tell)
        except Exception as error:
            self.failure = str(error)
            raise

    async def complete(self, document: str, request: Request) -> Answer:
        """Answer one request; an older one of the same document is cancelled.

        Raises:
            asyncio.CancelledError: the client wanted so, or (`Superseded`) a newer
                request; the decode is told, and keeps what it has computed.
        """
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - handlers are tasks
            msg = "complete() runs as a task"
            raise RuntimeError(msg)
        self._supersede(document)
        runtime = self.runtime
        if runtime is None:
            reason = Silence.NO_MODEL if self.failure else Silence.MODEL_LOADING
            return Answer(silence=reason)
        cancel = Cancel()
        self._running[document] = (task, cancel)
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, _decode, runtime, request, cancel
            )
        except asyncio.CancelledError:
            cancel.set()
            if cancel in self._superseded:
                raise Superseded from None
            raise
        finally:
            self._superseded.discard(cancel)
            if self._running.get(document, (None, None))[1] is cancel:
                del self._running[document]

    def _supersede(self, document: str) -> None:
        task, cancel = self._running.pop(document, (None, None))
        if task is not None and cancel is not None and not task.done():
            self._superseded.add(cancel)
            cancel.set()
            task.cancel()

    @property
    def stopped(self) -> bool:
        """Whether the session is over; a model that is loading is given up then."""
        return self._stopped.is_set()

    def halt(self) -> None:
        """Stop what runs, without waiting for a lock: a signal handler may call it."""
        self._stopped.set()
        for _, cancel in self._running.values():
            cancel.set()

    def stop(self) -> None:
        """Stop what runs and let the thread end."""
        self.halt()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _decode(runtime: Runtime, request: Request, cancel: Cancel) -> Answer:
    """Run on the worker's thread."""
    log.debug("decode begins")
    try:
        return runtime.completer.complete(request, cancel)
    finally:
        log.debug("decode ends")
