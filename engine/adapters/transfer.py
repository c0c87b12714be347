"""An adapter as one file to hand on: a ZIP of what lies in its folder."""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from codeassist.errors import AdapterError
from codeassist.whole import replacing

from .about import ABOUT, About, Base, parse
from .store import ADAPTER, REPORTS, Stored, add, verify

__all__ = ["Check", "export", "take_in", "take_in_gguf"]

LARGEST = 1 << 30
"""Bytes of a file in an archive."""

BROKEN = (EOFError, RuntimeError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error)

Check = Callable[[Path, Base], None]
"""Raises an `AdapterError` where an adapter does not fit the weights."""


def export(stored: Stored, target: Path) -> None:
    """Write an adapter, with its report, as one file.

    Raises:
        AdapterError: it is damaged, or the file cannot be written.
    """
    verify(stored)
    try:
        with (
            replacing(target) as part,
            zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name in (ABOUT, ADAPTER, *REPORTS):
                if (stored.folder / name).is_file():
                    archive.write(stored.folder / name, name)
    except OSError as error:
        msg = f"{target} cannot be written ({error.strerror}); name another file"
        raise AdapterError(msg) from error


def take_in(path: Path, check: Check, *, name: str = "") -> Stored:
    """Store what `export` wrote.

    Args:
        path: The file.
        check: Whether the adapter fits the weights that it says it is for.
        name: Another name than it has.

    Raises:
        AdapterError: cut short, changed, foreign, or made for other weights.
    """
    with tempfile.TemporaryDirectory(prefix="codeassist-") as folder:
        with _opened(path) as archive:
            about = parse(archive.read(ABOUT).decode(), f"{path}: {ABOUT}")
            for member in archive.namelist():
                copy = Path(folder) / member
                with archive.open(member) as source, copy.open("wb") as target:
                    shutil.copyfileobj(source, target)
        adapter = Path(folder) / ADAPTER
        if adapter.stat().st_size != about.size:
            raise AdapterError(_foreign(path, "the adapter has another size"))
        check(adapter, about.base)
        stored = Stored(about, Path(folder))
        try:
            verify(stored)
        except AdapterError as error:
            raise AdapterError(_foreign(path, "its bytes were changed")) from error
        reports = [Path(folder) / each for each in REPORTS]
        about = replace(about, name=name or about.name)
        return add(about, adapter, [each for each in reports if each.is_file()])


def take_in_gguf(path: Path, base: Base, check: Check, *, name: str) -> Stored:
    """Store a bare LoRA GGUF, which does not say whose weights it is for.

    Args:
        path: The file.
        base: The weights that it shall be used with.
        check: Whether it fits them.
        name: Its name.

    Raises:
        AdapterError: it is no LoRA adapter, is cut short or does not fit.
    """
    check(path, base)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return add(About(name, base, "0" * 64, 0, made), path)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, if it holds what it should and nothing else."""
    try:
        with zipfile.ZipFile(path) as archive:
            names, sizes = archive.namelist(), [i.file_size for i in archive.infolist()]
            if not {ABOUT, ADAPTER} <= {*names} <= {ABOUT, ADAPTER, *REPORTS}:
                raise AdapterError(_foreign(path, "it holds other files"))
            if len({*names}) < len(names) or max(sizes) > LARGEST:
                raise AdapterError(_foreign(path, "it holds files twice, or huge ones"))
            yield archive
    except BROKEN as error:
        what = "cut short, or not what `codeassist adapters export` wrote"
        raise AdapterError(_foreign(path, what)) from error
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); check the name"
        raise AdapterError(msg) from error


def _foreign(path: Path, why: str) -> str:
    return f"{path} cannot be imported: {why}; export it again"
