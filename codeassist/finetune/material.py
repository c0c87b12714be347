"""What a repository has to learn from, and which of its files are kept for judging."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codeassist.errors import TrainingError
from codeassist.evaluate.holes import history
from codeassist.languages import of_path
from codeassist.training.corpus.duplicates import (
    Pair,
    band_keys,
    bucket_pairs,
    jaccard,
    signature,
)
from codeassist.training.corpus.recipe import Near
from codeassist.training.corpus.tokens import Hashes, grams, hashed
from codeassist.training.fim_data import Document

from .sieve import Sieve, without_secrets
from .snapshot import MAX_BYTES, Snapshot

__all__ = ["FEWEST_CHARACTERS", "FEWEST_FILES", "Material", "gather", "is_kept"]

KEPT = 0.12
"""Share of the files that are kept for judging."""

FEWEST_FILES = 12
FEWEST_CHARACTERS = 40_000
"""Below them there is neither enough to learn nor enough to judge by: 40,000
characters are about a thousand lines."""


@dataclass(frozen=True, slots=True)
class Material:
    """Files to learn from."""

    documents: tuple[Document, ...]
    kept: frozenset[str]
    """Paths of files that are not learned but judged by."""

    dropped: Counter[str]
    """Why files were left out, and how many."""

    redacted: int
    """Places in which a secret or a person's data was."""

    @property
    def characters(self) -> int:
        """Of all files to learn from."""
        return sum(len(each.text) for each in self.documents)


def gather(snapshot: Snapshot, name: str) -> Material:
    """Read what may be learned: no generated, vendored or secret files, no file twice.

    Secrets inside of files are replaced as in StarCoder's data, near-duplicates (by
    MinHash, as in `training.corpus`) are taken once.

    Args:
        snapshot: Of the repository.
        name: Of the repository, as its prompts have it.

    Raises:
        TrainingError: there is too little.
    """
    dropped: Counter[str] = Counter()
    redacted = 0
    found: list[Document] = []
    for path, text in _read(snapshot, dropped):
        clean, secrets = without_secrets(text)
        if not clean:
            dropped["private key"] += 1
            continue
        redacted += secrets
        found.append(Document(path, clean, of_path(path).name, name))
    once = [*_once(found)]
    dropped["near-duplicate"] += len(found) - len(once)
    kept = frozenset(each.path for each in once if is_kept(each.path))
    documents = tuple(each for each in once if each.path not in kept)
    material = Material(documents, kept, +dropped, redacted)
    _check(material, snapshot)
    return material


def _check(material: Material, snapshot: Snapshot) -> None:
    files, characters = len(material.documents), material.characters
    if files >= FEWEST_FILES and characters >= FEWEST_CHARACTERS:
        return
    left_out = ", ".join(f"{count} {why}" for why, count in material.dropped.items())
    msg = (
        f"{snapshot.root.name} is too small to learn from: {files} files of code with "
        f"{characters:,} characters, {FEWEST_FILES} and {FEWEST_CHARACTERS:,} are "
        f"needed{f' (left out: {left_out})' if left_out else ''}; name a larger "
        f"repository, or a folder that holds several related ones"
    )
    raise TrainingError(msg)


def _read(snapshot: Snapshot, dropped: Counter[str]) -> Iterator[tuple[str, str]]:
    """Path and text of the files that somebody wrote, in the order of their paths."""
    sieve = Sieve(snapshot.root)
    files = history.files_at(snapshot.root, snapshot.learned, MAX_BYTES)
    for path, content in sorted(files):
        text, why = sieve.read(path, content)
        if why:
            dropped[why] += 1
        else:
            yield path, text


def _once(files: Sequence[Document]) -> Iterator[Document]:
    """The files, without those that are near to an earlier one."""
    near = Near()
    shingles = [np.unique(grams(hashed(file.text), near.gram)) for file in files]
    if not shingles:
        return
    rows = [signature(each, near.permutations) for each in shingles]
    out = _near(_pairs(np.array(rows, np.uint32), near.bands), shingles, near.jaccard)
    yield from (file for number, file in enumerate(files) if number not in out)


def _pairs(signatures: npt.NDArray[np.uint32], bands: int) -> set[Pair]:
    pairs: set[Pair] = set()
    for _, keys in band_keys(signatures, bands):
        buckets: dict[bytes, list[int]] = {}
        for number, key in enumerate(keys):
            buckets.setdefault(key, []).append(number)
        for numbers in buckets.values():
            pairs.update(bucket_pairs(numbers))
    return pairs


def _near(pairs: set[Pair], shingles: Sequence[Hashes], least: float) -> set[int]:
    out: set[int] = set()
    for pair in sorted(pairs):
        if pair.later in out or pair.earlier in out:
            continue
        if jaccard(shingles[pair.earlier], shingles[pair.later]) >= least:
            out.add(pair.later)
    return out


def is_kept(path: str) -> bool:
    """Whether a file is kept for judging.

    Its name alone decides, so that none is learned once and judged by later.
    """
    drawn = hashlib.sha256(f"kept\0{path}".encode()).digest()[:8]
    return int.from_bytes(drawn) < KEPT * 2**64
