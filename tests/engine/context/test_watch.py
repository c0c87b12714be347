"""Changes on disk are noticed, whatever makes them."""

import errno
import multiprocessing
import os
import queue
import shutil
import signal
import subprocess
import sys

import psutil
import pytest

from codeassist.engine.context import watch as watching
from codeassist.engine.context.watch import Watch
from codeassist.engine.context.watch_aside import WatchAside

KINDS = (Watch, WatchAside)

SECONDS = 60
"""More than any of these tests takes."""


@pytest.fixture
def watch():
    """Starts a watch and waits until it sees; gives it and its batches."""
    open_watches = []

    def watch(root, kind=Watch, **options):
        batches = queue.Queue()
        made = kind(root, batches.put, **options)
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


@pytest.mark.parametrize("kind", KINDS)
def test_edits(tmp_path, watch, kind):
    """New, changed and deleted files are told of, paths from the root."""
    (tmp_path / "a").mkdir()
    _, batches = watch(tmp_path, kind)
    file = tmp_path / "a" / "b.py"
    file.write_text("x = 1\n", encoding="utf-8")
    assert "a/b.py" in until(batches, {"a/b.py"})
    file.unlink()
    assert "a/b.py" in until(batches, {"a/b.py"})


@pytest.mark.parametrize("kind", KINDS)
def test_mass_rename(tmp_path, watch, kind):
    """When a folder moves, everything is looked at anew."""
    (tmp_path / "a").mkdir()
    for number in range(50):
        (tmp_path / "a" / f"{number}.py").write_text("x\n", encoding="utf-8")
    _, batches = watch(tmp_path, kind)
    (tmp_path / "a").rename(tmp_path / "b")
    assert until(batches, {"b/49.py"}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_storm(tmp_path, watch, kind):
    """Thousands of changes, as of a branch switch, become one look at everything."""
    _, batches = watch(tmp_path, kind)
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


@pytest.mark.parametrize("kind", KINDS)
def test_root_vanishes(tmp_path, watch, kind):
    """A repository that is deleted ends nothing."""
    root = tmp_path / "root"
    root.mkdir()
    made, _ = watch(root, kind)
    shutil.rmtree(root)
    made.close()


def watching_processes():
    """Those of this process that watch."""
    return [each for each in multiprocessing.active_children() if each.name == "watch"]


def test_a_watch_that_is_killed(tmp_path, watch):
    """Where the watching process ends by itself everything is looked at now and then."""
    _, batches = watch(tmp_path, WatchAside, period=0.01)
    (process,) = watching_processes()
    process.kill()
    assert batches.get(timeout=SECONDS) is None
    assert batches.get(timeout=SECONDS) is None


def test_what_the_process_logs(tmp_path, watch, caplog):
    """What the watching process complains of is in the log of this one."""
    missing = tmp_path / "missing"
    watch(missing, WatchAside)
    assert any(str(missing) in each.getMessage() for each in caplog.records)


def test_no_process_left(tmp_path, watch, monkeypatch):
    """Where the system has no room for a process there is a look now and then."""

    def refusing(_process):
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refusing)
    _, batches = watch(tmp_path, WatchAside, period=0.01)
    assert batches.get(timeout=SECONDS) is None


def test_a_watch_is_closed(tmp_path, watch):
    """Whoever closes a watch leaves no process behind, also where it has not begun."""
    made, _ = watch(tmp_path, WatchAside)
    assert len(watching_processes()) == 1
    made.close()
    assert not watching_processes()
    late = WatchAside(tmp_path, lambda _paths: None)
    late.close()
    late.start()
    late.close()
    assert not watching_processes()


PARENT = """
import sys
from pathlib import Path
from codeassist.engine.context.watch_aside import WatchAside

def told(_paths):
    print("told", flush=True)

if __name__ == "__main__":
    WatchAside(Path(sys.argv[1]), told).start()
    sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_a_watch_ends_with_its_parent(tmp_path):
    """A server that is killed leaves no watching process behind."""
    program = tmp_path / "parent.py"
    program.write_text(PARENT, encoding="utf-8")
    command = [sys.executable, str(program), str(tmp_path)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as parent:
        assert parent.stdout.readline() == "told\n"
        children = [
            each
            for each in psutil.Process(parent.pid).children()
            if "spawn_main" in " ".join(each.cmdline())
        ]
        assert children
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=SECONDS)
    assert not alive
