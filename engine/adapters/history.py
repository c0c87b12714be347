"""What was active for each base, in one file, and the folder that this is true of."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codeassist.config import data_dir
from codeassist.errors import AdapterError
from codeassist.lock import locked
from codeassist.whole import write_text

__all__ = [
    "History",
    "active_file",
    "adapters_dir",
    "changing",
    "forget",
    "read_history",
    "write_history",
]

History = dict[str, list[str]]
"""SHA-256 of a base to the names of its adapters, the active one last."""


def adapters_dir() -> Path:
    """The folder of adapters, in the user's data."""
    return data_dir() / "adapters"


def active_file() -> Path:
    """The one file that says what is active; it is replaced when that changes."""
    return adapters_dir() / "active.json"


@contextmanager
def changing() -> Iterator[None]:
    """Keep other processes from changing the store at the same time."""
    with locked(adapters_dir() / ".lock", wait=True):
        yield


def read_history() -> History:
    """What the file says.

    Raises:
        AdapterError: it is damaged.
    """
    path = active_file()
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(sha): [str(name) for name in names] for sha, names in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        msg = f"{path} is damaged ({error}); delete it and activate an adapter again"
        raise AdapterError(msg) from error


def write_history(history: History) -> None:
    """Replace the file.

    Raises:
        AdapterError: the system refuses.
    """
    path = active_file()
    try:
        write_text(path, json.dumps(history, indent=1) + "\n")
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); see its rights"
        raise AdapterError(msg) from error


def forget(name: str) -> None:
    """Take a name out, so that another adapter may have it and be active of nothing.

    Raises:
        AdapterError: the file is damaged, or the system refuses.
    """
    history = read_history()
    if any(name in names for names in history.values()):
        write_history(
            {sha: [n for n in names if n != name] for sha, names in history.items()}
        )
