"""Positions and edits are those of the specification, in each encoding."""

import random
import re

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from codeassist.lsp.documents import Document, characters, units

SAMPLE = 's = "🙂e\u0301ñ"; x\n'
"""An astral character, a decomposed letter, and one of two UTF-8 bytes."""


def document(source, encoding="utf-16"):
    """An open document."""
    codec = PositionCodec(types.PositionEncodingKind(encoding))
    return Document("file:///a.py", source, 1, "python", position_codec=codec)


def edit(doc, start, end, text):
    """Apply an edit, given as (line, character) pairs."""
    span = types.Range(types.Position(*start), types.Position(*end))
    doc.apply_change(types.TextDocumentContentChangePartial(span, text))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_there_and_back(encoding):
    """Every character's column leads back to it, in each encoding."""
    doc = document("first\n" + SAMPLE, encoding)
    for offset in range(len(doc.source) - 1):
        assert doc.offset(doc.position(offset)) == offset


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 14), ("utf-16", 10), ("utf-32", 9)]
)
def test_column_behind_the_sample(encoding, column):
    """The closing quote stands where the specification counts it."""
    doc = document(SAMPLE, encoding)

    assert doc.source[doc.offset(types.Position(0, column))] == '"'


def test_column_inside_a_character():
    """Half of a surrogate pair stands for the character's beginning."""
    assert characters("🙂x", 1, "utf-16") == 0
    assert characters("🙂x", 2, "utf-8") == 0
    assert units("🙂x", "utf-8") == 5


def test_beyond_the_end_of_a_line():
    """A column beyond the line's end stands for its end, line break excluded."""
    doc = document("ab\r\ncd\n")

    assert doc.offset(types.Position(0, 99)) == 2
    assert doc.offset(types.Position(2, 5)) == len(doc.source)
    assert doc.offset(types.Position(3, 0)) is None


@pytest.mark.parametrize("separator", "\x0b\x0c\x1c\x1d\x85\u2028\u2029")
def test_what_is_no_line_end(separator):
    """Form feeds and their like do not count as line ends, also when editing."""
    doc = document(f"a = 1\n{separator}\nb = 2\nc = 3\n")
    edit(doc, (3, 0), (3, 1), "NEW")

    assert doc.source == f"a = 1\n{separator}\nb = 2\nNEW = 3\n"


@pytest.mark.parametrize("source", ["", "a", "a\n", "a\r\nb\rc\n", "\n\n", "\r\r\n"])
def test_lines_are_the_document(source):
    """The lines put together are the document."""
    assert "".join(document(source).lines) == source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_edits_around_wide_characters(encoding):
    """An edit behind a wide character lands where the client meant it."""
    doc = document(SAMPLE, encoding)
    end = doc.position(SAMPLE.index("x"))
    at = (end.line, end.character)
    edit(doc, at, (at[0], at[1] + 1), "yz")

    assert doc.source == SAMPLE.replace("; x", "; yz")


def test_edit_at_the_very_end():
    """Typing on the empty last line appends."""
    doc = document("a\n")
    edit(doc, (1, 0), (1, 0), "é")
    edit(doc, (1, 1), (1, 1), "b")

    assert doc.source == "a\néb"


@pytest.mark.parametrize("letters", ["ab\r\n\n", "a\r\n\f\u2028é🙂"])
def test_lines_after_any_edits(letters):
    """However edits cut and join line ends, lines start where the text says."""
    choose = random.Random(letters)

    def text(longest):
        return "".join(choose.choices(letters, k=choose.randrange(longest)))

    for _ in range(200):
        doc = document(text(12))
        for _ in range(6):
            source = doc.source
            start = choose.randrange(len(source) + 1)
            end = choose.randrange(start, len(source) + 1)
            new = text(5)
            edit(doc, place(doc, start), place(doc, end), new)
            ends = [m.end() for m in re.finditer("\r\n|\r|\n", doc.source)]
            assert doc.starts.tolist() == [0, *ends]


def place(doc, offset):
    """Line and column of an offset."""
    position = doc.position(offset)
    return position.line, position.character


def test_a_long_document():
    """50,000 lines with an astral character: an edit lands, and the others stay."""
    doc = document("def f(): ...\n" * 50_000 + SAMPLE)
    edit(doc, (25_000, 4), (25_000, 5), "longer\n\n")
    assert doc.lines[25_000:25_004] == (
        "def longer\n",
        "\n",
        "(): ...\n",
        "def f(): ...\n",
    )
    assert doc.source[doc.offset(types.Position(50_002, 9))] == "ñ"
    edit(doc, (0, 0), (60_000, 0), "x = 1\n")
    assert doc.lines == ("x = 1\n", "")


def test_replacing_all_is_the_least_edit():
    """Of a document that is replaced whole only what differs counts as changed."""
    doc = document("same\nold\nsame\n" * 3)
    new = doc.source.replace("old", "brand new", 1)
    doc.apply_change(types.TextDocumentContentChangeWholeDocument(new))
    assert doc.source == new
    assert doc.take_edits() == ((5, 8, "brand new"),)


def test_a_long_text_that_replaces_all_is_not_copied():
    """Of a long document of which little stays, the new text is taken as it is."""
    doc = document("def old(): ...\n" * 50_000)
    assert doc.starts.size == 50_001
    new = SAMPLE + doc.source.replace("old", "new")
    doc.apply_change(types.TextDocumentContentChangeWholeDocument(new))
    assert doc.source is new
    (whole,) = doc.take_edits()
    assert whole.text is new
    assert doc.starts.size == 50_002
    assert doc.source[doc.offset(types.Position(0, 9))] == "ñ"
