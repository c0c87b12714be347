"""A file's language is found by what the editor says, then by its name."""

import pytest

from codeassist.languages import IDS, PLAIN, by_id, of_path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.py", "python"),
        ("A.TSX", "typescriptreact"),
        ("Makefile", "makefile"),
        ("x.test.js", "javascript"),
        ("lib.rs", "rust"),
    ],
)
def test_of_path(path, name):
    """The ending counts, in any case, or the whole name."""
    assert of_path(path).name == name


def test_unknown_is_plain():
    """An unknown kind of file is plain text, not an error."""
    assert of_path("notes.xyz") is PLAIN


def test_editor_wins():
    """What the editor says goes before the name."""
    assert by_id("ruby", "script.py").name == "ruby"
    assert by_id("no-such-language", "script.py").name == "python"


def test_identifiers():
    """Each identifier that is known counts whatever the file is called."""
    assert {"python", "shellscript", "sh", "javascriptreact"} < {*IDS}
    assert PLAIN not in [by_id(each, "Untitled-1") for each in IDS]
