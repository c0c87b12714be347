"""Whose text may be kept: not that of secret files, nor of ignored ones."""

import time
from collections.abc import Callable
from pathlib import Path

from codeassist.ignore import Rules, is_secret, root_of

__all__ = ["Readable"]

FRESH_S = 60.0
"""Seconds that rules hold; ignore files change."""


class Readable:
    """Asks the ignore rules of the repository that a file lies in.

    Args:
        clock: Seconds of a clock that only goes forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rules: dict[Path, tuple[float, Rules]] = {}

    def allows(self, root: str, path: str) -> bool:
        """Whether the text of a file may be kept.

        Args:
            root: Folder of the workspace; empty: there is none.
            path: Of the file, from the root; one that has no folder, as of a document
                that was never saved, is judged by its name.
        """
        file = Path(root, path)
        if is_secret(str(file)):
            return False
        if not file.is_absolute():
            return True
        file = file.parent.resolve() / file.name
        top = self._top(file, Path(root).resolve() if root else None)
        return self._of(top).allows(file.relative_to(top).as_posix())

    @staticmethod
    def _top(file: Path, root: Path | None) -> Path:
        """The git repository, else the workspace, else the folder of a file."""
        if found := root_of(file.parent):
            return found
        inside = root is not None and file.is_relative_to(root)
        return root if root is not None and inside else file.parent

    def _of(self, top: Path) -> Rules:
        now = self._clock()
        made, rules = self._rules.get(top, (-FRESH_S, None))
        if rules is None or now > made + FRESH_S:
            rules = Rules(top)
            self._rules[top] = (now, rules)
        return rules
