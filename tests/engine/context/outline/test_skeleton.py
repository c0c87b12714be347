"""Python files of which less is parsed, and whose outline is that of all of it."""

import dataclasses
import inspect
import textwrap
from pathlib import Path

import pytest

from codeassist.engine.context.outline import outline, parse
from codeassist.engine.context.outline.skeleton import skeleton

PLAIN = b'''
def area(side):  # of a square
    """What it covers."""
    squared = side * side
# a comment in the first column

    return (squared,
  side)
    # the last line is a comment, too

@cache
async def later(
    first=(1, (2, 3)),
) -> dict[str, int]:
    hidden()

class Shape:
    SIDES = {"a": 1}

    def __init__(self, name):
        self.name = name
        self.sides = [
            1
        ]

    def draw(self):
        hidden(self)
'''

IMPORTING = b'''
def one():
    """Its own text says what it is good for."""
    import a  # why
    hidden(1)
    from .c import (d,  # first
        f)

    import e

def two(x):
    import e
    return hidden(x)
'''

ODD = {
    "imports": IMPORTING,
    "imports of windows": IMPORTING.replace(b"\n", b"\r\n"),
    "import below": b"def f(x):\n    if x:\n        import a\n    import b\n    x()\n",
    "import and more": b"def f():\n    import a; b = (\n1)\n    import c;\n    return b\n",
    "import last": b"def f():\n    a = 1\n    import b\n\nclass A:\n    x = 1\n",
    "plain": PLAIN,
    "tabs": PLAIN.replace(b"    ", b"\t"),
    "windows": PLAIN.replace(b"\n", b"\r\n"),
    "nested": b"def f():\n    def g():\n        return 1\n    import a\n    return g\n",
    "one line": b"def f(): import a\nif x: from b import c\ndef g(): return 1\n",
    "text": b'def f():\n    return """\ndef no():\n    pass\nimport no\n"""\nx = 1\n',
    "quotes": b"def f():\n    a = 'it\\'s \"\"\" '\n    return a\ndef g():\n    b\n",
    "bracket": b"def f():\n    return [\n1,\n2]\n\ndef g():\n    return 3\n",
    "backslash": b"def f():\n    a = \\\n1\n    return a\ndef g():\n    b\n",
    "form feed": b"def f():\n    a\n\x0c\n    b\n\x0c\ndef g():\n    c\n",
    "broken": b"def f(:\n    a = (\n\ndef g():\n    return 1\nclass A:\n  def m(self):\n   x\n",
    "open string": b'def f():\n    a = """\n    b\ndef g():\n    return 1\n',
    "no end": b"class A:\n    def f(self):\n        return 1",
    "comment": b'def f():\n    # def no(): \'it\n    return 1  # last\n    # """\nx = 1\n',
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_same_outline(data):
    """Whatever a file looks like, its outline is that of its whole tree."""
    assert outline(data, "python") == outline(data, "python", parse)


@pytest.mark.parametrize("module", [dataclasses, inspect, textwrap])
def test_same_outline_of_real_files(module):
    """Long files that people wrote have the same outline, too."""
    data = Path(module.__file__).read_bytes()

    assert outline(data, "python") == outline(data, "python", parse)


def test_bodies_are_gone():
    """Bodies, texts and comments go; all that is told knows its place in the file."""
    less = skeleton(PLAIN)

    for gone in (b"hidden", b"squared", b"What", b"square"):
        assert gone not in less.text
    for kept in (b"async def later(", b"SIDES", b"self.sides", b"def draw(self):"):
        assert less.place(less.text.index(kept)) == PLAIN.index(kept)


def test_imports_of_bodies_stay():
    """A body that imports keeps its imports, and nothing else."""
    less = skeleton(IMPORTING)

    for gone in (b"hidden", b"why", b"first"):
        assert gone not in less.text
    for kept in (b"import a", b"from .c import (d,", b"import e"):
        assert less.place(less.text.index(kept)) == IMPORTING.index(kept)
