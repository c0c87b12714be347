"""The same work on Ray Data, for a corpus that outgrows one machine.

All machines must see the output folder, and archives and folders, at the same place.
"""

import logging
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from codeassist.errors import CorpusError, installs

from .duplicates import Pair, band_keys, bucket_pairs

__all__ = ["Ray"]

T = TypeVar("T")
R = TypeVar("R")


class Ray:
    """A Ray cluster: the one that ``RAY_ADDRESS`` names, else this machine.

    Args:
        workers: CPUs where it has to be started here.

    Raises:
        CorpusError: Ray is not installed.
    """

    def __init__(self, workers: int) -> None:
        try:
            import ray
            import ray.data
        except ImportError as error:
            msg = f"--engine ray needs Ray Data; run {installs('cluster')}"
            raise CorpusError(msg) from error
        if not ray.is_initialized():
            own = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers}
            quiet = {"log_to_driver": False, "logging_level": logging.WARNING}
            ray.init(include_dashboard=False, **quiet, **own)
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        self._data = ray.data

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """As of `codeassist.training.corpus.engines.Engine`."""
        packed = [{"item": pickle.dumps(item)} for item in items]

        def done(row: dict[str, Any]) -> dict[str, Any]:
            return {"result": pickle.dumps(work(pickle.loads(row["item"])))}

        if packed:
            rows = self._data.from_items(packed, override_num_blocks=len(packed))
            for row in rows.map(done).iter_rows():
                yield pickle.loads(row["result"])

    def pairs(
        self, folders: Sequence[str], bands: int, skip: frozenset[int]
    ) -> Iterable[Pair]:
        """As of `codeassist.training.corpus.engines.Engine`."""
        first, items = 0, []
        for folder in folders:
            items.append({"folder": folder, "first": first})
            first += len(np.load(Path(folder) / "signatures.npy", mmap_mode="r"))

        def keyed(row: dict[str, Any]) -> list[dict[str, Any]]:
            own = np.load(Path(row["folder"]) / "signatures.npy")
            return [
                {"key": f"{band}:{key.hex()}", "number": row["first"] + number}
                for band, keys in band_keys(own, bands)
                for number, key in enumerate(keys)
                if row["first"] + number not in skip
            ]

        def paired(group: dict[str, Any]) -> dict[str, Any]:
            found = list(bucket_pairs(map(int, group["number"])))
            return {
                "later": np.array([pair.later for pair in found], np.int64),
                "earlier": np.array([pair.earlier for pair in found], np.int64),
            }

        if not first:
            return
        rows = self._data.from_items(items).flat_map(keyed).groupby("key")
        for row in rows.map_groups(paired, batch_format="numpy").iter_rows():
            yield Pair(int(row["later"]), int(row["earlier"]))
