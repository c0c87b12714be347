"""The engine under test, in this process, asked as an editor asks it."""

import gc
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from codeassist.config import Settings
from codeassist.engine import Answer, Lines, Request, Runtime, Timings, open_runtime
from codeassist.engine.context.select import RepositoryContext, indexed
from codeassist.engine.decode import Sampled
from codeassist.evaluate.hole import Hole, Output
from codeassist.languages import by_id

__all__ = ["TIME_LIMIT_MS", "Ours", "request_of"]

TIME_LIMIT_MS = 60_000
"""For one hole: so long that a busy machine changes no answer."""


CONTEXT_S = 60.0
"""To choose what the prompt shows of a repository: likewise."""


class Ours:
    """One loaded model; `close` frees it.

    A hole that has a root is filled with an index of that folder, in which its file is
    open in an editor with the hole cut out.

    Args:
        settings: Which model, and what a completion may cost.
        name: As it stands in reports.
        keep_cache: Let a hole find the KV cache as the last one left it: faster, and
            the times then depend on the order of the holes.

    Raises:
        ModelError: missing, damaged or unfit weights or adapter.
    """

    def __init__(
        self, settings: Settings, *, name: str = "codeassist", keep_cache: bool = False
    ) -> None:
        self.name = name
        self._keep_cache = keep_cache
        self._runtime: Runtime | None = open_runtime(settings)
        self._uses_context = settings.completion.context_tokens > 0
        self._contexts: dict[str, RepositoryContext] = {}
        self._filled: tuple[str, ...] = ()
        self._stack = ExitStack()

    @property
    def runtime(self) -> Runtime:
        """The loaded model; only before `close`."""
        assert self._runtime is not None, "closed"
        return self._runtime

    def complete(self, hole: Hole) -> Output:
        """The greedy answer."""
        self._forget()
        with self._in_repository(hole):
            return _output(self.runtime.completer.complete(request_of(hole)))

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """A drawn answer; the same seed brings the same one.

        Args:
            hole: The prompt stays in the cache from one seed to the next, but for 0.
            temperature: Of the sampler.
            seed: From 0, the number of the sample.
        """
        if seed == 0:
            self._forget()
        sampler = Sampled(temperature=temperature, seed=seed)
        completer = self.runtime.completer
        with self._in_repository(hole):
            return _output(completer.complete(request_of(hole), sampler=sampler))

    def close(self) -> None:
        """Free the model, so that another finds the memory."""
        self._stack.close()
        self._contexts.clear()
        self._runtime = None
        gc.collect()

    @contextmanager
    def _in_repository(self, hole: Hole) -> Iterator[None]:
        """Open the hole's file, as it is with the hole, in an index of its root."""
        completer = self.runtime.completer
        completer.context = None
        if not (self._uses_context and hole.root):
            yield
            return
        index = self._context_of(hole.root).index
        index.refresh(self._filled)  # whoever cut a hole there has mended the file
        self._filled = (hole.path,)
        index.changed(hole.path, hole.prefix + hole.suffix)
        index.wait()
        completer.context = self._contexts[hole.root]
        try:
            yield
        finally:
            index.closed(hole.path)

    def _context_of(self, root: str) -> RepositoryContext:
        """One index for all holes of a folder, which nobody else sees."""
        if root not in self._contexts:
            name = self._stack.enter_context(tempfile.TemporaryDirectory())
            opened = indexed(Path(root), cache=Path(name), deadline=CONTEXT_S)
            self._contexts[root] = self._stack.enter_context(opened)
        return self._contexts[root]

    def _forget(self) -> None:
        if not self._keep_cache:
            self.runtime.completer.forget()


def request_of(hole: Hole) -> Request:
    """What an editor would ask at the hole."""
    return Request(
        before=hole.prefix,
        after=hole.suffix,
        path=hole.path,
        language=by_id(hole.language, hole.path),
        lines=Lines(hole.lines),
        time_limit_ms=TIME_LIMIT_MS,
    )


def _output(answer: Answer) -> Output:
    best = answer.completions[0] if answer.completions else None
    timings = answer.timings
    return Output(
        text=answer.text,
        reason=answer.silence.value if answer.silence else None,
        ms=timings.total_ms,
        first_token_ms=timings.first_token_ms,
        prompt_tokens=timings.reused + timings.evaluated,
        evaluated_tokens=timings.evaluated,
        generated_tokens=timings.generated,
        logprob=_mean(best.logprobs) if best else None,
        busy_ms=_busy_ms(timings),
    )


def _busy_ms(timings: Timings) -> float:
    """The prompt, and from the first token to the end."""
    return timings.prompt_ms + timings.total_ms - timings.first_token_ms


def _mean(logprobs: tuple[float, ...]) -> float | None:
    return statistics.fmean(logprobs) if logprobs else None
