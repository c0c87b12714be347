"""What changes when a file does: nothing of it is read."""

from pathlib import Path

__all__ = ["Stamp", "stamp"]

Stamp = tuple[int, int] | None
"""Size in bytes and time of the last change in nanoseconds; None: there is no file."""


def stamp(path: Path | str) -> Stamp:
    """The stamp of a file; that of an empty path is None."""
    try:
        status = Path(path).stat() if path else None
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if status else None
