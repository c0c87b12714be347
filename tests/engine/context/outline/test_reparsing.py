"""A text that is typed in has the outline of one that is opened."""

import random

from codeassist.engine.context.outline import Reparser, outline, parse

TEXT = '''
import os

class Shape:
    """Größe 🙂"""

    def area(self, scale=1):
        return self.side * scale

def total(shapes):
    return sum(shape.area() for shape in shapes)
'''


def test_typing():
    """After each of many edits the outline is that of the text as it then is."""
    choose = random.Random(0)
    parser = Reparser()
    text = TEXT
    for number in range(100):
        at = choose.randrange(len(text))
        if number % 3 == 2:
            text = text[:at] + text[at + choose.randrange(9) :]
        else:
            text = text[:at] + choose.choice(["x", "é", "\n", " = 1\n"]) + text[at:]
        outline(text.encode(), "python", parser.parse)
    text = TEXT + "\ndef last(): ...\n"

    found = outline(text.encode(), "python", parser.parse)

    assert found == outline(text.encode(), "python", parse)
    assert [d.name for d in found.definitions] == ["Shape", "area", "total", "last"]


def test_one_name_grows():
    """A definition whose name is typed letter by letter is there from the first."""
    parser = Reparser()
    for end in range(1, 9):
        text = TEXT + f"\ndef {'function'[:end]}(): ...\n"

        found = outline(text.encode(), "python", parser.parse)

        assert found == outline(text.encode(), "python", parse)
        assert found.definitions[-1].name == "function"[:end]


def test_another_language():
    """A text whose language changes is parsed as what it is now."""
    parser = Reparser()
    outline(b"int area(int side) { return side; }", "c", parser.parse)
    text = b"namespace n {\nclass Shape {\n public:\n  int area();\n};\n}\n"

    found = outline(text, "c", parser.parse)

    assert [d.name for d in found.definitions] == ["n", "Shape", "area"]
