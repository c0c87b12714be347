"""Files out of archives, as a stream: nothing is unpacked onto the disk."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

__all__ = ["ENDINGS", "ArchiveRefusedError", "Member", "members"]

TARS: Mapping[str, Callable[..., Any]] = {
    ".tar": open,
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".crate": gzip.open,
    ".tar.xz": lzma.open,
    ".tar.bz2": bz2.open,
}
ENDINGS = (*TARS, ".zip", ".whl")

BOMB_RATIO = 200
"""Bytes out of one byte above which an archive is taken for a bomb."""

BOMB_BYTES = 100_000_000
"""Up to here none is."""

MOST_FILES = 200_000
DEEPEST = 64
LONGEST_NAME = 1024
BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error),
    *(EOFError, OSError, NotImplementedError, RuntimeError, ValueError),
)


class ArchiveRefusedError(Exception):
    """An archive that is damaged, too large or made to do harm."""


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file."""

    path: str
    """With slashes, relative, without dots; may have the archive's own folder."""

    content: bytes | None
    """None: it is larger than was asked for, and was not read."""

    size: int


def members(path: Path, *, most: int, largest: int) -> Iterator[Member]:
    """The files of an archive in its own order, but for links and devices.

    Names that cannot be printed are left out, too: some are not UTF-8.

    Args:
        path: Its ending is one of `ENDINGS`.
        most: Bytes of all files, unpacked.
        largest: Bytes of a file that is read.

    Raises:
        ArchiveRefusedError: a path leads out of the archive, it is larger than
            ``most``, a bomb, or broken.
    """
    ratio = max(BOMB_BYTES, BOMB_RATIO * path.stat().st_size)
    budget = _Budget(min(most, ratio))
    try:
        if path.name.lower().endswith((".zip", ".whl")):
            yield from _zip(path, budget, largest)
        else:
            yield from _tar(path, budget, largest)
    except BROKEN as error:
        msg = f"it cannot be read ({str(error)[:120] or type(error).__name__})"
        raise ArchiveRefusedError(msg) from error


class _Budget:
    """Bytes and files that an archive may still bring."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._files = 0

    def count(self) -> None:
        self._files += 1
        if self._files > MOST_FILES:
            msg = f"it has more than {MOST_FILES:,} files"
            raise ArchiveRefusedError(msg)

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            msg = f"it unpacks to more than {self._most:,} bytes"
            raise ArchiveRefusedError(msg)


class _Counted(io.RawIOBase):
    """An unpacked stream that ends the reading at the budget's end."""

    def __init__(self, file: BinaryIO, budget: _Budget) -> None:
        self._file, self._budget = file, budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(size)
        self._budget.take(len(content))
        return content


def _tar(path: Path, budget: _Budget, largest: int) -> Iterator[Member]:
    ending = next(end for end in TARS if path.name.lower().endswith(end))
    with TARS[ending](path, "rb") as file:
        counted = _Counted(file, budget)
        with tarfile.open(fileobj=counted, mode="r|") as archive:
            for info in archive:
                budget.count()
                if not info.isreg() or not info.name.isprintable():
                    continue
                name = _safe(info.name)
                if info.size > largest:
                    yield Member(name, None, info.size)
                    continue
                if info.issparse():  # its holes are not in the stream
                    budget.take(info.size)
                content = archive.extractfile(info)
                assert content is not None
                yield Member(name, content.read(), info.size)


def _zip(path: Path, budget: _Budget, largest: int) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            budget.count()
            link = info.external_attr >> 28 == 0xA
            if info.is_dir() or link or not info.filename.isprintable():
                continue
            name = _safe(info.filename)
            if info.file_size > largest:
                yield Member(name, None, info.file_size)
                continue
            with archive.open(info) as file:
                content = file.read(largest + 1)  # the size in the head may be a lie
            budget.take(len(content))
            whole = len(content) <= largest
            yield Member(name, content if whole else None, len(content))


def _safe(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    tricky = not parts or parts[0] == "/" or ".." in parts or "\0" in name
    if tricky or len(parts) > DEEPEST or len(name) > LONGEST_NAME:
        msg = f"the path {name[:80]!r} leads out of it, or is no path"
        raise ArchiveRefusedError(msg)
    return "/".join(parts)
