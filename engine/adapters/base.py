"""Which weights a model's file has: its SHA-256, without reading it at every start."""

import json
from contextlib import suppress
from pathlib import Path

from codeassist.config import cache_dir
from codeassist.engine.models.store import Located, digest
from codeassist.whole import write_text

from .about import Base

__all__ = ["base_of"]

KNOWN = "digests.json"
MOST = 50
"""Files whose digest is remembered."""


def base_of(located: Located) -> Base:
    """The weights of a model.

    Of the catalog's models it is the catalog's digest, as `resolve` compared the size.
    Another file is read once (half a second for each GB), and again when its size or
    its time changes.
    """
    size = located.path.stat().st_size
    if located.entry is not None:
        return Base(located.entry.id, located.entry.sha256, size)
    return Base(located.path.name, _digest(located.path), size)


def _digest(path: Path) -> str:
    status = path.stat()
    stamp = f"{path.resolve()}\0{status.st_size}\0{status.st_mtime_ns}"
    known = _known()
    if stamp not in known:
        known[stamp] = digest(path)
        _remember(known)
    return known[stamp]


def _known() -> dict[str, str]:
    with suppress(OSError, ValueError):
        told = json.loads((cache_dir() / KNOWN).read_text("utf-8"))
        if isinstance(told, dict):
            return {str(key): str(value) for key, value in told.items()}
    return {}


def _remember(known: dict[str, str]) -> None:
    newest = dict([*known.items()][-MOST:])
    path = cache_dir() / KNOWN
    with suppress(OSError):  # a cache: without it the file is read again
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(newest))
