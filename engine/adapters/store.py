"""The folder of adapters: each in a folder of its own, whole or not there at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codeassist.config import Warn
from codeassist.engine.models.store import digest
from codeassist.errors import AdapterError, DiskSpaceError

from .about import ABOUT, About, check_name, read, to_json
from .history import adapters_dir, changing, forget

__all__ = [
    "ADAPTER",
    "REPORTS",
    "Stored",
    "adapters",
    "add",
    "find",
    "name_of",
    "remove",
    "verify",
]

ADAPTER = "adapter.gguf"
REPORTS = ("report.html", "report.json")
"""Files that may stand beside the adapter."""

SPARE = 1 << 20
"""Bytes that are left free beside what is written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An adapter that lies in the store."""

    about: About
    folder: Path

    @property
    def path(self) -> Path:
        """The adapter itself."""
        return self.folder / ADAPTER


def name_of(file: str) -> str:
    """The name of an adapter by its file: those of the store lie in folders of theirs."""
    path = Path(file)
    return path.parent.name if path.name == ADAPTER else path.name


def adapters(warn: Warn = lambda _line: None) -> list[Stored]:
    """All adapters that are whole, the oldest first.

    Args:
        warn: Told of each damaged one.
    """
    return sorted(_whole(warn), key=lambda each: (each.about.made, each.about.name))


def _whole(warn: Warn) -> Iterator[Stored]:
    root = adapters_dir()
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                yield find(folder.name)
            except AdapterError as error:
                warn(str(error))


def find(name: str) -> Stored:
    """The adapter of a name.

    Raises:
        AdapterError: there is none, or it is damaged.
    """
    folder = adapters_dir() / check_name(name)
    if not folder.is_dir():
        known = ", ".join(each.about.name for each in adapters()) or "none"
        msg = f"there is no adapter {name!r}; known are {known}"
        raise AdapterError(msg)
    stored = Stored(replace(read(folder), name=name), folder)
    try:
        size = stored.path.stat().st_size
    except OSError as error:
        msg = f"{stored.path} is gone; run `codeassist adapters remove {name}`"
        raise AdapterError(msg) from error
    if size != stored.about.size:
        raise AdapterError(_damaged(stored, f"{size} bytes, not {stored.about.size}"))
    return stored


def verify(stored: Stored) -> None:
    """Compare every byte of an adapter with what was stored.

    Raises:
        AdapterError: they are others.
    """
    if digest(stored.path) != stored.about.sha256:
        raise AdapterError(_damaged(stored, "other bytes than it was stored with"))


def _damaged(stored: Stored, what: str) -> str:
    name = stored.about.name
    return f"{stored.path} has {what}; run `codeassist adapters remove {name}`"


def add(about: About, adapter: Path, reports: Sequence[Path] = ()) -> Stored:
    """Copy an adapter into the store, where it gets its name in one step.

    Args:
        about: Its name gets a number where it is taken; size and SHA-256 are those of
            the file.
        adapter: The GGUF; whether it fits its base has been checked.
        reports: Files of `REPORTS`.

    Raises:
        AdapterError: an unfit name, or the store cannot be written to.
        DiskSpaceError: no room.
    """
    check_name(about.name)
    root = adapters_dir()
    files = {ADAPTER: adapter, **{each.name: each for each in reports}}
    assert files.keys() <= {ADAPTER, *REPORTS}
    try:
        root.mkdir(parents=True, exist_ok=True)
        need = sum(each.stat().st_size for each in files.values()) + SPARE
        if (free := shutil.disk_usage(root).free) < need:
            msg = f"{root} has {free / 1e6:.0f} MB free, {need / 1e6:.0f} MB are needed; free some"
            raise DiskSpaceError(msg)
        part = Path(tempfile.mkdtemp(prefix=".", dir=root))
        try:
            for name, source in files.items():
                shutil.copyfile(source, part / name)
            size, sha = (part / ADAPTER).stat().st_size, digest(part / ADAPTER)
            with changing():
                name = _free_name(about.name)
                about = replace(about, name=name, size=size, sha256=sha)
                (part / ABOUT).write_text(to_json(about), "utf-8")
                part.chmod(0o755)
                part.rename(root / name)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        msg = (
            f"the adapter cannot be stored in {root} ({error.strerror}); see its rights"
        )
        raise AdapterError(msg) from error
    return Stored(about, root / name)


def remove(name: str) -> int:
    """Delete an adapter, a damaged one too; return the bytes freed.

    Where it was active the one before it is active again.

    Raises:
        AdapterError: there is none, or the system refuses.
    """
    folder = adapters_dir() / check_name(name)
    if not folder.is_dir():
        find(name)  # says what there is
    try:
        freed = sum(each.stat().st_size for each in folder.iterdir())
        with changing():
            forget(name)
            # note: renamed first, so that no half of it is ever found
            gone = Path(tempfile.mkdtemp(prefix=".", dir=adapters_dir()))
            shutil.rmtree(folder.rename(gone / name))
            gone.rmdir()
    except OSError as error:
        msg = f"{folder} cannot be removed ({error.strerror}); is it in use?"
        raise AdapterError(msg) from error
    return freed


def _free_name(wanted: str) -> str:
    root, name, n = adapters_dir(), wanted, 1
    while os.path.lexists(root / name):
        n += 1
        name = f"{wanted[:90]}-{n}"
    return name
