"""Files that are there whole or not at all, whoever else writes and whatever fails."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "write_text"]


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


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with the line breaks that the text has.

    Raises:
        OSError: the folder is missing, read-only or full.
    """
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
