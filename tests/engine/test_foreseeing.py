"""What is asked behind a line that is complete."""

import pytest

from codeassist.engine import Request
from codeassist.engine.foreseeing import below
from codeassist.languages import of_path


def asked_below(text, path="a.py"):
    """The text around the cursor of the next request; None: there is none."""
    before, _, after = text.partition("┃")
    found = below(Request(before, after, path, of_path(path), automatic=True))
    return f"{found.before}┃{found.after}" if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1┃\ny = 2\n", "x = 1\n┃\ny = 2\n"),
        ("def f():\n    x = 1┃", "def f():\n    x = 1\n    ┃"),
        ("if a:\n  b()\nif x:┃\n", "if a:\n  b()\nif x:\n  ┃\n"),
        ("if x:┃\n", "if x:\n    ┃\n"),
        ("def f():\n\tif x:┃\n", "def f():\n\tif x:\n\t\t┃\n"),
        ("x = 1┃  \ny\n", "x = 1\n┃\ny\n"),
        ("a\r\n  x = 1┃\r\ny\r\n", "a\r\n  x = 1\r\n  ┃\r\ny\r\n"),
    ],
)
def test_a_new_line_as_editors_indent_it(text, expected):
    """It is indented like the line above, a step of the file's own deeper in a block."""
    assert asked_below(text) == expected


@pytest.mark.parametrize("text", ["f(┃)\n", "x = 1\n    ┃\n", "┃"])
def test_no_new_line(text):
    """Where the line goes on, or says nothing, nobody is about to begin another."""
    assert asked_below(text) is None
