"""Files that stand in the corpus already: exactly, or nearly."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .tokens import Hashes

__all__ = [
    "Pair",
    "Shingles",
    "band_keys",
    "bucket_pairs",
    "jaccard",
    "near",
    "signature",
]

SEED = 42
BUCKET = 100
"""Files of one bucket that the later ones are compared with, so that a bucket of n
costs at most 100 n comparisons."""

Signatures = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two files, by their numbers in the corpus; the later is out if they are near."""

    later: int
    earlier: int


def signature(shingles: Hashes, permutations: int) -> Signatures:
    """MinHash of a set of n-grams (Broder 1997).

    Args:
        shingles: Each once. *Shape:* ``(n-grams,)``
        permutations: Length of the signature.

    Returns:
        *Shape:* ``(permutations,)``
    """
    from rensa import RMinHash

    sketch = RMinHash(num_perm=permutations, seed=SEED)
    raw = shingles.tobytes()
    sketch.update([raw[at : at + 8] for at in range(0, len(raw), 8)])
    return np.array(sketch.digest(), np.uint32)


def band_keys(signatures: Signatures, bands: int) -> Iterator[tuple[int, list[bytes]]]:
    """The bands of a locality-sensitive hash, each with a key for each file.

    Args:
        signatures: *Shape:* ``(files, permutations)``
        bands: How many; each has as many rows as go into the signature.
    """
    rows = signatures.shape[1] // bands
    for band in range(bands):
        part = np.ascontiguousarray(signatures[:, band * rows : (band + 1) * rows])
        yield band, [row.tobytes() for row in part]


def bucket_pairs(numbers: Iterable[int]) -> Iterator[Pair]:
    """The pairs of one bucket to be compared, whatever the order of the numbers."""
    seen: list[int] = []
    for number in sorted(numbers):
        yield from (Pair(number, earlier) for earlier in seen)
        if len(seen) < BUCKET:
            seen.append(number)


class Shingles:
    """The n-grams of all files, read where they lie.

    Args:
        folders: Of the sources' results, in the corpus' order.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = folders
        self._ends = [np.load(Path(each) / "offsets.npy") for each in folders]
        counts = [len(ends) - 1 for ends in self._ends]
        self._first = np.cumsum([0, *counts])
        self._open: dict[int, Hashes] = {}

    def of(self, number: int) -> Hashes:
        """The n-grams of a file, sorted.

        Returns:
            *Shape:* ``(n-grams,)``
        """
        source = int(np.searchsorted(self._first, number, side="right")) - 1
        if source not in self._open:
            if len(self._open) > 200:
                self._open.clear()
            path = Path(self._folders[source]) / "shingles.npy"
            self._open[source] = np.load(path, mmap_mode="r")
        ends, own = self._ends[source], number - int(self._first[source])
        return np.asarray(self._open[source][ends[own] : ends[own + 1]])


def jaccard(one: Hashes, other: Hashes) -> float:
    """What two sets of n-grams share: intersection over union.

    Args:
        one: Sorted, each once. *Shape:* ``(n-grams,)``
        other: Likewise.
    """
    if not len(one) or not len(other):
        return float(len(one) == len(other))
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)


def near(
    pairs: Iterable[Pair], shingles: Shingles, least: float
) -> dict[int, tuple[int, float]]:
    """The files that are out: each with the kept file it is near to, and how near.

    A file is compared with the kept ones only, so that a chain of small changes does
    not pull in what is far from its beginning.
    """
    out: dict[int, tuple[int, float]] = {}
    for pair in sorted(set(pairs)):
        if pair.later in out or pair.earlier in out:
            continue
        one, other = shingles.of(pair.earlier), shingles.of(pair.later)
        sizes = sorted((len(one), len(other)))
        if sizes[0] < least * sizes[1]:
            continue  # no overlap of theirs reaches it
        share = jaccard(one, other)
        if share >= least:
            out[pair.later] = (pair.earlier, share)
    return out
