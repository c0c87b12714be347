"""A project's last prompt, kept on disk from one session to the next."""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codeassist.ignore import is_secret

if TYPE_CHECKING:
    from .decode import Session

__all__ = ["KeptPrompt"]

log = logging.getLogger(__name__)

FILES = 8
BYTES = 50_000_000
"""All files together take no more; the oldest go first."""


class KeptPrompt:
    """One file for each project and model, which only the user may read.

    Args:
        folder: Of all such files; nothing else may lie there.
        project: Folder of the workspace; empty: there is none.
        allows: Whether the text of a file may be kept, by its path.
    """

    def __init__(
        self, folder: Path, project: str, allows: Callable[[str], bool]
    ) -> None:
        self._folder = folder
        self._project = project
        self._allows = allows
        self._saved: Sequence[int] = ()
        self._fits = True

    def save(self, session: "Session") -> int:
        """Write the session's current prompt over the one before.

        Returns:
            Bytes written; 0: it is there already or may not be, or the system refused.
        """
        tokens, path = session.cached, session.latest
        if not path or not self._fits or tokens == self._saved:
            return 0
        if is_secret(path) or not self._allows(path):
            return 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            written = session.save(self._file(session))
            self._tidy()
        except OSError as error:
            log.info("%s: not written (%s)", self._folder, error)
            return 0
        self._saved = list(tokens) if written else ()
        self._fits = written <= BYTES
        return written

    def restore(self, session: "Session") -> int:
        """Read the prompt of an earlier session.

        Returns:
            Tokens read; 0: there are none of this project and model.
        """
        restored = session.restore(self._file(session))
        self._saved = list(session.cached)
        return restored

    def _file(self, session: "Session") -> Path:
        model = session.model
        parts = (self._project, model.digest, model.adapter_digest)
        name = hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"))
        return self._folder / f"{name.hexdigest()[:32]}.kv"

    def _tidy(self) -> None:
        """Delete the oldest until the rest is few and small, halves of files too."""
        found = [(file.stat(), file) for file in self._folder.iterdir()]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        room = BYTES
        for n, (about, file) in enumerate(found):
            room -= about.st_size
            if n >= FILES or room < 0:
                with contextlib.suppress(OSError):
                    file.unlink()
