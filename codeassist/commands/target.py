"""A file that a command writes in the end, tried before the work is done."""

from pathlib import Path
from tempfile import TemporaryFile

from codeassist.errors import InputError

__all__ = ["check_target"]


def check_target(path: Path) -> None:
    """Refuse what could not be written.

    Raises:
        InputError: a folder, or in one that is not there or takes no file.
    """
    if path.is_dir():
        msg = f"{path} is a folder; name a file in it"
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"{path.parent} is no folder; make it first, or name another"
        raise InputError(msg)
    try:
        TemporaryFile(dir=path.parent).close()
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); name another file"
        raise InputError(msg) from error
