"""What stands around the cursor: the names, how near they are, what encloses them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codeassist.engine.context.outline import identifiers, split
from codeassist.ignore import contents
from codeassist.languages import of_path

from .model import View

__all__ = ["Surroundings", "look_around"]

ABOVE, BELOW = 40, 12
"""Rows whose names count."""

SIMILAR_ABOVE, SIMILAR_BELOW = 12, 4
"""Rows that similar code is looked for by."""

CALLED_ABOVE = 3
"""Rows whose calls count."""

HEADERS = 4
"""Lines that enclose the cursor, at the most."""

HEADER_DISTANCE = 2.0
"""As so many rows away their names count."""

LOOKED_BACK = 2_000
"""Rows above the cursor among which they are looked for."""

LINE = 400
"""Characters of a line that are read."""

CALLED = re.compile(r"([^\W\d]\w+)\s*\(")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The place at which a text is wanted."""

    path: str
    """In the repository."""

    names: Mapping[str, float]
    """By how near they stand, from 1 down, the nearest first."""

    called: tuple[str, ...]
    """Names of what is called near the cursor, and of what encloses it."""

    words: Mapping[str, float]
    """The words of the names nearby, with their weight."""

    lines: Sequence[str]
    """The whole file; none where a private key stands in it."""

    shown: range
    """Rows that the prompt shows."""

    seen: frozenset[str]
    """Those rows without their indentation."""

    def affinity(self, name: str) -> float:
        """How much a name has in common with those nearby, from 0 to 1."""
        words = split(name)
        if not words:
            return 0.0
        return sum(self.words.get(word, 0.0) for word in words) / (2 * len(words))


def look_around(view: View, path: str) -> Surroundings:
    """Read the lines around the cursor; the cost does not grow with the file's syntax.

    A name weighs 1/(1+d/10)² at a distance of d rows, as in Zed's index. What encloses
    the cursor is told by indentation alone, so that broken syntax does not matter.

    Args:
        view: The open file.
        path: Of the file, in the repository.
    """
    text = view.before + view.after
    lines = text.split("\n")
    row = view.before.count("\n")
    shown = range(row - view.head.count("\n"), row + view.tail.count("\n") + 1)
    language = of_path(path).name
    headers = tuple(_enclosing(lines, row))
    near = _rows(lines, row, ABOVE, BELOW)
    weighed = [(i, float(abs(i - row))) for i in near]
    weighed += [(i, HEADER_DISTANCE) for i in headers]
    names: dict[str, float] = {}
    for i, distance in weighed:
        weight = (1 + distance / 10) ** -2
        for name in identifiers(lines[i][:LINE].encode("utf-8", "replace"), language):
            names[name] = max(weight, names.get(name, 0.0))
    close = _rows(lines, row, CALLED_ABOVE, 1)
    called = dict.fromkeys(
        name
        for i in (*reversed(close), *headers)
        for name in CALLED.findall(lines[i][:LINE])
        if name in names
    )
    return Surroundings(
        path=path,
        names=dict(sorted(names.items(), key=lambda each: -each[1])),
        called=tuple(called),
        words=_words(lines, row, language),
        lines=() if contents.has_private_key(text) else lines,
        shown=shown,
        seen=frozenset(filter(None, (lines[i].strip() for i in shown))),
    )


def _rows(lines: Sequence[str], row: int, above: int, below: int) -> range:
    return range(max(0, row - above), min(len(lines), row + below + 1))


def _words(lines: Sequence[str], row: int, language: str) -> dict[str, float]:
    """Words of the names on the nearest rows; those of the cursor's row count twice."""
    words: dict[str, float] = {}
    for i in _rows(lines, row, SIMILAR_ABOVE, SIMILAR_BELOW):
        weight = 2.0 if i == row else 1 / (1 + abs(i - row) / 10)
        for name in identifiers(lines[i][:LINE].encode("utf-8", "replace"), language):
            for word in split(name):
                words[word] = max(weight, words.get(word, 0.0))
    return words


def _enclosing(lines: Sequence[str], row: int) -> Iterator[int]:
    """Rows above that are indented less and less, the innermost first."""
    inner = _indent(lines[row]) if lines[row].strip() else _next_indent(lines, row)
    found = 0
    for i in range(row - 1, max(-1, row - LOOKED_BACK), -1):
        if inner == 0 or found == HEADERS:
            return
        line = lines[i]
        if line.strip() and _indent(line) < inner and line.lstrip()[0] not in ")]}#":
            inner = _indent(line)
            found += 1
            yield i


def _next_indent(lines: Sequence[str], row: int) -> int:
    """Of an empty line: what stands in it, or what the line above it has."""
    if lines[row]:
        return len(lines[row])
    above = (line for line in reversed(lines[max(0, row - 20) : row]) if line.strip())
    return _indent(next(above, ""))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
