"""Which adapter is active for a model, and which ones were before it."""

from contextlib import suppress
from pathlib import Path

from codeassist.engine.models.store import Located
from codeassist.errors import AdapterError

from .base import base_of
from .history import History, adapters_dir, changing, read_history, write_history
from .store import Stored, find, verify

__all__ = ["activate", "active", "active_for", "chosen", "rollback"]

MOST = 50
"""Changes of a base that can be taken back."""


def active(sha256: str) -> Stored | None:
    """The active adapter of the base of this digest, if any.

    Raises:
        AdapterError: the store, or that adapter, is damaged.
    """
    names = _there(read_history().get(sha256, []), sha256)
    return find(names[-1]) if names else None


def active_for(located: Located) -> Path | None:
    """The adapter file that completes with a model; None: the catalog's, or none.

    Cheap where nothing is active. The digest decides, so that no adapter ever meets
    another model's weights, whatever they are called.

    Raises:
        AdapterError: the store, or the active adapter, is damaged.
    """
    history = read_history()
    if not any(history.values()):
        return None
    if located.entry is None and not _sized(history, located.path.stat().st_size):
        return None  # no active adapter is of so large a file: it need not be read
    stored = active(base_of(located).sha256)
    return stored.path if stored else None


def chosen(named: str, located: Located) -> Path | None:
    """The adapter that completes: the named one, else the active, else the catalog's.

    Args:
        named: The setting ``model.adapter``; empty: none is named.
        located: The model.

    Raises:
        AdapterError: as of `active_for`.
    """
    if named:
        return Path(named).expanduser()
    return active_for(located) or located.adapter


def activate(name: str) -> Stored:
    """Make an adapter the active one of its base; `rollback` takes it back.

    Raises:
        AdapterError: there is none, or it is damaged.
    """
    stored = find(name)
    verify(stored)
    with changing():
        history, base = read_history(), stored.about.base.sha256
        names = _there(history.get(base, []), base)
        if names[-1:] != [name]:
            names.append(name)
        history[base] = names[-MOST:]
        write_history(history)
    return stored


def rollback(sha256: str) -> Stored | None:
    """Go back to the adapter that was active before; None: the base is as it came.

    Raises:
        AdapterError: no adapter is active, or the one before is damaged.
    """
    with changing():
        history = read_history()
        names = _there(history.get(sha256, []), sha256)
        if not names:
            msg = "no adapter is active for this model; there is nothing to take back"
            raise AdapterError(msg)
        names.pop()
        before = find(names[-1]) if names else None
        history[sha256] = names
        write_history(history)
    return before


def _sized(history: History, size: int) -> bool:
    """Whether an active adapter may be of a base of so many bytes."""
    return any(
        _may_be_of(names[-1], size)
        for sha256, recorded in history.items()
        if (names := _there(recorded, sha256))
    )


def _may_be_of(name: str, size: int) -> bool:
    try:
        return find(name).about.base.size == size
    except AdapterError:  # a damaged one is told of where it would be used
        return True


def _there(names: list[str], sha256: str) -> list[str]:
    """The adapters of these that are there and of that base; none twice in a row.

    A damaged one stays: who uses it is told.
    """
    kept: list[str] = []
    for name in names:
        if not (adapters_dir() / name).is_dir() or kept[-1:] == [name]:
            continue
        with suppress(AdapterError):
            if find(name).about.base.sha256 != sha256:
                continue
        kept.append(name)
    return kept
