"""The models on this machine: where they lie, whether they are whole."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codeassist.config import data_dir
from codeassist.errors import (
    AdapterError,
    ChecksumError,
    ModelError,
    ModelFileError,
    ModelMissingError,
    UnknownModelError,
)
from codeassist.lock import locked

from .catalog import Entry, load
from .progress import SILENT, Progress

__all__ = [
    "Located",
    "Workspace",
    "digest",
    "find",
    "models_dir",
    "path_of",
    "remove",
    "resolve",
    "verify",
]

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Located:
    """A model that can be loaded."""

    path: Path
    entry: Entry | None
    """Its line of the catalog; None: a file of the user's own."""

    adapter: Path | None
    """The LoRA that the catalog wants over it."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a pull that is under way keeps its files.

    It lies in the folder of models, because the last step is a rename. The names
    hold the checksum: a changed catalog never goes on with another file's bytes.
    """

    part: Path
    """What is there of the file: always its beginning."""

    wheels: Path
    """Wheels that were fetched and not yet read."""

    lock: Path

    @classmethod
    def of(cls, entry: Entry) -> "Workspace":
        """The workspace of ``entry``."""
        stem = models_dir() / ".pull" / f"{entry.file}.{entry.sha256[:12]}"
        return cls(*(Path(f"{stem}.{end}") for end in ("part", "wheels", "lock")))

    def clear(self) -> None:
        """Delete what a pull left, but the lock: another process may wait for it."""
        self.part.unlink(missing_ok=True)
        shutil.rmtree(self.wheels, ignore_errors=True)


def models_dir() -> Path:
    """The folder of models: ``CODEASSIST_MODELS``, else in the user's data."""
    override = os.environ.get("CODEASSIST_MODELS")
    return Path(override).expanduser() if override else data_dir() / "models"


def path_of(entry: Entry) -> Path:
    """Where the file of ``entry`` lies, or would."""
    return models_dir() / entry.file


def find(model: str = "") -> Entry:
    """The catalog's entry ``model``; empty: the default.

    Raises:
        UnknownModelError: there is none.
    """
    entries = load()
    entry = _named(entries, model)
    if entry is None:
        msg = f"there is no model {model!r}; known are {', '.join(entries)}"
        raise UnknownModelError(msg)
    return entry


def _named(entries: Mapping[str, Entry], model: str) -> Entry | None:
    if model:
        return entries.get(model)
    return next(entry for entry in entries.values() if entry.default)


def resolve(id_or_path: str = "") -> Located:
    """Locate a model by its id, by the path of a GGUF, or the default one.

    Cheap: it compares the size with the catalog's, :func:`verify` the bytes.

    Raises:
        UnknownModelError: neither an id nor a file.
        ModelMissingError: an id whose file is not on this machine.
        ModelFileError: the file is there, but not in the catalog's size.
        AdapterError: the adapter that belongs to it is not there.
    """
    entries = load()
    entry = _named(entries, id_or_path)
    if entry is None:
        path = Path(id_or_path).expanduser()
        if path.is_file():
            return Located(path, None, None)
        msg = (
            f"{id_or_path!r} is neither a file nor a known model; "
            f"known are {', '.join(entries)}"
        )
        raise UnknownModelError(msg)
    path = path_of(entry)
    if not path.is_file():
        msg = (
            f"the model {entry.id} is not on this machine; "
            f"run `codeassist models pull {entry.id}`"
        )
        raise ModelMissingError(msg)
    if (size := path.stat().st_size) != entry.size:
        msg = (
            f"{path} has {size} bytes instead of {entry.size}; "
            f"run `codeassist models pull {entry.id}`"
        )
        raise ModelFileError(msg)
    return Located(path, entry, _adapter(entry))


def _adapter(entry: Entry) -> Path | None:
    if entry.adapter is None:
        return None
    if not entry.adapter.path.is_file():
        msg = f"the adapter {entry.adapter.path} of {entry.id} is gone; reinstall it"
        raise AdapterError(msg)
    return entry.adapter.path


def digest(path: Path, progress: Progress = SILENT) -> str:
    """SHA-256 of a file, in hex."""
    sha = hashlib.sha256()
    done = 0
    progress.start("checking", path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            sha.update(chunk)
            progress.at(done := done + len(chunk))
    return sha.hexdigest()


def verify(entry: Entry, progress: Progress = SILENT) -> Located:
    """Compare every byte of a model and its adapter with the catalog.

    Raises:
        ModelError: as :func:`resolve`.
        ChecksumError: the bytes are others.
    """
    located = resolve(entry.id)
    if digest(located.path, progress) != entry.sha256:
        msg = (
            f"{located.path} is damaged: its SHA-256 is not the catalog's; "
            f"run `codeassist models pull {entry.id}`"
        )
        raise ChecksumError(msg)
    if entry.adapter and digest(entry.adapter.path) != entry.adapter.sha256:
        msg = f"the adapter {entry.adapter.path} is damaged; reinstall it"
        raise ChecksumError(msg)
    return located


def remove(entry: Entry) -> int:
    """Delete a model and what unfinished pulls of it left; return the bytes freed.

    Raises:
        ModelError: a pull of it is under way, or the system refuses.
    """
    workspace = Workspace.of(entry)
    if not workspace.lock.is_file() and not path_of(entry).exists():
        return 0
    try:
        with locked(workspace.lock, wait=False):
            freed = sum(
                path.stat().st_size
                for path in (path_of(entry), workspace.part)
                if path.is_file()
            )
            path_of(entry).unlink(missing_ok=True)
            workspace.clear()
    except BlockingIOError as error:
        msg = f"another process is fetching {entry.id}; stop it first"
        raise ModelError(msg) from error
    except OSError as error:
        msg = f"{path_of(entry)} cannot be removed ({error.strerror}); is it in use?"
        raise ModelError(msg) from error
    return freed
