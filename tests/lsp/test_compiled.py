"""What attrs compiles for the protocol's types is kept from one start to the next."""

import subprocess
import sys

import attrs
import pytest

from codeassist.lsp.compiled import kept

CODE = "import attr, codeassist.lsp; print('compile' in vars(attr._make))"


def point():
    """A class that attrs makes."""

    @attrs.define
    class Point:
        x: int
        y: int = 2

    return Point


@pytest.mark.parametrize("damaged", [False, True])
def test_classes_are_what_they_were(tmp_path, damaged):
    """A class made of what was kept, or of a damaged file, is like any other."""
    file = tmp_path / "folder" / "kept.bin"
    with kept(file):
        assert point()(1).y == 2
    if damaged:
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    with kept(file):
        again = point()

    assert repr(again(1)).endswith("Point(x=1, y=2)")
    assert again(1) == again(1)
    assert again(1) != again(2)


def test_nothing_is_compiled_twice(tmp_path):
    """What is in the file is taken from there, and the file is not written again."""
    file = tmp_path / "kept.bin"
    with kept(file):
        point()
    written = file.stat().st_mtime_ns
    with kept(file):
        point()

    assert file.stat().st_mtime_ns == written


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    """Where nothing can be kept, all is compiled."""
    (tmp_path / "file").touch()
    with kept(tmp_path / "file" / "kept.bin"):
        assert point()(1).x == 1


def test_attrs_is_left_as_it_was():
    """Once the server is imported attrs compiles by itself again."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
