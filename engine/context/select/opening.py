"""A repository's context for a command: loaded from disk, or built with a bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from codeassist.engine.context.index import Progress

from .repository import RepositoryContext
from .selector import DEADLINE

__all__ = ["indexed"]

SLOW_S = 2.0
"""After which the bar is shown."""


@contextmanager
def indexed(
    root: Path, *, cache: Path | None = None, deadline: float = DEADLINE
) -> Iterator[RepositoryContext]:
    """The context of a repository, all of which is known; ended behind the block.

    Args:
        root: The repository's folder.
        cache: Folder of all indexes; None: the user's cache folder.
        deadline: Seconds that a selection may take.
    """
    with tqdm(
        desc="indexing", unit=" files", delay=SLOW_S, leave=False, disable=None
    ) as bar:

        def told(progress: Progress) -> None:
            bar.total = progress.total or None
            bar.update(progress.done - bar.n)

        context = RepositoryContext(
            root, cache=cache, told=told, watched=False, deadline=deadline
        )
        try:
            context.index.start()
            context.index.wait()
            bar.close()
            yield context
        finally:
            context.close()
