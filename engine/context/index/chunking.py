"""Where a file is cut into stretches that read well by themselves."""

from collections.abc import Iterable

__all__ = ["chunk_rows"]

LEAST = 10
"""Rows that a chunk has before a definition may begin the next one."""

MOST = 40


def chunk_rows(rows: int, definitions: Iterable[int]) -> list[int]:
    """First rows of a file's chunks.

    A chunk begins at a definition where that leaves no crumbs, and is never longer
    than `MOST` rows.

    Args:
        rows: Of the file.
        definitions: First rows of what it defines.
    """
    starts = [0] if rows else []
    begin = 0
    for row in (*sorted(definitions), rows):
        if row - begin < LEAST and row != rows:
            continue
        while row - begin > MOST:
            begin += MOST
            starts.append(begin)
        if row > begin and row < rows:
            starts.append(row)
            begin = row
    return starts
