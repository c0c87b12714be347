"""Systems fill holes one after another; while the model decodes, answers are scored."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from tqdm import tqdm

from codeassist.errors import CodeassistError

from .hole import Hole, Output, Row
from .journal import Journal
from .rows import Ran
from .systems import Contender, Sampler

__all__ = ["Samples", "Score", "run"]

Score = Callable[[Hole, Sequence[Output]], Mapping[str, float]]
"""Scores of all answers of one system to one hole, over the samples together."""

Show = Callable[[Hole], AbstractContextManager[Hole]]


@dataclass(frozen=True, slots=True)
class Samples:
    """How many answers are taken of each hole."""

    n: int = 1
    """1: the greedy one."""

    temperature: float = 0.8


def run(
    contenders: Sequence[Contender],
    holes: Sequence[Hole],
    score: Score,
    *,
    samples: Samples | None = None,
    journal: Journal | None = None,
    show: Show = nullcontext,
) -> Iterator[Ran]:
    """Let one system after another fill all holes; never two models are loaded.

    Args:
        contenders: Their names differ.
        holes: Their ids differ.
        score: Called in threads while the model goes on.
        samples: None: the greedy answer.
        journal: Rows that it has are not asked for again; each new one goes there.
        show: Puts a hole into its repository while a system looks at it.

    Raises:
        PeerError: a system is gone; what it filled is in the journal.
    """
    for contender in contenders:
        done = dict(journal.done) if journal else {}
        rows = {hole.id: done.get((contender.name, hole.id)) for hole in holes}
        todo = [hole for hole in holes if rows[hole.id] is None]
        todo.sort(key=_near)
        filling = _Filling(contender.name, score, samples or Samples(), show)
        if todo:
            system = contender.open()
            try:
                for row in filling.fill(system, todo, len(holes)):
                    rows[row.hole] = row
                    if journal:
                        journal.add(row)
            finally:
                system.close()
        yield Ran(
            name=contender.name,
            settings=contender.settings,
            rows=tuple(row for row in rows.values() if row is not None),
            wall_s=filling.wall_s,
            busy_s=filling.busy_ms / 1000 if filling.told else None,
        )


def _near(hole: Hole) -> tuple[str, str]:
    """By folder, then by file: what a server keeps of one hole serves the next."""
    folder, _, name = hole.path.rpartition("/")
    return folder, name


class _Filling:
    """One system at work."""

    def __init__(self, name: str, score: Score, samples: Samples, show: Show) -> None:
        self._name = name
        self._show = show
        self._score = score
        self._samples = samples
        self.wall_s = self.busy_ms = 0.0
        self.told = False

    def fill(self, system: Sampler, holes: Sequence[Hole], total: int) -> Iterator[Row]:
        """Rows as they become ready, in no particular order."""
        started = time.monotonic()
        done = total - len(holes)
        bar = tqdm(total=total, initial=done, desc=self._name, unit="hole")
        pool = ThreadPoolExecutor(os.cpu_count() or 1, "score")
        try:
            with bar:
                for row in self._rows(system, holes, pool):
                    bar.update()
                    yield row
        finally:
            pool.shutdown(cancel_futures=True)
            self.wall_s = time.monotonic() - started

    def _rows(
        self, system: Sampler, holes: Sequence[Hole], pool: ThreadPoolExecutor
    ) -> Iterator[Row]:
        pending: set[Future[Row]] = set()
        failure: CodeassistError | None = None
        for hole in holes:
            try:
                with self._show(hole) as shown:
                    outputs = self._ask(system, shown)
            except CodeassistError as error:
                failure = error  # the answers that are in already are scored first
                break
            pending.add(pool.submit(self._row, hole, outputs))
            ready = {future for future in pending if future.done()}
            pending -= ready
            yield from (future.result() for future in ready)
        while pending:
            ready, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in ready)
        if failure is not None:
            raise failure

    def _ask(self, system: Sampler, hole: Hole) -> list[Output]:
        samples = self._samples
        if samples.n == 1:
            outputs = [system.complete(hole)]
        else:
            outputs = [
                system.sample(hole, temperature=samples.temperature, seed=seed)
                for seed in range(samples.n)
            ]
        for output in outputs:
            self.told = self.told or output.busy_ms is not None
            self.busy_ms += output.busy_ms or 0.0
        return outputs

    def _row(self, hole: Hole, outputs: Sequence[Output]) -> Row:
        scores = self._score(hole, outputs)
        return Row(hole.id, self._name, outputs[0], scores)
