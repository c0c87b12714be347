"""The beginning of a file that is being fetched: what is there survives a kill."""

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from codeassist.errors import DiskSpaceError, DownloadError

from .progress import Progress

__all__ = ["OtherBytesError", "Part", "SourceFailedError"]


class SourceFailedError(Exception):
    """A source did not bring the file; the next one is asked."""


class OtherBytesError(SourceFailedError):
    """A source brought a whole file, but not the wanted one."""


class Part:
    """A file that only grows at its end.

    Its length is the whole state of a pull: each source knows how to go on from
    there, whichever source brought the bytes so far.
    """

    def __init__(self, path: Path, size: int, progress: Progress) -> None:
        self.path = path
        self.size = size
        self._progress = progress
        self._file = path.open("ab", buffering=0)
        self.done = self._file.tell()
        if self.done > size:
            self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, chunk: bytes) -> None:
        """Add bytes at the end.

        Raises:
            SourceFailedError: the file would be larger than the catalog says.
            DiskSpaceError: the disk is full.
            DownloadError: the system refuses otherwise.
        """
        if self.done + len(chunk) > self.size:
            self.restart()
            msg = f"it sends more than the {self.size} bytes of the catalog"
            raise SourceFailedError(msg)
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            if error.errno == errno.ENOSPC:
                msg = f"the disk of {self.path.parent} is full; free some space"
                raise DiskSpaceError(msg) from error
            msg = f"{self.path} cannot be written ({error.strerror}); see to it"
            raise DownloadError(msg) from error
        self.done += len(chunk)
        self._progress.at(self.done)

    def restart(self) -> None:
        """Forget all bytes."""
        self._file.truncate(0)
        self.done = 0

    def sync(self) -> None:
        """Return when the bytes are on the disk."""
        os.fsync(self._file.fileno())
