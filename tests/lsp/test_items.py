"""Which word an entry of the popup menu takes the place of."""

import pytest
from pygls.workspace import PositionCodec

from codeassist.lsp.documents import Document
from codeassist.lsp.items import SEEN, word_at


def word_before(text):
    """The word that stands before the end of a document."""
    codec = PositionCodec()
    document = Document("file:///a.py", source=text, version=1, position_codec=codec)
    return word_at(document, document.position(len(text)))


@pytest.mark.parametrize(
    ("text", "word"),
    [("", ""), ("x = ", ""), ("val", "val"), ("x.été_2", "été_2"), ("val\n", "")],
)
def test_the_word_at_the_cursor(text, word):
    """It is what stands of a word before the cursor, on the cursor's line."""
    found = word_before(text)

    assert found.text == word
    assert found.span.end.character - found.span.start.character == len(word)


def test_a_run_of_letters_without_end():
    """Letters far before the cursor are not looked at, which took minutes for 200,000."""
    letters = "a" * 200_000

    assert word_before(letters + " ").text == ""
    assert word_before(letters).text == "a" * SEEN
