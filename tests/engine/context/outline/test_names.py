"""Identifiers and the words they are made of."""

import pytest

from codeassist.engine.context.outline import identifiers, split


def test_identifiers_are_counted():
    """Each name is counted wherever it stands; keywords, numbers and letters are not."""
    text = b"def area(self, x2):  # the area\n    return self.x2 * 3.14 + 0xff + i\n"

    assert identifiers(text, "python") == {"area": 2, "x2": 2, "the": 1}


def test_identifiers_in_any_bytes():
    """UTF-8 names stay whole; other bytes are no reason to fail."""
    assert identifiers("größe = größe".encode()) == {"größe": 2}
    assert identifiers(b"") == {}
    assert "ok" in identifiers(b"\xff\xfe\x00 ok \x00 \xe9t\xe9")


def test_long_words_are_no_names():
    """Encoded data is not taken for a name."""
    assert identifiers(b"data " + b"QUJD" * 100) == {"data": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("parseHTTPRequest", ("parse", "http", "request")),
        ("snake_case_name", ("snake", "case", "name")),
        ("MAX_SIZE_2", ("max", "size", "2")),
        ("utf8Decoder", ("utf", "8", "decoder")),
        ("HTML5", ("html", "5")),
        ("größeÄndern", ("größe", "ändern")),
        ("__init__", ("init",)),
        ("$scope", ("scope",)),
        ("", ()),
    ],
)
def test_names_split_into_words(name, words):
    """Cases, underscores and digits part words, in lower case."""
    assert split(name) == words
