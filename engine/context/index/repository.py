"""The index of one repository: what the rest of the engine asks."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from codeassist import config
from codeassist.engine.context.outline import Import
from codeassist.engine.context.watch import Watch
from codeassist.engine.context.watch_aside import WatchAside

from .buffers import Buffers
from .building import as_utf8
from .current import Current
from .model import Chunk, Place, Progress
from .readers import Aside, Here, Reader
from .scanner import Scanner
from .snapshot import LIMIT, Snapshot
from .store import Store
from .update import Update

__all__ = ["RepositoryIndex"]

log = logging.getLogger(__name__)


class RepositoryIndex:
    """Definitions, imports, references and similar code of a whole repository.

    Everything but `wait` and `close` returns at once, from any thread: questions are
    answered from what is known at that moment, changes are taken in by threads and
    processes in the background. Paths count from the root, with forward slashes.

    Args:
        root: The repository's folder.
        cache: Folder of all indexes; None: the user's cache folder.
        processes: That read files; 0: one for each core.
        told: Called with the progress of each scan, in the thread that scans.
        watched: Whether changes on disk are noticed; else `refresh` tells of them.
        aside: Whether few files, too, are read by another process, and changes noticed
            by one, because a thread of this one must not be kept waiting.
    """

    def __init__(
        self,
        root: Path,
        *,
        cache: Path | None = None,
        processes: int = 0,
        told: Callable[[Progress], None] | None = None,
        watched: bool = True,
        aside: bool = False,
    ) -> None:
        self.root = root.resolve()
        self.progress = Progress(0, 0, finished=False)
        self._told = told
        self._current = Current()
        store = Store(cache or config.cache_dir() / "index", self.root)
        self._reader: Reader = Aside() if aside else Here()
        update = Update(
            self.root,
            self._current,
            store,
            processes,
            self._reader,
            self._tell,
            lambda: self._buffers.read_anew(),
        )
        resolve, allows = update.graph.resolve, update.allows
        self._buffers = Buffers(self._current, resolve, allows, self._reader)
        self._scanner = Scanner(update)
        watch = WatchAside if aside else Watch
        self._watch = watch(self.root, self.refresh) if watched else None

    def start(self) -> None:
        """Load what an earlier run kept, look at all files, watch them from then on."""
        self._scanner.start()
        if self._watch is not None:
            self._watch.start()

    def close(self) -> None:
        """End all threads and processes."""
        if self._watch is not None:
            self._watch.close()
        self._buffers.close()
        self._scanner.close()
        self._reader.close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that is known to have changed is in; whether it is."""
        start = time.monotonic()
        if not self._scanner.wait(timeout):
            return False
        left = None if timeout is None else timeout - (time.monotonic() - start)
        return self._buffers.wait(left)

    def changed(self, path: str, text: str) -> None:
        """Take in a file as it stands in the editor, unsaved, if it may be read."""
        self._buffers.changed(path, text)

    def closed(self, path: str) -> None:
        """A file's text on disk counts again."""
        self._buffers.changed(path, None)

    def refresh(self, paths: Iterable[str] | None = None) -> None:
        """Look soon at what became of some files; None: of all."""
        self._scanner.request(paths)

    @property
    def snapshot(self) -> Snapshot:
        """All that is known now, for several questions about the same moment."""
        return self._current.snapshot

    def definitions(self, name: str, limit: int = LIMIT) -> list[Place]:
        """Where a name is defined."""
        return self.snapshot.definitions(name, limit)

    def definitions_in(self, path: str) -> list[Place]:
        """All that a file defines, in its order: its outline."""
        return self.snapshot.definitions_in(path)

    def imports_in(self, path: str) -> list[Import]:
        """A file's import statements."""
        return self.snapshot.imports_in(path)

    def imports_of(self, path: str) -> list[str]:
        """Files of the repository that a file imports."""
        return self.snapshot.imports_of(path)

    def importers_of(self, path: str, limit: int = LIMIT) -> list[str]:
        """Files that import a file."""
        return self.snapshot.importers_of(path, limit)

    def references(self, name: str, limit: int = LIMIT) -> list[Chunk]:
        """Stretches of files in which a name occurs, definitions included."""
        return self.snapshot.references(name, limit)

    def similar(
        self, words: Mapping[str, float], limit: int = 10, exclude: Iterable[str] = ()
    ) -> list[Chunk]:
        """The stretches of files that share most with some words, by BM25.

        Args:
            words: In lower case, as `outline.split` gives them, with their weight.
            limit: Chunks at the most.
            exclude: Paths of files that do not count.
        """
        return self.snapshot.similar(words, limit, exclude)

    def siblings(self, path: str, limit: int = LIMIT) -> list[str]:
        """Other files of the same folder, in order."""
        return self.snapshot.siblings(path, limit)

    def text(self, path: str, start_row: int, end_row: int) -> str | None:
        """Some lines of a file: of the editor's text, else of what is on disk now.

        Args:
            path: Of the file.
            start_row: From 0.
            end_row: Included.

        Returns:
            With the line ends; None: there is no such file any more.
        """
        whole = self._buffers.texts.get(path)
        if whole is None:
            try:
                data = as_utf8((self.root / path).read_bytes())
            except OSError:
                return None
            rows = data.split(b"\n")[start_row : end_row + 1]
            return b"\n".join(rows).decode("utf-8", "replace")
        return "\n".join(whole.split("\n")[start_row : end_row + 1])

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        if self._told is not None:
            self._told(progress)
