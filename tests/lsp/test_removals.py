"""What a document remembers of the text that was deleted from it."""

import pytest
from lsprotocol import types

from codeassist.engine import Request
from codeassist.lsp.removals import KEPT, LONGEST
from codeassist.lsp.translate import read_request
from tests.lsp.test_documents import document, edit

PASSWORD = "password = " + '"q7Rz2mK9vXc4"'


def test_keys_that_delete_one_after_another_are_one_deletion():
    """Backspaces leave the text as it stood; so do presses of Delete."""
    backwards, forwards = document("x = old\n"), document("x = old\n")
    for column in (7, 6, 5):
        edit(backwards, (0, column - 1), (0, column), "")
        edit(forwards, (0, 4), (0, 5), "")

    assert backwards.removed(4) == forwards.removed(4) == ("old",)


def test_what_is_replaced_counts_without_what_stays():
    """A line put in the place of another loses what both have in common."""
    doc = document("x = old(a, b)\n")
    edit(doc, (0, 0), (0, 13), "x = new(a, b)")

    assert doc.removed(4) == ("old",)


def test_the_newest_stands_first_and_the_oldest_goes():
    """A few deletions are remembered; a mistyped letter pushes none of them out."""
    doc = document("".join(f"number_{n}\n" for n in range(KEPT + 2)))
    for n in range(KEPT + 1):
        edit(doc, (n, 0), (n, 8), "")
        edit(doc, (n, 0), (n, 0), "ab")
        edit(doc, (n, 1), (n, 2), "")
        edit(doc, (n, 1), (n, 1), "c")

    found = doc.removed(len(doc.source))
    assert found[0] == "b"
    assert found[1:] == tuple(f"number_{n}" for n in range(KEPT, 1, -1))


def test_a_long_deletion_is_cut():
    """So much of it is remembered as is worth to be compared, its line ends alike."""
    doc = document("a\r\n" * LONGEST)
    edit(doc, (0, 0), (LONGEST, 0), "")
    (text,) = doc.removed(0)

    assert len(text) <= LONGEST
    assert text.startswith("a\na\n")


def test_typing_deletes_nothing():
    """Who only types has nothing to remember."""
    doc = document("x\n")
    edit(doc, (0, 1), (0, 1), " = 1")

    assert doc.removed(5) == ()


def test_a_formatter_deletes_nothing():
    """Lines in the place of lines are there still, in another form."""
    doc = document("if a :\n  go( 1,2 )\n  go( 3,4 )\n")
    edit(doc, (0, 4), (2, 11), ":\n    go(1, 2)\n    go(3, 4)")

    assert doc.removed(10) == ()


def test_what_is_put_in_again_is_forgotten():
    """Who undoes a deletion has nothing deleted."""
    doc = document("x = old(a, b)\n")
    edit(doc, (0, 4), (0, 13), "")
    edit(doc, (0, 4), (0, 4), "old(a, b)")

    assert doc.removed(4) == ()


def test_what_is_forgotten_takes_no_other_with_it():
    """A letter that comes back in the place of another leaves that one, and the rest."""
    doc = document("number_1, ab\n")
    edit(doc, (0, 0), (0, 8), "")
    edit(doc, (0, 2), (0, 3), "")
    edit(doc, (0, 2), (0, 3), "a")

    assert doc.removed(3) == ("b", "number_1")


def test_the_first_letter_that_comes_back():
    """It may be all that was remembered."""
    doc = document("ab\n")
    edit(doc, (0, 0), (0, 1), "")
    edit(doc, (0, 0), (0, 1), "a")

    assert doc.removed(1) == ("b",)


def test_what_was_deleted_elsewhere_tells_nothing():
    """It counts where it stood and in what is written there, wherever that moves to."""
    doc = document("\n" * 10 + "old = 1\n" + "\n" * 500)
    edit(doc, (10, 0), (10, 7), "")
    edit(doc, (10, 0), (10, 0), "new")
    edit(doc, (0, 0), (0, 0), "# above\n")

    assert doc.removed(17) == ()
    assert doc.removed(18) == doc.removed(21) == ("old = 1",)
    assert doc.removed(18 + 400) == ()


@pytest.mark.parametrize(
    "line",
    [f'k = "{"ghp_" + "q7Rz2mK9vXc4Lp8TnB3yWd6HsJ1fGu5EaQkV"}"', PASSWORD],
)
def test_a_secret_is_forgotten(line):
    """Who takes a key or a password out of a file is not offered it again."""
    doc = document(f"{line}\n")
    edit(doc, (0, line.index('"')), (0, len(line)), "")

    assert doc.removed(line.index('"')) == ()


def test_a_request_tells_what_was_deleted():
    """The engine learns of it with the text around the cursor."""
    doc = document("x = old(a)\n")
    edit(doc, (0, 4), (0, 10), "")
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    params = types.InlineCompletionParams(
        context, types.TextDocumentIdentifier(doc.uri), types.Position(0, 4)
    )
    request = read_request(doc, params)

    assert isinstance(request, Request)
    assert request.removed == ("old(a)",)
