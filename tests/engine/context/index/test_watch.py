"""Changes on disk are noticed, whatever makes them."""

import errno
import queue
import shutil

import pytest

from codeassist.engine.context.index import watch as watching
from codeassist.engine.context.index.watch import Watch
from tests.engine.context.index.conftest import SECONDS


@pytest.fixture
def watch():
    """Starts a watch and waits until it sees; gives it and its batches."""
    open_watches = []

    def watch(root, **options):
        batches = queue.Queue()
        made = Watch(root, batches.put, **options)
        open_watches.append(made)
        made.start()
        assert batches.get(timeout=SECONDS) is None
        return made, batches

    yield watch
    for made in open_watches:
        made.close()


def until(batches, wanted):
    """Collect batches until all of these paths, or a None, have come."""
    seen = set()
    while not wanted <= seen:
        batch = batches.get(timeout=SECONDS)
        if batch is None:
            return None
        seen |= batch
    return seen


def test_edits(tmp_path, watch):
    """New, changed and deleted files are told of, paths from the root."""
    (tmp_path / "a").mkdir()
    made, batches = watch(tmp_path)
    assert made.is_told
    file = tmp_path / "a" / "b.py"
    file.write_text("x = 1\n", encoding="utf-8")
    assert "a/b.py" in until(batches, {"a/b.py"})
    file.unlink()
    assert "a/b.py" in until(batches, {"a/b.py"})


def test_mass_rename(tmp_path, watch):
    """When a folder moves, everything is looked at anew."""
    (tmp_path / "a").mkdir()
    for number in range(50):
        (tmp_path / "a" / f"{number}.py").write_text("x\n", encoding="utf-8")
    _, batches = watch(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert until(batches, {"b/49.py"}) is None


def test_storm(tmp_path, watch):
    """Thousands of changes, as of a branch switch, become one look at everything."""
    _, batches = watch(tmp_path)
    for number in range(2 * watching.MOST):
        (tmp_path / f"{number}.py").write_text("x\n", encoding="utf-8")
    assert until(batches, {"of no file"}) is None


def test_own_folders(tmp_path, watch):
    """What git and tools write for themselves is not told of."""
    (tmp_path / ".git").mkdir()
    _, batches = watch(tmp_path)
    (tmp_path / ".git" / "index").write_text("x", encoding="utf-8")
    (tmp_path / "a.py").write_text("x", encoding="utf-8")
    assert until(batches, {"a.py"}) == {"a.py"}


def test_no_watches_left(tmp_path, watch, monkeypatch):
    """Where the system has no room for a watch, everything is looked at now and then."""

    class Refusing(watching.Observer):
        def start(self):
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(watching, "Observer", Refusing)
    made, batches = watch(tmp_path, period=0.01)
    assert not made.is_told
    assert batches.get(timeout=SECONDS) is None


def test_root_vanishes(tmp_path, watch):
    """A repository that is deleted ends nothing."""
    root = tmp_path / "root"
    root.mkdir()
    made, _ = watch(root)
    shutil.rmtree(root)
    made.close()


def test_index_notices(write, opened):
    """An index that watches takes in a file that another program wrote."""
    root = write({"a.py": "x = 1\n"})
    told = queue.Queue()
    index = opened(root, watched=True, told=told.put)
    write({"b.py": "def fresh(): ...\n"})
    while not index.definitions("fresh"):
        told.get(timeout=SECONDS)
