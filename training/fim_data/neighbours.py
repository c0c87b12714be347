"""Which files of a repository have most to do with one of them, by their paths."""

from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["nearest"]


def nearest(path: str, others: Iterable[str]) -> list[str]:
    """The other paths, those with the shortest way through the folders first."""
    own = PurePosixPath(path).parent.parts

    def way(other: str) -> tuple[int, bool, str]:
        folders = PurePosixPath(other).parent.parts
        pairs = zip(own, folders, strict=False)
        shared = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        shared = min(len(own), len(folders)) if shared is None else shared
        steps = len(own) + len(folders) - 2 * shared
        alike = PurePosixPath(other).suffix == PurePosixPath(path).suffix
        return steps, not alike, other

    return sorted({other for other in others if other != path}, key=way)
