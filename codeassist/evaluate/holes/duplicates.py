"""Whether the lines of a hole stand elsewhere, so that they could be copied."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from codeassist.evaluate.hole import Hole

__all__ = ["lines_of", "tag_duplicates"]


def tag_duplicates(
    holes: Sequence[Hole], files: Iterable[tuple[str, str]]
) -> list[Hole]:
    """Tag holes with ``dup``: ``yes`` where each of its lines is elsewhere, or ``no``.

    Lines are compared whole, without the blanks around them.

    Args:
        holes: Of one repository.
        files: Path and text of its files, as the system under test sees them.
    """
    places: dict[str, set[str]] = {line: set() for h in holes for line in lines_of(h)}
    for path, text in files:
        for line in places.keys() & _stripped(text):
            places[line].add(path)
    return [
        replace(hole, tags={**hole.tags, "dup": "yes" if dup else "no"})
        for hole in holes
        for around in [_around(hole)]
        for dup in [
            all(places[line] - {hole.path} or line in around for line in lines_of(hole))
        ]
    ]


def lines_of(hole: Hole) -> set[str]:
    """The whole lines that a hole touches, without the blanks around them."""
    before = hole.prefix.rpartition("\n")[2]
    after = hole.suffix.partition("\n")[0]
    return _stripped(before + hole.middle + after)


def _around(hole: Hole) -> set[str]:
    """The lines of its file that a hole does not touch."""
    before = hole.prefix.rpartition("\n")[0]
    after = hole.suffix.partition("\n")[2]
    return _stripped(before) | _stripped(after)


def _stripped(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n")} - {""}
