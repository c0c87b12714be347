"""Which adapter is active for a model, and which ones were before it."""

import json
from pathlib import Path

from codeassist.engine.models.store import Located
from codeassist.errors import AdapterError

from .base import base_of
from .store import Stored, adapters_dir, changing, find, verify

__all__ = ["activate", "active", "active_file", "active_for", "chosen", "rollback"]

MOST = 50
"""Changes of a base that can be taken back."""

History = dict[str, list[str]]
"""SHA-256 of a base to the names of its adapters, the active one last."""


def active_file() -> Path:
    """The one file that says what is active; it is replaced when that changes."""
    return adapters_dir() / "active.json"


def active(sha256: str) -> Stored | None:
    """The active adapter of the base of this digest, if any.

    Raises:
        AdapterError: the store, or that adapter, is damaged.
    """
    names = _there(_read().get(sha256, []))
    return find(names[-1]) if names else None


def active_for(located: Located) -> Path | None:
    """The adapter file that completes with a model; None: the catalog's, or none.

    Cheap where nothing is active. The digest decides, so that no adapter ever meets
    another model's weights, whatever they are called.

    Raises:
        AdapterError: the store, or the active adapter, is damaged.
    """
    history = _read()
    if not any(_there(names) for names in history.values()):
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
    return Path(named) if named else active_for(located) or located.adapter


def activate(name: str) -> Stored:
    """Make an adapter the active one of its base; `rollback` takes it back.

    Raises:
        AdapterError: there is none, or it is damaged.
    """
    stored = find(name)
    verify(stored)
    with changing():
        history = _read()
        names = _there(history.get(stored.about.base.sha256, []))
        if names[-1:] != [name]:
            names.append(name)
        history[stored.about.base.sha256] = names[-MOST:]
        _write(history)
    return stored


def rollback(sha256: str) -> Stored | None:
    """Go back to the adapter that was active before; None: the base is as it came.

    Raises:
        AdapterError: no adapter is active, or the one before is damaged.
    """
    with changing():
        history = _read()
        names = _there(history.get(sha256, []))
        if not names:
            msg = "no adapter is active for this model; there is nothing to take back"
            raise AdapterError(msg)
        names.pop()
        before = find(names[-1]) if names else None
        history[sha256] = names
        _write(history)
    return before


def _sized(history: History, size: int) -> bool:
    return any(
        find(names[-1]).about.base.size == size
        for names in map(_there, history.values())
        if names
    )


def _there(names: list[str]) -> list[str]:
    """The adapters of these that were not removed; none twice in a row."""
    kept: list[str] = []
    for name in names:
        if (adapters_dir() / name).is_dir() and kept[-1:] != [name]:
            kept.append(name)
    return kept


def _read() -> History:
    path = active_file()
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(sha): [str(name) for name in names] for sha, names in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        msg = f"{path} is damaged ({error}); delete it and activate an adapter again"
        raise AdapterError(msg) from error


def _write(history: History) -> None:
    path = active_file()
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(history, indent=1) + "\n", "utf-8")
        part.replace(path)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); see its rights"
        raise AdapterError(msg) from error
