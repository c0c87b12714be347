"""The repositories open in the editor: their indexes, from the first file to the end."""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

from codeassist.engine.context.index import Progress
from codeassist.engine.context.select import (
    Context,
    Count,
    RepositoryContext,
    View,
)
from codeassist.ignore import root_of

__all__ = ["Repositories"]

log = logging.getLogger(__name__)

Told = Callable[[Progress], None]
Shows = Callable[[str], bool]


class Repositories:
    """Opens an index where there is work, and tells it what the user does.

    All but `around` and `wait` returns at once: what it costs is paid by a thread of its
    own, in the order of the calls. `around` is asked by the thread that decodes.

    Args:
        told: Called with the progress of each scan, in the thread that scans.
        cache: Folder of all indexes; None: the user's cache folder.
        shows: Whether prompts of a file or folder show others, by its path; any thread
            may ask. Where they do not, nothing is indexed.
    """

    def __init__(
        self, told: Told, cache: Path | None = None, shows: Shows = lambda _path: True
    ) -> None:
        self._told = told
        self._cache = cache
        self._shows = shows
        self._contexts: dict[Path, RepositoryContext] = {}
        self._homes: dict[str, tuple[RepositoryContext, str] | None] = {}
        """Where each file lies that was met, and its path there."""

        self._thread = ThreadPoolExecutor(1, thread_name_prefix="context")
        self._ended = False

    def open(self, folders: Sequence[Path]) -> None:
        """Index the folders that the editor has open.

        What was indexed before and shows nothing any more is let go of.
        """
        self._later(partial(self._open_all, folders))

    def leave(self, folders: Sequence[Path]) -> None:
        """Let go of folders that the editor has closed."""
        for folder in folders:
            self._later(partial(self._leave, folder))

    def meet(self, path: str) -> None:
        """Find the repository of a file whose text is no text of a language."""
        self._later(partial(self._home, path))

    def viewed(self, path: str, row: int) -> None:
        """A row of a file was looked at."""
        self._later(lambda: self._note(path, row, edited=False))

    def changed(self, path: str, text: str, row: int | None = None) -> None:
        """Take in a file as it stands in the editor.

        Args:
            path: Of the file.
            text: All of it.
            row: Where it was changed, from 0; None: it was opened.
        """
        self._later(lambda: self._take(path, text))
        if row is not None:
            self._later(lambda: self._note(path, row, edited=True))

    def closed(self, path: str) -> None:
        """A file's text on disk counts again."""
        self._later(partial(self._close_text, path))

    def around(self, view: View, budget: int, count: Count) -> Context | None:
        """What a prompt should show of the repository of a file."""
        home = self._homes.get(view.path)
        return home[0].around(view, budget, count) if home else None

    def end(self) -> None:
        """Close all indexes, soon."""
        if not self._ended:
            self._ended = True
            self._thread.submit(self._close)
            self._thread.shutdown(wait=False)

    def wait(self) -> None:
        """Wait until all indexes are closed, which `end` has begun."""
        self._thread.shutdown()

    def _later(self, step: Callable[[], object]) -> None:
        if not self._ended:
            self._thread.submit(step).add_done_callback(_logged)

    def _open_all(self, folders: Sequence[Path]) -> None:
        for path in [each for each in self._homes if not self._shows(each)]:
            self._close_text(path)
            del self._homes[path]
        kept = {self._open(each) for each in folders if self._indexes(each)}
        kept.update(home[0] for home in self._homes.values() if home)
        for root in [r for r, context in self._contexts.items() if context not in kept]:
            self._leave(root)

    def _indexes(self, folder: Path) -> bool:
        return self._shows(str(folder)) and not _is_wide(folder.resolve())

    def _open(self, folder: Path) -> RepositoryContext:
        root = folder.resolve()
        context = self._contexts.get(root)
        if context is None:
            context = RepositoryContext(
                root, cache=self._cache, told=self._told, aside=True
            )
            context.index.start()
            self._contexts[root] = context
            self._rehome()
        return context

    def _rehome(self) -> None:
        """Find the files' repositories anew, after one came or went.

        A file that has none any more may bring its git repository when it is met again.
        """
        homes = {path: self._open_home(path) for path in self._homes}
        for path, home in self._homes.items():
            if home is not None and home != homes[path]:
                home[0].index.closed(home[1])
        self._homes = {path: home for path, home in homes.items() if home is not None}

    def _leave(self, folder: Path) -> None:
        context = self._contexts.pop(folder.resolve(), None)
        if context is not None:
            self._rehome()
            self._end(context)

    def _home(self, path: str) -> tuple[RepositoryContext, str] | None:
        """The repository that a file belongs to, and its path there.

        That of a folder that is open in the editor, else the git repository that it
        lies in; else there is none: who knows how much lies there?
        """
        if not Path(path).is_absolute() or not self._shows(path):
            return None  # a buffer without a file lies in no folder, this process does
        if path not in self._homes:
            found = self._open_home(path)
            root = None if found else root_of(Path(path))
            if root is not None and not _is_wide(root):
                self._open(root)
                found = self._open_home(path)
            self._homes[path] = found
        return self._homes[path]

    def _open_home(self, path: str) -> tuple[RepositoryContext, str] | None:
        homes = (
            (context, name)
            for context in self._contexts.values()
            if (name := context.path_of(path)) is not None
        )
        return min(homes, key=lambda home: len(home[1]), default=None)

    def _take(self, path: str, text: str) -> None:
        home = self._home(path)
        if home is not None:
            home[0].index.changed(home[1], text)

    def _close_text(self, path: str) -> None:
        home = self._homes.get(path)
        if home is not None:
            home[0].index.closed(home[1])

    def _note(self, path: str, row: int, *, edited: bool) -> None:
        home = self._home(path)
        if home is not None:
            ring = home[0].recent
            (ring.edited if edited else ring.viewed)(home[1], row)

    def _close(self) -> None:
        for context in self._contexts.values():
            self._end(context)

    def _end(self, context: RepositoryContext) -> None:
        context.close()
        self._told(Progress(0, 0, finished=True))  # nobody waits for its scan any more


@cache
def _is_wide(root: Path) -> bool:
    """Whether a folder holds everything there is, which is nobody's repository."""
    home = os.path.expanduser("~")  # noqa: PTH111 - there may be none
    wide = root in (Path(root.anchor), Path(home).resolve())
    if wide:
        log.info("%s is not indexed: it is no project; open a folder in it", root)
    return wide


def _logged(done: "Future[object]") -> None:
    error = done.exception()
    if error is not None:
        log.error("the index was not told: %s", error, exc_info=error)
