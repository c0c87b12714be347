"""The places in a file where a hole can be."""

import random
from itertools import pairwise

import pytest

from codeassist.evaluate.holes.places import KINDS, MAX_CHARACTERS, places
from codeassist.grammars import NAMES
from tests.evaluate.repositories import SAMPLES


def middles(text, language="python", kind=None, **options):
    """The texts of the places of one kind, or of all."""
    kinds = KINDS if kind is None else (kind,)
    raw = text.encode()
    found = places(raw, language, seed="0", kinds=kinds, **options)
    return [raw[start:end].decode() for kind in kinds for start, end in found[kind]]


@pytest.mark.parametrize("language", NAMES)
def test_each_language_has_its_condition_arguments_and_block(language):
    """The grammar's names for the three parts are known in each language."""
    _, text = SAMPLES[language]
    dollar = "$" if language == "php" else ""
    condition = f"{dollar}limit > {dollar}count"
    arguments = [f"{dollar}limit, {dollar}count"]
    if language == "shellscript":  # its calls have no parentheses
        condition, arguments = "limit_above count", []
    assert middles(text, language, "condition") == [condition]
    assert middles(text, language, "arguments") == arguments
    assert any(
        block.startswith("report") and block.rstrip(";()").endswith("stop_all")
        for block in every_block(text, language)
    )


def every_block(text, language):
    """The innermost block, alone: its rows are those of the two calls."""
    first = text[: text.index("report")].count("\n")
    return middles(text, language, "block", rows=frozenset({first, first + 1}))


@pytest.mark.parametrize("language", NAMES)
def test_imports_comments_and_closers_are_no_lines_to_complete(language):
    """Of a whole file only lines of code are cut, none that is import or closer."""
    _, text = SAMPLES[language]
    lines = middles(text, language, "line")
    assert lines
    head = ("import", "use", "using", "#", "/", "package", "namespace", "require", ". ")
    assert not [line for line in lines if line.startswith((*head, "local os", "<"))]
    assert not [line for line in lines if line.strip("}) ;") in {"", "end", "done"}]
    assert {line for line in lines if "report" in line}
    assert {line for line in lines if "stop_all" in line}


PYTHON = '''\
# Copyright Somebody
"""What this is for."""
import os
from a import (
    one,
    two,
)

NAMES = [
    "only text",
    "more text",
]


class Shop:
    """A shop."""

    def open(self, door, *, key):
        """Open it.

        And so on.
        """
        # note: not twice
        if door.closed and key:
            door.turn(key, times=2)
            self.sign = "open"  # for all to see
        else:
            raise ValueError(f"no key for {door}")
        try:
            return self.sign
        finally:
            pass
'''


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_drawn_a_person_could_want_it(seed):
    """No hole is empty, too long, only comment, string, import or closer, overlaps."""
    raw = PYTHON.encode()
    found = places(raw, "python", seed=str(seed))
    ranges = sorted(place for of_kind in found.values() for place in of_kind)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    for start, end in ranges:
        middle = raw[start:end].decode()
        assert 0 < len(middle) <= MAX_CHARACTERS
        assert middle == middle.strip()
        assert not any(name in middle for name in ("import", "one,", "two,"))
        for words in ("And so on", "not twice", "A shop", "only text", "Copyright"):
            assert middle not in words


def test_a_block_begins_after_its_docstring_at_its_indentation():
    """The docstring and comments tell what is wanted: they stay before the cursor."""
    blocks = middles(PYTHON, kind="block", rows=frozenset(range(15, 32)))
    assert all(not block.startswith(('"""', "#")) for block in blocks)
    raw = PYTHON.encode()
    for start, _ in places(raw, "python", seed="1", kinds=("block",))["block"]:
        assert raw[:start].rpartition(b"\n")[2].strip() == b""


def test_a_line_keeps_its_indentation_before_the_cursor():
    """What is asked of a line is its code."""
    lines = middles("def f(a):\n\tif a:\n\t\tgo(a)\t\n", kind="line")
    assert sorted(lines) == ["def f(a):", "go(a)", "if a:"]


def test_lines_that_end_in_a_comment_are_not_cut():
    """Nobody can be expected to write the same comment, nor has one before the code."""
    lines = middles("value = compute()  # the sum\nother = compute()\n", kind="line")
    assert lines == ["other = compute()"]


ODD = 'name = "👩🏽‍🔬"; e\u0301tage = great(name)\r\n\tvalue = name + "\U0001f600" + name\r\nlast = name\r\n'


@pytest.mark.parametrize("kind", ["rest-of-line", "span"])
def test_characters_are_never_cut_in_two(kind):
    """Neither in bytes, nor between a letter and its accent, nor in CR LF."""
    raw = ODD.encode()
    drawn = {
        place
        for seed in range(300)
        for place in places(raw, "python", seed=str(seed), kinds=(kind,))[kind]
    }
    assert len(drawn) > 40
    for start, end in drawn:
        parts = [raw[:start].decode(), raw[start:end].decode(), raw[end:].decode()]
        assert "".join(parts) == ODD
        assert not parts[1].endswith("\r")
        for left, right in pairwise(parts):
            assert not right.startswith(("\u0301", "\u200d", "\U0001f3fd"))
            assert not left.endswith(("\u200d", "\r"))


def test_holes_keep_away_from_what_does_not_parse():
    """A file with a syntax error is used, but only where the error is far."""
    good = "".join(f"total_{n} = compute(total_{n}, {n})\n" for n in range(20))
    broken = good + "def (:\n" + good
    rows = {
        broken.encode()[:start].count(b"\n")
        for of in places(broken.encode(), "python", seed="0").values()
        for start, _ in of
    }
    assert rows
    assert max(row for row in rows if row < 20) == 14
    assert all(row < 15 or row > 25 for row in rows)


def test_a_file_that_is_all_error_has_no_place():
    """Text that is no program is left alone."""
    assert middles("}}} ((( def class ]]]\n= = = for\n") == []


@pytest.mark.parametrize("seed", range(20))
def test_the_rest_of_a_word_that_says_nothing_is_not_asked_for(seed):
    """`ret|urn` and `el|se:` are no holes, nor are numbers, however long the line."""
    text = "def f(a):\n    if a:\n        return\n    else:\n        return\n"
    table = "table = [\n    0x6A51, 0x6A52, 0x6A53,\n]\n"
    rows = frozenset({2, 3, 4, 6, 7})
    found = places((text + table).encode(), "python", seed=str(seed), rows=rows)
    assert not any(found.values())


def test_only_the_wanted_lines_are_cut():
    """With rows given, a hole touches no other line."""
    text = "".join(f"total_{n} = compute(total_{n}, {n})\n" for n in range(20))
    raw = text.encode()
    found = places(raw, "python", seed="3", rows=frozenset({4, 5, 9}))
    rows = {
        row
        for of in found.values()
        for start, end in of
        for row in range(raw[:start].count(b"\n"), raw[:end].count(b"\n") + 1)
    }
    assert rows == {4, 5, 9}


@pytest.mark.parametrize("seed", range(5))
def test_any_text_at_all_can_be_cut(seed):
    """Noise in any language gives places or none, but no error."""
    choose = random.Random(seed)
    noise = "".join(choose.choices("ab(){}[]:;\"'\n\r\t #/\\<>é\U0001f600=if ", k=2000))
    for language in NAMES:
        for of in places(noise.encode(), language, seed="0").values():
            for start, end in of:
                assert noise.encode()[start:end].decode().strip()
