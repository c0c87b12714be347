"""Code that is no repository's own: what is learned beside it, so that nothing is forgotten.

It is Python's standard library as it lies beside the interpreter: many authors' hands,
permissively licensed, on every machine, nothing to fetch.
"""

import hashlib
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import Repository
from codeassist.training.fim_data import Document

from .sieve import Sieve

__all__ = ["generic_documents", "generic_holes"]

NAME = "python"
LEFT_OUT = {
    "__pycache__",
    "dist-packages",
    "encodings",
    "idle_test",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "turtledemo",
}
"""Folders of other people's packages, of tables, and of tests."""

JUDGED = 0.2
"""Share of the files that are never learned but judged by."""

FILES_PER_HOLE = 0.5


def generic_documents(n: int, seed: int) -> list[Document]:
    """About `n` files to learn from, drawn; fewer where Python came without sources."""
    root, found = _root(), list[Document]()
    sieve = Sieve(root)
    for path in _drawn(root, seed, judged=False):
        if len(found) == n:
            break
        text, _ = sieve.read(path, (root / path).read_bytes())
        if text:
            found.append(Document(path, text, "python", NAME))
    return found


def generic_holes(n: int, seed: int) -> list[Hole]:
    """About `n` holes in files that are not learned; none without sources."""
    root = _root()
    paths = [*_drawn(root, seed, judged=True)][: max(1, round(n * FILES_PER_HOLE))]
    files = Repository(root, NAME, "", (), frozenset(paths))
    try:
        return cut(files, Cutting(n, seed)) if paths else []
    except InputError:  # no place for a hole
        return []


def _root() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _drawn(root: Path, seed: int, *, judged: bool) -> Iterator[str]:
    paths = sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if not LEFT_OUT.intersection(path.relative_to(root).parts)
    )
    random.Random(f"generic\0{seed}").shuffle(paths)
    return (path for path in paths if _is_judged(path) == judged)


def _is_judged(path: str) -> bool:
    drawn = hashlib.sha256(f"generic\0{path}".encode()).digest()[:8]
    return int.from_bytes(drawn) < JUDGED * 2**64
