"""Whatever lies in a repository: the index is made, and the rest of it is right."""

import os
import random

import numpy as np
import pytest

from codeassist.engine.context.index.building import Builder, SourceFile
from codeassist.engine.context.index.scan import compare
from codeassist.engine.context.index.segment import Segment, join, rewired, select
from codeassist.engine.context.index.snapshot import Layer, Snapshot
from codeassist.engine.context.index.workers import read_source
from tests.engine.context.index.conftest import SECONDS
from tests.engine.context.index.repositories import SHOP

GOOD = {"good.py": "def good():\n    return 1\n"}


def test_contents(write, opened):
    """Odd encodings, line ends and broken syntax hide no definition of other files."""
    files = {
        "crlf.py": "def crlf():\r\n    return 1\r\n\r\ndef second(): ...\r\n",
        "cr.py": "def cr():\r    return 1\r",
        "formfeed.py": "def before(): ...\n\f\ndef after(): ...\n",
        "latin.py": "# gr\xfc\xdfe\ndef latin(): ...\n".encode("latin-1"),
        "utf16.py": "def wide(): ...\n".encode("utf-16"),
        "bom.py": "\ufeffdef marked(): ...\n",
        "astral.py": "x = '\U0001f600'\ndef astral(): ...\n",
        "broken.py": "def broken(:\n    ((((\nclass\n" * 50,
        "nul.py": b"def f(): ...\n\0\0\0",
        "random.py": random.Random(0).randbytes(5000),
        "empty.py": "",
        "no_end.py": "def no_end(): ...",
        "tabs.go": "package a\n\nfunc Tabs() {\n\tx := 1\n\t_ = x\n}\n",
    }
    index = opened(write(GOOD | files))
    rows = {
        name: [p.start_row for p in index.definitions(name)]
        for name in ("good", "crlf", "second", "after", "latin", "wide", "astral")
    }
    assert rows == {
        "good": [0],
        "crlf": [0],
        "second": [3],
        "after": [2],
        "latin": [1],
        "wide": [0],
        "astral": [1],
    }
    assert index.definitions("no_end")
    assert index.definitions("Tabs")
    assert index.text("crlf.py", 3, 3) == "def second(): ...\r"
    assert index.text("utf16.py", 0, 0) == "def wide(): ..."
    for path in files:
        index.definitions_in(path)
        index.imports_of(path)


def test_sizes(write, opened, known):
    """50,000 lines are indexed; what is minified is known without its contents."""
    long = "".join(f"def function_{n}():\n    return {n}\n" for n in range(25_000))
    minified = "function f(){return 1};" * 2000
    index = opened(write(GOOD | {"long.py": long, "packed.js": minified}))
    assert index.definitions("function_24999")[0].start_row == 49_998
    assert index.references("function_24999")[0].end_row == 49_999
    assert index.definitions_in("packed.js") == []
    assert known(index) == ["good.py", "long.py", "packed.js"]


def test_links_and_rights(write, opened, known):
    """Loops end; what cannot be read is left out."""
    root = write(GOOD | {"a/b.py": "x = 1\n", "secret/c.py": "y = 1\n"})
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    (root / "a" / "gone.py").symlink_to(root / "nothing.py")
    os.mkfifo(root / "pipe.py")
    (root / "secret").chmod(0)
    try:
        index = opened(root)
    finally:
        (root / "secret").chmod(0o700)
    assert {"good.py", "a/b.py"} <= set(known(index))
    assert not [path for path in known(index) if "loop" in path or "pipe" in path]


def test_vanishes(write, opened, monkeypatch):
    """Files that vanish, or change, while they are read do no harm."""
    root = write(GOOD | SHOP)

    def vanishing(folder, path):
        if path == "shop/cart.py":
            (folder / path).unlink()
        source = read_source(folder, path)
        if path == "shop/money.py":
            (folder / path).write_text("def late(): ...\n", encoding="utf-8")
        return source

    with monkeypatch.context() as patch:
        patch.setattr(
            "codeassist.engine.context.index.update.read_source",
            vanishing,
            raising=True,
        )
        index = opened(root)
    assert index.definitions("good")
    assert index.definitions("total_price") == []
    index.refresh()
    assert index.wait(SECONDS)
    assert index.definitions("late")
    assert index.definitions("round_up") == []


def test_root_is_gone(tmp_path, opened):
    """A folder that is not there is an empty repository."""
    index = opened(tmp_path / "nothing")
    assert index.definitions("x") == []
    assert index.similar({"x": 1.0}) == []
    assert index.siblings("x.py") == []


@pytest.fixture
def many():
    """A segment of 100,000 files, cut from one of 100."""
    state = 1, 2
    builder = Builder(lambda _path, _found: ())
    sources = [
        SourceFile(f"{n}.py", state, b"def name_%d():\n    return 1\n" % n)
        for n in range(100)
    ]
    few = Segment(builder.columns(sources))
    paths = [f"folder_{n // 100}/file_{n}.py" for n in range(100_000)]
    whole = join([select(few, np.arange(100))] * 1000)
    return Segment(rewired(whole, paths, [[]] * len(paths), [state] * len(paths)))


def test_many_files(many):
    """100,000 files: what changed is found, hidden and answered as with three."""
    snapshot = Snapshot().with_layer(Layer.whole(many))
    known = dict(snapshot.files())
    assert len(known) == 100_000
    found = known | {"new.py": (1, 1)}
    del found["folder_7/file_700.py"]
    found["folder_9/file_999.py"] = (9, 9)
    difference = compare(known, found)
    assert difference.added == ["new.py"]
    assert difference.gone == ["folder_7/file_700.py"]
    assert difference.changed == ["folder_9/file_999.py"]
    less = snapshot.without(difference.gone)
    assert less.find("folder_7/file_700.py") is None
    assert len(less.definitions("name_0", limit=2000)) == 999
    assert len(less.siblings("folder_7/file_701.py", limit=1000)) == 98
    assert less.similar({"name": 1.0}, exclude=["folder_0/file_0.py"])
