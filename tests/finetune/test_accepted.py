"""What is learned of suggestions that were taken and kept."""

from pathlib import Path

import pytest

from codeassist.finetune.accepted import of_accepted, places
from codeassist.finetune.mixture import ExampleMixture
from codeassist.records import Texts
from codeassist.training.fim_data import Document
from tests.codeassist.records.entries import asked
from tests.finetune.bytes_model import asker, read_and_learned, spelled

ROOT = Path("/src/own")
TEXT = """\
def area(width, height):
    return width * height


def show(shape):
    print(area(shape.width, shape.height))
    return None


def hide(shape):
    return None
"""
FILES = (Document("shapes.py", TEXT, "python", "own"),)


def found(before, answer, after="\n", **more):
    where = {"root": "/src", "path": "own/shapes.py", **more}
    request = asked("a", texts=Texts(before, answer=answer, after=after), **where)
    return [TEXT[cut.start : cut.end] for _, cut in places([request], ROOT, FILES)]


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        ("def area(width, height):\n    return ", "width * height", "\n"),
        ("    print(area(", "shape.width, shape.height", "))\n    return None\n"),
        ("def show(shape):\n    ", "print(area(shape.width, shape.height))", ""),
        ("x\r\ndef area(", "width, height):\r\n    return width * height", "\r\n"),
    ],
)
def test_where_it_stands(before, answer, after):
    """A suggestion whose line is in the file is a hole there, whatever came before it."""
    assert found(before, answer, after) == [answer.replace("\r\n", "\n")]


@pytest.mark.parametrize(
    ("before", "answer", "more"),
    [
        ("    return ", "width + height", {}),
        ("    return ", "None", {}),
        ("", "\n", {}),
        ("    return ", "width * height", {"path": "own/kept.py"}),
        ("    return ", "width * height", {"root": "/elsewhere"}),
        ("    return ", "width * height", {"path": "own/\0"}),
    ],
    ids=["changed", "twice", "blank", "not learned", "elsewhere", "no path"],
)
def test_what_does_not_count(before, answer, more):
    """What is not there, or not sure, or of no file that is learned, is left out."""
    assert found(before, answer, **more) == []


def test_a_place_comes_once():
    """A suggestion that was taken twice at a place is one example, in the engine's tokens."""
    texts = Texts("    return ", "\n", "width * height")
    request = asked("a", texts=texts, root="", path="/src/own/shapes.py")
    cuts = places([request, request], ROOT, FILES)
    (example,) = of_accepted(cuts, asker(), ExampleMixture(), 0)
    read, learned = read_and_learned(example)
    assert "width * height" in learned
    assert "def show" in spelled(example.tokens)
    assert "width * height" not in read
