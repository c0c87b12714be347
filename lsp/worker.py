"""One thread decodes; the newest request of a document is the only one that counts."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from codeassist.engine import Answer, Cancel, Request, Silence
from codeassist.errors import CodeassistError

from .flight import Job, Waiter
from .pace import Pace

if TYPE_CHECKING:
    from codeassist.engine import Runtime
    from codeassist.engine.keeping import KeptPrompt

__all__ = ["Opener", "Superseded", "Tell", "Worker"]

log = logging.getLogger(__name__)

Tell = Callable[[float], bool]
"""Takes the part of the model that is loaded; False: do not load the rest."""

Opener = Callable[[Tell], "Runtime"]
"""Loads the model, telling the part that is loaded."""


class Superseded(asyncio.CancelledError):
    """A newer request of the same document has come."""


class Worker:
    """The engine's thread, driven from the event loop.

    Decoding has a pool of its own with one thread: pygls reads stdin through its own
    pool, and two decodes at once would halve each other. Models are loaded in another
    one, so that the model that is there answers until the next one is.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="load")
        self._waiting: dict[str, Waiter] = {}
        self._jobs: dict[str, Job] = {}
        self._ahead: tuple[Cancel, asyncio.Future[None]] | None = None
        self._stopped = threading.Event()
        self.kept: KeptPrompt | None = None
        """Brings back the last prompt of an earlier session; None: nothing does."""

        self.runtime: Runtime | None = None
        """That answers where a request names no other."""

        self.failure: str | None = None
        self.pace = Pace()

    async def load(self, progress: Callable[[float], None]) -> "Runtime":
        """Load a model, and let it answer from the next request on.

        Returns:
            The model.

        Raises:
            CodeassistError: it cannot be loaded. What there is goes on; where there is
                nothing, `failure` says why, too.
        """
        loop = asyncio.get_running_loop()

        def tell(part: float) -> bool:
            with contextlib.suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(progress, part)
            return not self._stopped.is_set()

        def opened() -> "Runtime":
            runtime, kept = self._opener(tell), self.kept
            if kept is not None:
                tokens = kept.restore(runtime.completer.session)
                log.info("%d tokens of an earlier session", tokens)
            return runtime

        self.failure = None
        try:
            runtime = await loop.run_in_executor(self._loader, opened)
        except Exception as error:
            if self.runtime is None:
                self.failure = str(error)
            raise
        self.replace(runtime)
        return runtime

    def replace(self, runtime: "Runtime") -> None:
        """Let another model answer from the next request on, at a stroke.

        Decodes that are under way end as they have begun. Behind the last of them the
        thread lets go of the old model, and of all that it has computed.
        """
        self.stop_ahead()
        old, self.runtime = [self.runtime], runtime
        with contextlib.suppress(RuntimeError):  # the session is over
            self._pool.submit(old.clear)

    async def complete(
        self, document: str, request: Request, by: "Runtime | None" = None
    ) -> Answer:
        """Answer one request; an older one of the same document is cancelled.

        A decode whose answer agrees with what was typed since is left to finish, and
        the rest of its answer is the answer.

        Args:
            document: URI that the request is of.
            request: What is asked for.
            by: The model as the document's folder wants it; None: as the session does.

        Raises:
            asyncio.CancelledError: the client wanted so, or (`Superseded`) a newer
                request; the decode is told, and keeps what it has computed.
        """
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - handlers are tasks
            msg = "complete() runs as a task"
            raise RuntimeError(msg)
        self.stop_ahead()
        older = self._supersede(document, request)
        runtime = by or self.runtime
        if runtime is None:
            reason = Silence.NO_MODEL if self.failure else Silence.MODEL_LOADING
            return Answer(silence=reason)
        waiter = self._waiting[document] = Waiter(task)
        try:
            answer = await self._recalled(runtime, request, older)
            return answer or await self._decoded(runtime, document, request)
        except asyncio.CancelledError:
            if waiter.superseded:
                raise Superseded from None
            self._let_go(document)
            raise
        finally:
            if self._waiting.get(document) is waiter:
                del self._waiting[document]

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the model, or the thread has work."""
        ahead = self._ahead is not None and not self._ahead[1].done()
        loading = self.runtime is None and self.failure is None
        return bool(self._waiting or self._jobs or ahead or loading)

    def warm(
        self, request: Request, by: "Runtime | None" = None, *, hurried: bool = False
    ) -> None:
        """Evaluate the prompt of a request that may come, until any does come.

        Args:
            request: What may be asked for.
            by: As for `complete`.
            hurried: As for `Completer.warm`.
        """
        work = partial(self._warm, hurried=hurried)
        self._begin_ahead(work, request, by or self.runtime)

    def foresee(self, request: Request, by: "Runtime | None" = None) -> None:
        """Answer a request that may come, until any does come; for that one.

        Args:
            request: What may be asked for.
            by: As for `complete`.
        """
        self._begin_ahead(self._foresee, request, by or self.runtime)

    def stop_ahead(self) -> None:
        """Give up what nobody has asked for; whole steps of it stay in the cache."""
        if self._ahead is not None:
            self._ahead[0].set()

    def keep(self) -> None:
        """Let the thread write the last prompt to disk, behind what it has to do."""
        if self.kept is not None:
            with contextlib.suppress(RuntimeError):  # the session is over
                self._pool.submit(self._keep, self.kept)

    def _begin_ahead(
        self,
        work: Callable[["Runtime", Request, Cancel], None],
        request: Request,
        runtime: "Runtime | None",
    ) -> None:
        if runtime is None or self.busy or self.stopped:
            return
        cancel, loop = Cancel(), asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, work, runtime, request, cancel)
        self._ahead = (cancel, future)

    async def _recalled(
        self, runtime: "Runtime", request: Request, older: Job | None
    ) -> Answer | None:
        """What an older answer still says, be it finished or under way."""
        if request.alternatives > 1:
            return None
        answer = runtime.completer.recall(request)
        if answer is None and older is not None:
            await asyncio.wait([older.future])
            answer = runtime.completer.recall(request)
        return answer

    async def _decoded(
        self, runtime: "Runtime", document: str, request: Request
    ) -> Answer:
        wait = self.pace.wait(document, time.monotonic())
        if wait and request.alternatives == 1:  # else the user has asked for it
            await asyncio.sleep(wait)
        older = self._jobs.get(document)
        if older is not None:
            older.cancel.set()
        job = Job(request, Cancel())
        job.future = asyncio.get_running_loop().run_in_executor(
            self._pool, self._decode, runtime, job
        )
        self._jobs[document] = job
        job.future.add_done_callback(lambda _done: self._ended(document, job))
        return await asyncio.shield(job.future)

    def drop(self, document: str) -> None:
        """Let go of a document's request: a newer one is refused, or it was closed."""
        self._wake(document)
        self._let_go(document)

    def _wake(self, document: str) -> None:
        """End the older request of a document."""
        waiter = self._waiting.pop(document, None)
        if waiter is not None and not waiter.task.done():
            waiter.superseded = True
            waiter.task.cancel()

    def _supersede(self, document: str, request: Request) -> Job | None:
        """Wake the older request; its decode, if it may answer the new one, too."""
        self._wake(document)
        job = self._jobs.get(document)
        if job is None:
            return None
        if job.agrees(request):
            job.keep()
            return job
        job.cancel.set()
        return None

    def _let_go(self, document: str) -> None:
        """Stop a decode whose request is gone, unless a newer one wants it soon."""
        job = self._jobs.get(document)
        if job is not None:
            job.give_up(asyncio.get_running_loop())

    def _ended(self, document: str, job: "Job") -> None:
        if self._jobs.get(document) is job:
            del self._jobs[document]
        if job.future.cancelled() or job.future.exception() is not None:
            return  # its request may be gone; then nobody asks
        if job.begun:
            kept = job.future.result().timings.prompt_ms / 1000
            finished = not job.cancel.is_set()
            self.pace.answered(time.monotonic() - job.begun, kept, finished=finished)

    @property
    def stopped(self) -> bool:
        """Whether the session is over; a model that is loading is given up then."""
        return self._stopped.is_set()

    def halt(self) -> None:
        """Stop what runs, without waiting for a lock: a signal handler may call it."""
        self._stopped.set()
        self.stop_ahead()
        for job in list(self._jobs.values()):
            job.cancel.set()

    def stop(self) -> None:
        """Stop what runs and let the thread end, when it has kept the last prompt."""
        self.halt()
        self.keep()
        self._pool.shutdown(wait=False)
        self._loader.shutdown(wait=False)

    def _decode(self, runtime: "Runtime", job: Job) -> Answer:
        """Run on the worker's thread."""
        if job.cancel.is_set():
            return Answer(silence=Silence.CANCELLED)
        log.debug("decode begins")
        job.begun = time.monotonic()

        def tell(text: str) -> None:
            job.said = text

        try:
            return runtime.completer.complete(job.request, job.cancel, tell=tell)
        finally:
            log.debug("decode ends")

    def _warm(
        self, runtime: "Runtime", request: Request, cancel: Cancel, *, hurried: bool
    ) -> None:
        """Run on the worker's thread."""
        with _unasked():
            evaluated = runtime.completer.warm(request, cancel, hurried=hurried)
            log.info("%d tokens evaluated ahead", evaluated)

    def _foresee(self, runtime: "Runtime", request: Request, cancel: Cancel) -> None:
        """Run on the worker's thread."""
        with _unasked():
            if runtime.completer.foresee(request, cancel):
                log.info("answered ahead")

    def _keep(self, kept: "KeptPrompt") -> None:
        """Run on the worker's thread; nobody waits for it, so nothing is raised."""
        if self.runtime is None:
            return
        try:
            written = kept.save(self.runtime.completer.session)
        except Exception:
            log.exception("error while the last prompt was written")
        else:
            log.debug("%d bytes of the last prompt written", written)


@contextlib.contextmanager
def _unasked() -> Iterator[None]:
    """Nobody waits for it, so nothing is raised."""
    try:
        yield
    except CodeassistError as error:
        log.info("nothing ahead: %s", error)
    except Exception:
        log.exception("error while something was done ahead")
