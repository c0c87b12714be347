"""Names and words are counted as the outline's own functions count them."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from codeassist.engine.context.index.chunking import MOST, chunk_rows
from codeassist.engine.context.index.postings import Postings
from codeassist.engine.context.index.terms import are_among, term, terms
from codeassist.engine.context.index.tokens import Stretches, names_and_words
from codeassist.engine.context.outline import identifiers, split

TEXTS = [
    "def getHTTPServer2Name(self_x, _private, X): return größe + 0x1F + a1b2",
    "",
    "x",
    "ABc ABCd aBC __init__ $dollar a_b_c " + "long" * 40,
    "if True:\r\n\tpass\f\nvalue = 'ünïcödé ümlaut'",
    "snake_case snake_case SnakeCase snakeCase",
]


def stretches(starts, languages, spoken):
    return Stretches(np.array(starts), np.array(languages, np.int16), spoken)


def told(postings, names):
    """Chunk and count of each posting, by name."""
    wanted = list(names)
    found = {}
    for index, begin, end in postings.find(terms(wanted)):
        chunks, counts = postings.chunks[begin:end], postings.counts[begin:end]
        found[wanted[index]] = list(zip(chunks.tolist(), counts.tolist(), strict=True))
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_same_as_outline(text):
    """The same names and words as `identifiers` and `split` find, as often."""
    names, words = names_and_words(text.encode(), stretches([0], [0], ("python",)))
    expected = identifiers(text.encode(), "python")
    assert told(names, expected) == {name: [(0, n)] for name, n in expected.items()}
    assert len(names.terms) == len(expected)
    parts = Counter()
    for name, n in expected.items():
        parts.update(dict.fromkeys(split(name), 0))
        for part in split(name):
            parts[part] += n
    kept = {p: n for p, n in parts.items() if len(p.encode()) > 1 and not p.isdigit()}
    assert told(words, kept) == {word: [(0, n)] for word, n in kept.items()}


def test_by_chunk_and_language():
    """Each chunk has its own counts; a keyword is dropped in its language alone."""
    text = b"func value\nvalue value\nfunc func\n"
    cut = stretches([0, 11, 23], [0, 1, 1], ("go", "python"))
    names, _ = names_and_words(text, cut)
    assert told(names, ["func", "value"]) == {
        "value": [(0, 1), (1, 2)],
        "func": [(2, 2)],
    }


def test_joined():
    """Joined postings are those of the joined text; dropped chunks are gone."""
    one, _ = names_and_words(b"alpha beta", stretches([0], [0], ("c",)))
    two, _ = names_and_words(b"beta gamma", stretches([0, 5], [0, 0], ("c",)))
    whole = Postings.joined([(one, np.array([0])), (two, np.array([1, -1]))])
    assert told(whole, ["alpha", "beta", "gamma"]) == {
        "alpha": [(0, 1)],
        "beta": [(0, 1), (1, 1)],
    }


def test_joined_in_another_order():
    """Chunks may change their order: a word's postings are sorted all the same."""
    text = b"alpha beta\nalpha alpha\nbeta\n"
    found, _ = names_and_words(text, stretches([0, 11, 23], [0] * 3, ("c",)))
    turned = Postings.joined([(found, np.array([2, 1, 0]))])
    assert told(turned, ["alpha", "beta"]) == {
        "alpha": [(1, 2), (2, 1)],
        "beta": [(0, 1), (2, 1)],
    }


def test_terms_differ():
    """Numbers of names depend on every byte and on the length, not on neighbours."""
    names = ["", "a", "a\0", "abcdefgh", "abcdefghi", "abcdefgh" * 3, "b"]
    numbers = terms(names).tolist()
    assert len(set(numbers)) == len(names)
    assert [term(name) for name in names] == numbers


@pytest.mark.parametrize(
    ("rows", "definitions", "expected"),
    [
        (0, [], []),
        (1, [], [0]),
        (25, [0, 12, 15], [0, 12]),
        (100, [], [0, 40, 80]),
        (60, [50], [0, 40, 50]),
    ],
)
def test_chunk_rows(rows, definitions, expected):
    """Chunks begin at definitions, are never too long, and leave no crumbs."""
    starts = chunk_rows(rows, definitions)
    assert starts == expected
    assert all(b - a <= MOST for a, b in pairwise([*starts, rows]))


@pytest.mark.parametrize("wanted", [[], ["b"], ["z", "c", "a", "c"]])
def test_are_among(wanted):
    """Each number is found or not, whatever the order, and among none nothing is."""
    names = ["a", "b", "c", "d", "a"]
    found = are_among(terms(names), terms(wanted))
    assert found.tolist() == [name in wanted for name in names]
