"""The index of a repository in the cache folder, between two runs of the server.

A manifest names the segments' files, uppermost first; all of them are written whole
under another name and then renamed, and none is ever changed. What is damaged, or of
another version, counts as absent: the scan that follows every start fills the gap.
Two servers of one repository do not harm each other: each writes files of its own, and
the manifest of the last one counts.
"""

import contextlib
import json
import logging
import mmap
import os
import time
import uuid
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from .segment import Segment
from .version import version

__all__ = ["Store", "open_segment", "write_block"]

MANIFEST = "manifest.json"
ENDING = ".segment"
KEPT_SECONDS = 3600
"""A file that no manifest names may be another server's; older ones are removed."""

log = logging.getLogger(__name__)


class Store:
    """The files of one repository's index.

    Args:
        cache: The folder that holds the indexes of all repositories.
        root: The repository's folder.
    """

    def __init__(self, cache: Path, root: Path) -> None:
        name = blake2b(os.fsencode(root), digest_size=16).hexdigest()
        self.folder = cache / name
        self._root = os.fspath(root)

    def load(self) -> tuple[list[tuple[str, Segment]], str]:
        """What was saved; segments that are not whole are left out."""
        try:
            with contextlib.suppress(OSError):
                self._sweep()
            text = (self.folder / MANIFEST).read_text(encoding="utf-8")
            told = json.loads(text)
            if told["format"] != version() or told["root"] != self._root:
                return [], ""
            names, configs = [str(name) for name in told["segments"]], told["configs"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("no index in %s: %s", self.folder, error)
            return [], ""
        loaded = ((name, open_segment(self.folder / name)) for name in names)
        return [(name, each) for name, each in loaded if each is not None], configs

    def save(self, names: Sequence[str], configs: str) -> None:
        """Name these files in the manifest; where that fails, the old one holds.

        Args:
            names: Of segments that `write_block` wrote, uppermost first.
            configs: Digest of the configuration that their imports were resolved by.
        """
        told = {
            "format": version(),
            "root": self._root,
            "segments": list(names),
            "configs": configs,
        }
        with contextlib.suppress(OSError):
            _write(self.folder, MANIFEST, json.dumps(told).encode())

    def remove(self, names: Iterable[str]) -> None:
        """Delete segments of this process that no manifest names any more."""
        for name in filter(None, names):
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    def _sweep(self) -> None:
        """Delete what killed servers left."""
        text = (self.folder / MANIFEST).read_text(encoding="utf-8")
        old = time.time() - KEPT_SECONDS
        for file in self.folder.iterdir():
            named = file.name == MANIFEST or file.name in text
            if not named and file.stat().st_mtime < old:
                with contextlib.suppress(OSError):
                    file.unlink()


def open_segment(file: Path, *, check: bool = True) -> Segment | None:
    """A segment from its file, which is mapped; None where it is not whole.

    Args:
        file: What `write_block` wrote.
        check: Whether to read all of it for its checksum.
    """
    try:
        with file.open("rb") as opened:
            block = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        return Segment.of_block(memoryview(block), check=check)
    except (OSError, ValueError) as error:
        log.warning("index file %s is not used: %s", file, error)
        return None


def write_block(folder: Path, block: bytes) -> str:
    """Write a segment's file; its name, or "" where there is no room for it."""
    name = f"{uuid.uuid4().hex}{ENDING}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it has the code's names
        _write(folder, name, block)
    except OSError as error:
        log.warning("the index stays in memory: %s", error)
        return ""
    return name


def _write(folder: Path, name: str, data: bytes) -> None:
    part = folder / f".{uuid.uuid4().hex}.part"
    try:
        part.write_bytes(data)
        part.replace(folder / name)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
