"""All paths of a repository, to be asked for files, folders and endings."""

import posixpath
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import TypeVar

__all__ = ["Files", "ancestors", "join", "parent"]

MAX_FILES = 200
"""Of a folder that stands for a module; more would drown all else."""

Answer = TypeVar("Answer")


class Files:
    """Paths relative to the repository's root, with ``/`` between the parts."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._files: set[str] = set()
        self._entries: dict[str, set[str]] = {"": set()}
        # note: most endings are one file's, and a set would be one more object that
        # the garbage collector looks at: 90 ms with 100,000 files
        self._ending: dict[str, str | set[str]] = {}
        self._answers: dict[Hashable, object] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """A file that is there from now on."""
        if path in self._files:
            return
        self._answers.clear()
        self._files.add(path)
        while path:
            for key in _keys(path):
                same = self._ending.setdefault(key, path)
                if isinstance(same, set):
                    same.add(path)
                elif same != path:
                    self._ending[key] = {same, path}
            folder = parent(path)
            known = folder in self._entries
            self._entries.setdefault(folder, set()).add(path)
            if known:
                return
            path = folder

    def remove(self, path: str) -> None:
        """A file that is gone, with the folders that it leaves empty."""
        if path not in self._files:
            return
        self._answers.clear()
        self._files.discard(path)
        while path:
            for key in _keys(path):
                same = self._ending[key]
                if isinstance(same, set):
                    same.discard(path)
                if not same or same == path:
                    del self._ending[key]
            folder = parent(path)
            self._entries[folder].discard(path)
            if self._entries[folder] or not folder:
                return
            del self._entries[folder]
            path = folder

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def once(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """What was answered to this question since a file last came or went."""
        try:
            known: Answer = self._answers[question]  # type: ignore[assignment]
        except KeyError:
            known = self._answers[question] = answer()
        return known

    def is_folder(self, path: str) -> bool:
        """Whether there are files in a folder or below it."""
        return path in self._entries

    def first(self, base: str, endings: Iterable[str]) -> str | None:
        """The first file that is `base` and one of the endings."""
        for ending in endings:
            if base + ending in self._files:
                return base + ending
        return None

    def inside(self, folder: str, endings: tuple[str, ...]) -> list[str]:
        """The files right in a folder that have one of the endings, sorted."""
        entries = self._entries.get(folder, ())
        found = [p for p in entries if p.endswith(endings) and p in self._files]
        return sorted(found)[:MAX_FILES]

    def ending(self, suffix: str) -> Collection[str]:
        """Files and folders whose last parts are these, all of them."""
        parts = suffix.split("/")
        same = _all(self._ending.get("/".join(parts[-2:]), ()))
        if len(parts) <= 2:
            return same
        return [p for p in same if p == suffix or p.endswith(f"/{suffix}")]

    def nearest(self, suffix: str, path: str) -> str | None:
        """The other file that ends so and shares most folders with `path`."""
        others = (p for p in self.ending(suffix) if p in self._files and p != path)
        return nearest(others, path)

    def nearest_folder(self, suffix: str, path: str) -> str | None:
        """The folder that ends so and shares most folders with `path`."""
        return nearest((p for p in self.ending(suffix) if p in self._entries), path)


def nearest(found: Iterable[str], path: str) -> str | None:
    """Of some paths the one that shares most folders with `path`, or the shortest."""
    own = path.split("/")
    return min(
        found, key=lambda p: (-_shared(own, p.split("/")), len(p), p), default=None
    )


def parent(path: str) -> str:
    """The folder of a path; "" for the root."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> Iterator[str]:
    """The folders of a file, the innermost first, the root last."""
    while path:
        path = parent(path)
        yield path


def join(folder: str, path: str) -> str:
    """A path relative to a folder; one that leaves the repository names no file."""
    joined = posixpath.normpath(f"{folder}/{path}" if folder else path)
    return "" if joined == "." else joined


def _keys(path: str) -> Iterator[str]:
    """Its last part, and its last two."""
    folder, _, name = path.rpartition("/")
    yield name
    if folder:
        yield f"{folder.rpartition('/')[2]}/{name}"


def _all(same: str | Collection[str]) -> Collection[str]:
    return (same,) if isinstance(same, str) else same


def _shared(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
