"""Where the work runs: this machine's cores, or a cluster that someone else keeps."""

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from codeassist.errors import CorpusError
from codeassist.parent import end_with_parent

from .duplicates import Pair, band_keys, bucket_pairs

__all__ = ["Engine", "Local"]

T = TypeVar("T")
R = TypeVar("R")


class Engine(Protocol):
    """Runs the two kinds of work that a corpus needs."""

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """The results of the items, in the order of the items."""
        ...

    def pairs(
        self, folders: Sequence[str], bands: int, skip: frozenset[int]
    ) -> Iterable[Pair]:
        """The files that share a band of their signatures.

        Args:
            folders: Of the sources' results, in the corpus' order.
            bands: Of a signature.
            skip: Numbers of files that are out already.
        """
        ...


class Local:
    """All cores of this machine.

    Args:
        workers: Processes; one works in this process.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """As of `Engine`."""
        if self._workers == 1 or len(items) < 2:
            yield from map(work, items)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self._workers, context, end_with_parent) as pool:
            running = [pool.submit(work, item) for item in items]
            try:
                for each in running:
                    yield each.result()
            except BrokenProcessPool as error:
                msg = "a worker was killed, for memory perhaps; run it again to go on, "
                msg += f"with fewer than {self._workers} --workers"
                raise CorpusError(msg) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def pairs(
        self, folders: Sequence[str], bands: int, skip: frozenset[int]
    ) -> Iterable[Pair]:
        """As of `Engine`; holds one band at a time."""
        loaded = [np.load(Path(each) / "signatures.npy") for each in folders]
        if not loaded:
            return
        for _, keys in band_keys(np.concatenate(loaded), bands):
            buckets: dict[bytes, list[int]] = defaultdict(list)
            for number, key in enumerate(keys):
                if number not in skip:
                    buckets[key].append(number)
            for numbers in buckets.values():
                if len(numbers) > 1:
                    yield from bucket_pairs(numbers)
