"""Files that `.codeassistignore` names, wherever somebody asks for them."""

import time
from collections.abc import Callable
from pathlib import Path

from .patterns import IgnoreTree
from .rules import IGNORE_FILE, root_of

__all__ = ["KeptAway"]

FRESH_S = 2.0
"""Seconds that ignore files hold: this is asked at each keystroke."""

FOLDERS = 64
"""Whose ignore files are remembered."""


class KeptAway:
    """Knows where the assistant has nothing to look for; any thread may ask.

    Git's own ignore files say nothing here: who writes in a file that git ignores wants
    it completed, though nobody else is shown it.

    Args:
        clock: Seconds of a clock that only goes forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Path, tuple[float, Path, IgnoreTree]] = {}

    def names(self, path: str) -> bool:
        """Whether an ignore file above a file, up to its git repository's, names it."""
        file = Path(path).absolute()
        try:
            folder, tree = self._of(file.parent)
        except (ValueError, OSError, RuntimeError):  # it moves, or is no place at all
            return False
        return tree.ignores((folder / file.name).as_posix())

    def _of(self, folder: Path) -> tuple[Path, IgnoreTree]:
        """A folder from the topmost one whose ignore file counts, and all of those."""
        now = self._clock()
        made, inside, tree = self._known.get(folder, (now - FRESH_S, folder, None))
        if tree is None or now >= made + FRESH_S:
            real = folder.resolve()
            top = root_of(folder) or Path(real.anchor)
            inside, tree = real.relative_to(top), IgnoreTree(top, IGNORE_FILE)
            if len(self._known) >= FOLDERS:
                self._known.clear()
            self._known[folder] = (now, inside, tree)
        return inside, tree
