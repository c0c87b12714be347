"""What a prompt shows of one repository: its index and the selection over it."""

import os
from collections.abc import Callable
from pathlib import Path

from codeassist.engine.context.index import Progress, RepositoryIndex

from .model import Context, Count, View
from .recent import Recent
from .selector import DEADLINE, Selector

__all__ = ["RepositoryContext"]


class RepositoryContext:
    """A `Provider` for the files of one repository.

    Args:
        root: The repository's folder.
        cache: Folder of all indexes; None: the user's cache folder.
        told: Called with the progress of each scan, in the thread that scans.
        watched: Whether changes on disk are noticed.
        deadline: Seconds that a selection may take.
        aside: Whether another process parses, as this one's threads must not wait.
    """

    def __init__(
        self,
        root: Path,
        *,
        cache: Path | None = None,
        told: Callable[[Progress], None] | None = None,
        watched: bool = True,
        deadline: float = DEADLINE,
        aside: bool = False,
    ) -> None:
        self.index = RepositoryIndex(
            root, cache=cache, told=told, watched=watched, aside=aside
        )
        self.recent = Recent()
        self._root = self.index.root
        self._selector = Selector(self.index, self.recent, deadline=deadline)

    def path_of(self, path: str) -> str | None:
        """A file's path in the repository; None: it lies elsewhere.

        Args:
            path: Absolute, or from the repository's folder.
        """
        full = Path(os.path.normpath(self._root / path))
        for each in (full, full.resolve()):
            if each.is_relative_to(self._root):
                return each.relative_to(self._root).as_posix()
        return None

    def around(self, view: View, budget: int, count: Count) -> Context | None:
        """What a prompt should show; None where nothing is known of the file."""
        path = self.path_of(view.path)
        if path is None:
            return None
        snippets = self._selector.select(view, path, budget, count)
        return Context(self._root.name, path, snippets)

    def close(self) -> None:
        """End all threads and processes."""
        self.index.close()
