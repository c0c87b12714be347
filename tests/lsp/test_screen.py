"""Suggestions are followed through the edits of their documents."""

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from codeassist.lsp.documents import Document, Edit, Span
from codeassist.lsp.screen import Screen, Suggestion

URI = "file:///a.py"


class Page:
    """A document and the screen that follows it."""

    def __init__(self, source):
        self.screen = Screen()
        codec = PositionCodec(types.PositionEncodingKind.Utf32)
        self.document = Document(URI, source, position_codec=codec)
        self.made = []

    def show(self, at, *texts, first=1):
        """Show an answer at an offset."""
        numbered = dict(enumerate(texts, first))
        place = self.screen.place(URI, at)
        self.screen.show(self.document, place, numbered, self.make)

    def make(self, text):
        self.made.append(text)
        return Suggestion(text)

    def edit(self, start, end, text):
        """Change the document; the number of the item that this accepts."""
        self.document._replace(start, end, text)
        found = self.screen.edited(self.document, self.document.take_edits())
        return found.number if found else None


def test_acceptance_in_one_edit():
    """An edit that puts in the whole text is its acceptance, once."""
    page = Page("x = \n")
    page.show(4, "one + two")

    assert page.edit(4, 4, "one + two") == 1
    item = page.screen.find(1)
    taken = page.screen.take(item)
    assert (taken.taken, taken.whole) == ("one + two", True)
    assert (taken.place.start, taken.place.end) == (4, 13)
    assert page.screen.take(item) is None


@pytest.mark.parametrize(
    ("edits", "number"),
    [
        ([(4, 4, "one"), (7, 7, " + two")], 1),  # typed through, then accepted
        ([(4, 4, "one"), (4, 7, "one + two")], 1),  # by an edit that replaces
        ([(4, 4, "one + t"), (11, 11, "w"), (12, 12, "o")], None),  # typed to its end
        ([(4, 4, "one + twig")], None),
        ([(0, 0, "y = 3\n"), (10, 10, "one + two")], 1),  # after an edit above
        ([(3, 4, ""), (4, 4, "one + two")], None),  # somewhere else
    ],
)
def test_what_is_an_acceptance(edits, number):
    """What is left of the text has to come at once, where it was shown."""
    page = Page("x = \n")
    page.show(4, "one + two")

    assert [page.edit(*edit) for edit in edits][-1] == number


def test_short_texts_are_typed():
    """A bracket or two may be typed, and an editor closes brackets by itself."""
    page = Page("f(")
    page.show(2, ")\n")

    assert page.edit(2, 2, ")\n") is None


def test_short_text_by_command():
    """A short text that the client tells as accepted was not typed."""
    page = Page("f(")
    page.show(2, "x)")
    page.edit(2, 2, "x")
    page.edit(3, 3, ")")

    assert page.screen.take(page.screen.find(1)).taken == ")"


def test_line_ends_of_the_document():
    """A document in CRLF takes a text in its own line ends."""
    page = Page("x:\r\n")
    page.show(4, "one\ntwo")

    assert page.edit(4, 4, "one\r\ntwo") == 1


def test_rest_is_the_same_suggestion():
    """Typed through, a suggestion stays the same one; what differs is a new one."""
    page = Page("x = ")
    page.show(4, "one + two")
    page.edit(4, 4, "one")
    page.show(7, " + two", first=2)
    page.edit(7, 7, " ")
    page.show(8, "- four", first=3)

    assert page.made == ["one + two", "- four"]
    first, rest = page.screen.find(1), page.screen.find(2)
    assert first.suggestion is rest.suggestion


def test_parts():
    """Parts add up, whoever tells first; the whole ends it."""
    page = Page("x = ")
    page.show(4, "one + two")
    item = page.screen.find(1)
    page.edit(4, 4, "one")

    assert page.screen.take(item, 3).taken == "one"
    assert page.screen.take(item, 3) is None
    assert page.screen.take(item, 5).taken == "one +"
    assert not item.suggestion.whole
    page.edit(7, 7, " +")
    assert page.edit(9, 9, " two") == 1
    whole = page.screen.take(item)
    assert (whole.taken, whole.whole) == ("one + two", True)
    assert page.document.source[whole.place.start : whole.place.end] == "one + two"
    assert page.screen.take(item, 9) is None


def test_alternatives():
    """Any of several alternatives can be accepted."""
    page = Page("x = ")
    page.show(4, "first", "second")

    assert page.edit(4, 4, "second") == 2


def test_closed_document():
    """A document that was closed and opened again has nothing on screen."""
    page = Page("x = ")
    page.show(4, "one + two")
    accepted = page.screen.place(URI, 2, 3)
    page.screen.closed(URI)

    assert page.edit(4, 4, "one + two") is None
    page.edit(0, 0, "y")
    assert (accepted.start, accepted.end) == (3, 4)  # what was accepted is followed


@pytest.mark.parametrize(
    ("edit", "span"),
    [
        (Edit(0, 0, "abc"), (13, 23)),  # above
        (Edit(2, 6, ""), (6, 16)),
        (Edit(20, 20, "abc"), (10, 20)),  # at its end
        (Edit(25, 30, ""), (10, 20)),
        (Edit(12, 14, "abc"), (10, 21)),  # inside
        (Edit(8, 12, ""), (8, 16)),  # over its beginning
        (Edit(18, 24, "ab"), (10, 20)),  # over its end
        (Edit(5, 30, "x"), (5, 6)),  # over all of it
    ],
)
def test_span_follows(edit, span):
    """A span stays around the same text whatever is changed elsewhere."""
    here = Span(10, 20)
    here.move(edit)

    assert (here.start, here.end) == span


def test_edits_without_what_stays():
    """An edit that rewrites a whole document says only what it changes."""
    page = Page("one\ntwo\nthree\n")
    page.document._replace(0, 14, "one\n2\nthree\n")

    assert page.document.take_edits() == (Edit(4, 7, "2"),)
    assert page.document.take_edits() == ()
    page.document._replace(0, 12, page.document.source)
    assert page.document.take_edits() == (Edit(12, 12, ""),)
