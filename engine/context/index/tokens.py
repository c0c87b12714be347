"""The names and the words of a text, found and counted without a loop over them.

A name is a run of letters, digits and ``_`` that begins with no digit; keywords are
none. A word is a part of a name, as `codeassist.engine.context.outline.split` cuts it,
in lower case. Of both, single letters are left out, and words that are numbers. All
that is not ASCII counts as small letters.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codeassist.engine.context.outline.keywords import KEYWORDS

from .postings import MOST, Postings
from .ragged import starts_of, take
from .terms import Terms, span_terms, terms

__all__ = ["Stretches", "names_and_words"]

LOWER, UPPER, DIGIT, JOINER = range(1, 5)
LEAST, LONGEST = 2, 100
"""Bytes. Longer runs are data (base64, hashes), not names."""

Classes = NDArray[np.uint8]
Ids = NDArray[np.int64]


def _class_of(byte: int) -> int:
    letter = chr(byte)
    if byte >= 0x80:
        return LOWER
    if letter == "_":
        return JOINER
    if not letter.isalnum():
        return 0
    return DIGIT if letter.isdigit() else UPPER if letter.isupper() else LOWER


CLASSES = bytes(map(_class_of, range(256)))
WORD_CLASSES = CLASSES.replace(bytes([JOINER]), bytes(1))


class Stretches(NamedTuple):
    """How a text is cut into chunks."""

    starts: Ids
    """First byte of each chunk; the first chunk starts the text."""

    languages: NDArray[np.int16]
    """Of each chunk: an index into `spoken`."""

    spoken: Sequence[str]


def names_and_words(text: bytes, cut: Stretches) -> tuple[Postings, Postings]:
    """In which chunks each name, and each word of the names, occurs, and how often."""
    classes = np.frombuffer(text.translate(CLASSES), np.uint8)
    inside = classes > 0
    change = np.ones(len(text) + 1, bool)
    np.not_equal(inside[1:], inside[:-1], out=change[1:-1])
    bounds = np.flatnonzero(change)
    if not inside[:1].any():
        bounds = bounds[1:]
    # every second bound is an end; the text's own may be left over
    starts, lengths = _names(classes, bounds[:-1:2], bounds[1::2])
    before = np.searchsorted(starts, np.append(cut.starts, len(text)))
    chunks = np.repeat(np.arange(len(cut.starts)), np.diff(before))
    names, where = _counted(span_terms(text, starts, lengths), chunks, cut)
    return names, _words(text, starts[where], lengths[where], names)


def _words(text: bytes, starts: Ids, lengths: Ids, names: Postings) -> Postings:
    """The words of some spans, where the names in the spans occur."""
    # note: the byte behind a name belongs to none, and so keeps it from the next
    ends = np.cumsum(lengths + 1)
    rows = np.arange(lengths.sum() + len(ends))
    rows += np.repeat(starts - ends + lengths + 1, lengths + 1)
    joined = np.frombuffer(text + b"\0", np.uint8)[rows].tobytes()
    classes = np.frombuffer(joined.translate(WORD_CLASSES), np.uint8)
    upper, lower = classes == UPPER, classes == LOWER
    change = np.ones(len(joined) + 1, bool)
    np.not_equal(classes[1:], classes[:-1], out=change[1:-1])
    change[1:-1] &= ~(upper[:-1] & lower[1:])
    # HTTPServer: the last capital before a small letter begins the next word
    change[1:-2] |= upper[:-2] & upper[1:-1] & lower[2:]
    bounds = np.flatnonzero(change)
    begins, sizes = _names(classes, bounds[:-1], bounds[1:])
    vocabulary, words = np.unique(
        span_terms(joined.lower(), begins, sizes), return_inverse=True
    )
    owners = np.searchsorted(ends, begins, side="right")
    of_name = starts_of(np.bincount(owners, minlength=len(ends)))
    posted = np.repeat(np.arange(len(ends)), np.diff(names.starts))
    posting, places = take(of_name, posted)
    each = np.diff(posting)
    return Postings.gather(
        vocabulary,
        words[places],
        np.repeat(names.chunks, each),
        np.repeat(names.counts, each),
    )


def _names(classes: Classes, starts: Ids, ends: Ids) -> tuple[Ids, Ids]:
    """Starts and lengths of those spans that can be names."""
    lengths = ends - starts
    first = classes[starts]
    kept = (first > 0) & (first != DIGIT) & (lengths >= LEAST) & (lengths <= LONGEST)
    return starts[kept], lengths[kept]


def _counted(found: Terms, chunks: Ids, cut: Stretches) -> tuple[Postings, Ids]:
    """The postings of names, and for each name a place at which it occurs.

    *Shape:* ``found``, ``chunks`` ``(occurrences,)``.
    """
    # note: sorting the number's upper bits with the place below them is four times
    # faster than sorting places by numbers
    places = np.uint64((1 << len(found).bit_length()) - 1)
    keys = found & ~places | np.arange(len(found), dtype=np.uint64)
    keys.sort()
    order = (keys & places).astype(np.int64)
    of_chunk = chunks[order]
    new_name = _starts(keys & ~places)
    begins = np.flatnonzero(new_name | _starts(of_chunk))
    counts = np.diff(begins, append=len(order))
    row = np.cumsum(new_name)[begins] - 1
    where = order[new_name]
    told = _told(found[where], row, of_chunk[begins], cut)
    row = row[told]
    left = np.flatnonzero(np.bincount(row, minlength=len(where)))
    names = Postings(
        terms=found[where[left]],
        starts=np.append(np.searchsorted(row, left), len(row)).astype(np.uint32),
        chunks=of_chunk[begins][told].astype(np.int32),
        counts=np.minimum(counts[told], MOST).astype(np.uint8),
    )
    return names, where[left]


def _starts(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a value differs from the one before."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _told(numbers: Terms, rows: Ids, chunks: Ids, cut: Stretches) -> NDArray[np.bool_]:
    """Which postings are of no keyword of their chunk's language."""
    told = np.ones(len(rows), bool)
    for index, language in enumerate(cut.spoken):
        dropped = np.isin(numbers, _keywords(language))
        told &= ~(dropped[rows] & (cut.languages[chunks] == index))
    return told


@cache
def _keywords(language: str) -> Terms:
    found: Mapping[str, frozenset[bytes]] = KEYWORDS
    return terms(sorted(found.get(language, ())))
