"""What is there whole or not at all, whoever else writes and whatever fails."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["filling", "replacing", "write_text"]


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """An empty file to write to, which takes `path`'s place once the block succeeds.

    It lies beside `path`, ends as it does, and is this block's own: two processes that
    write the same file leave that of the later one.

    Args:
        path: In a folder that is there.
        mode: The file's rights.

    Raises:
        OSError: the folder is missing, read-only or full.
    """
    handle, name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix
    )
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(mode)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def filling(path: Path) -> Iterator[Path]:
    """An empty folder to fill, whose files are in `path` once the block succeeds.

    A `path` that is there keeps what else lies in it, and may be a link.

    Raises:
        OSError: the folder above is missing, read-only or full.
    """
    path = path.resolve()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as name:
        fresh = Path(name) / path.name  # with everyone's rights, which `name` has not
        fresh.mkdir()
        yield fresh
        if not path.exists():
            fresh.rename(path)
            return
        for each in fresh.iterdir():
            each.replace(path / each.name)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with the line breaks that the text has.

    Raises:
        OSError: the folder is missing, read-only or full.
    """
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
