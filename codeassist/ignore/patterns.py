"""Ignore files in git's syntax, at any depth of a folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pathspec import GitIgnoreSpec

__all__ = ["IgnoreTree"]


class _Spec(NamedTuple):
    folder: str
    """That holds the ignore file: "" or "a/b/"."""

    patterns: GitIgnoreSpec


class IgnoreTree:
    """All ignore files of one name, each read when its folder is first asked for.

    A bad pattern, and a file that cannot be read, count as absent.

    Args:
        root: Where the tree begins.
        name: Of the ignore files.
        weakest: Files whose patterns hold where the tree's own say nothing.
    """

    def __init__(self, root: Path, name: str, weakest: Iterable[Path] = ()) -> None:
        self._root = root
        self._name = name
        found = (_read(file) for file in weakest)
        self._base = tuple(_Spec("", spec) for spec in found if spec is not None)
        self._specs: dict[str, tuple[_Spec, ...] | None] = {}

    def ignores(self, path: str) -> bool:
        """Whether a file, or a folder above it, is named by a pattern."""
        specs = self._of(path.rpartition("/")[0])
        return specs is None or _matches(specs, path)

    def ignores_folder(self, folder: str) -> bool:
        """Whether nothing below a folder counts; "" is the root."""
        return self._of(folder) is None

    def _of(self, folder: str) -> tuple[_Spec, ...] | None:
        """The patterns that hold for a folder's files; None: it is ignored whole."""
        if folder not in self._specs:
            self._specs[folder] = self._gather(folder)
        return self._specs[folder]

    def _gather(self, folder: str) -> tuple[_Spec, ...] | None:
        above = folder.rpartition("/")[0]
        inherited = self._of(above) if folder else self._base
        if inherited is None or (folder and _matches(inherited, f"{folder}/")):
            return None
        own = _read(self._root / folder / self._name)
        prefix = f"{folder}/" if folder else ""
        return inherited if own is None else (*inherited, _Spec(prefix, own))


def _matches(specs: tuple[_Spec, ...], path: str) -> bool:
    """The deepest ignore file that speaks of a path decides."""
    for folder, patterns in reversed(specs):
        include = patterns.check_file(path[len(folder) :]).include
        if include is not None:
            return include
    return False


def _read(file: Path) -> GitIgnoreSpec | None:
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return None
    good = [line for line in lines if _is_pattern(line)]
    return GitIgnoreSpec.from_lines(good) if good else None


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
