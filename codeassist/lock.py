"""A lock between processes that dies with the one that holds it."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["locked"]

if sys.platform == "win32":
    import msvcrt

    def _acquire(file: BinaryIO, *, wait: bool) -> None:
        while True:
            try:
                # note: LK_LOCK gives up after ten seconds
                mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK
                msvcrt.locking(file.fileno(), mode, 1)
            except OSError as error:
                if not wait:
                    raise BlockingIOError from error
            else:
                return

else:
    import fcntl

    def _acquire(file: BinaryIO, *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextlib.contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock ``path``; the system frees it when this process dies.

    The empty file stays: deleting it while another process waits for it would let
    two of them in.

    Raises:
        BlockingIOError: another process holds it, and ``wait`` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        _acquire(file, wait=wait)
        yield
