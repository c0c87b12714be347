"""Real code to measure a model on: files that are named, a folder's, or our own."""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import codeassist
from codeassist.errors import SourceFileError
from codeassist.ignore import Rules, is_by_hand
from codeassist.languages import PLAIN, of_path

__all__ = ["Sample", "chunked", "read_sample"]

PART = 6_000
"""Characters of one file at the most, so that a sample has many."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some code."""

    text: str
    origin: str
    """Where it comes from, in words."""


def read_sample(named: Sequence[Path], characters: int) -> Sample:
    """Gather code: of what is named, else of the current folder, else our own.

    Args:
        named: Files, read whole, and folders, of which every file gives its beginning.
        characters: Where to stop.

    Raises:
        SourceFileError: a file that cannot be read, or nothing to read at all.
    """
    if named:
        text = "\n".join(_limited(_named(named), characters))
        if not text.strip():
            msg = f"there is no code in {', '.join(map(str, named))}; name other files"
            raise SourceFileError(msg)
        return Sample(text, _said(", ".join(map(str, named))))
    here, own = Path.cwd(), Path(str(codeassist.__file__)).parent
    text = "\n".join(_limited(_folder(here), characters))
    if len(text) >= characters / 2:
        return Sample(text, _said(f"code in {here}"))
    text += "\n" + "\n".join(_limited(_folder(own), characters - len(text)))
    return Sample(text, "codeassist's own source")


def chunked(
    ids: Sequence[int], *, tokens: int, length: int, begin: int | None
) -> list[list[int]]:
    """Cut the first ``tokens`` ids into pieces of ``length``, each a text of its own.

    Args:
        ids: Of the text.
        tokens: How many to take.
        length: Of a piece, the token that begins it included.
        begin: Token that begins every text of this vocabulary.

    Raises:
        SourceFileError: too little text for one piece of two tokens.
    """
    lead = [] if begin is None else [begin]
    step = length - len(lead)
    taken = ids[:tokens]
    pieces = [[*lead, *taken[at : at + step]] for at in range(0, len(taken), step)]
    pieces = [piece for piece in pieces if len(piece) > len(lead) + 1]
    if not pieces:
        msg = f"the text has {len(ids)} tokens; name more of it"
        raise SourceFileError(msg)
    return pieces


def _said(name: str) -> str:
    """As it can stand in a GGUF: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def _limited(texts: Iterator[str], characters: int) -> Iterator[str]:
    for text in texts:
        if characters <= 0:
            return
        yield text[:characters]
        characters -= len(text)


def _named(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
            continue
        try:
            yield path.read_text("utf-8", errors="replace")
        except OSError as error:
            msg = f"{path}: cannot be read ({error.strerror}); name a text file"
            raise SourceFileError(msg) from error


def _folder(folder: Path) -> Iterator[str]:
    """Beginnings of a folder's code files, in an order that is mixed and always so."""
    code = (found.path for found in Rules(folder).walk())
    paths = sorted(path for path in code if of_path(path) is not PLAIN)
    random.Random(0).shuffle(paths)
    for path in paths:
        try:
            data = (folder / path).read_bytes()
        except OSError:
            continue
        if is_by_hand(data):
            yield data.decode("utf-8", errors="replace")[:PART]
