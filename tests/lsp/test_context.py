"""The server knows the repositories that are open, and follows what is typed."""

import asyncio
import contextlib
import gc
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from lsprotocol import types

from codeassist.engine.context.index import Progress
from codeassist.engine.context.index.store import Store
from codeassist.engine.context.select import View
from codeassist.lsp.context import Repositories
from codeassist.lsp.indexing import FEW, IndexingBar
from codeassist.settings_files import PROJECT_FILE
from tests.lsp.client import ECHO, connected
from tests.lsp.test_configuration import moved
from tests.lsp.test_serving import ASKS, changed

OFF = {"completion": {"context_tokens": 0}}
LATE = [sys.executable, str(Path(__file__).with_name("late_end.py"))]
DEADLINE = 60


def repository(folder, *, git=True):
    folder.mkdir()
    if git:
        (folder / ".git").mkdir()
    (folder / "lib.py").write_text("def far_away(x):\n    return x\n")
    (folder / "main.py").write_text("far_away(1) # known")
    return folder


async def test_the_open_folder_is_known(tmp_path):
    """What another file of the workspace defines reaches the completer."""
    root = repository(tmp_path / "project", git=False)
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    uri = (root / "main.py").as_uri()
    async with connected(ECHO, env=env, root_uri=root.as_uri()) as client:
        client.open("far_away(1) # known", uri=uri)

        assert await client.texts(0, 19, uri=uri) == ["lib.py"]


async def test_nothing_is_indexed_that_is_not_shown(tmp_path):
    """Where no other file is to be shown nothing is indexed, and nothing is written."""
    root = repository(tmp_path / "project")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    uri = (root / "main.py").as_uri()
    async with connected(ECHO, env=env, options=OFF, root_uri=root.as_uri()) as client:
        client.open("far_away(1) # known", uri=uri)

        assert await client.texts(0, 19, uri=uri) == ["nothing"]
    assert not (tmp_path / "cache" / "codeassist" / "index").exists()


async def test_the_process_ends_without_a_word(tmp_path):
    """The index's processes have ended when the interpreter looks for such."""
    root = repository(tmp_path / "project")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    uri = (root / "main.py").as_uri()
    async with connected(LATE, env=env, root_uri=root.as_uri()) as client:
        client.open("far_away(1) # known", uri=uri)
        assert await client.texts(0, 19, uri=uri) == ["lib.py"]
    assert "Traceback" not in client.stderr


def indexing(client):
    """The processes that read and watch files for the server."""
    children = psutil.Process(client.process.pid).children()
    return [each for each in children if "spawn_main" in _command(each)]


def _command(process):
    with contextlib.suppress(psutil.NoSuchProcess):  # or a zombie
        return " ".join(process.cmdline())
    return ""


async def test_switched_off_and_on(tmp_path):
    """Where no other file is to be shown any more the index ends, until one is again."""
    root = repository(tmp_path / "project")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    uri = (root / "main.py").as_uri()
    how = {"env": env, "capabilities": ASKS, "root_uri": root.as_uri()}
    async with connected(ECHO, **how) as client:
        client.open("far_away(1) # known", uri=uri)
        assert await client.texts(0, 19, uri=uri) == ["lib.py"]
        assert indexing(client)
        client.section = OFF
        changed(client)
        async with asyncio.timeout(DEADLINE):
            while indexing(client):
                await client.texts(0, 0, uri=uri)
        assert await client.texts(0, 19, uri=uri) == ["nothing"]
        client.section = {}
        changed(client)
        async with asyncio.timeout(DEADLINE):
            while await client.texts(0, 19, uri=uri) != ["lib.py"]:
                pass
    assert "Traceback" not in client.stderr


async def test_a_folder_that_wants_no_index(tmp_path):
    """Beside a folder whose files show others it is not indexed, when added neither."""
    roots = [repository(tmp_path / name) for name in ("silent", "shown", "later")]
    silent, shown, later = roots
    for root in (silent, later):
        (root / PROJECT_FILE).write_text("[completion]\ncontext_tokens = 0\n")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    uris = [(root / "main.py").as_uri() for root in roots]
    how = {"env": env, "folders": [silent.as_uri(), shown.as_uri()]}
    async with connected(ECHO, **how) as client:
        for uri in uris:
            client.open("far_away(1) # known", uri=uri)
        moved(client, [types.WorkspaceFolder(later.as_uri(), "later")], [])
        answers = [await client.texts(0, 19, uri=uri) for uri in uris]

        assert answers == [["nothing"], ["lib.py"], ["nothing"]]
    index = tmp_path / "cache" / "codeassist" / "index"
    assert list(index.iterdir()) == [Store(index, shown).folder]


class Opened:
    """Repositories, and waiting until all that was told has happened."""

    def __init__(self, cache):
        self.finished = threading.Event()
        self.ends = 0
        self.silent = set()
        """Folders whose files show no others."""

        self.repositories = Repositories(self._told, cache, self._shows)

    def _told(self, progress):
        if progress.finished:
            self.ends += 1
            self.finished.set()

    def _shows(self, path):
        return not any(Path(path).is_relative_to(each) for each in self.silent)

    @property
    def roots(self):
        """That are indexed."""
        self.settle()
        return set(self.repositories._contexts)

    def settle(self):
        done = threading.Event()
        self.repositories._later(done.set)
        assert done.wait(DEADLINE)
        for context in self.repositories._contexts.values():
            assert context.index.wait(DEADLINE)

    def paths(self, path, text):
        view = View(str(path), text, "\n", text, "\n")
        found = self.repositories.around(view, 1000, len)
        return found and [each.path for each in found.snippets]


def test_a_file_brings_its_git_repository(tmp_path):
    """A file opened outside of every folder is seen in its own repository."""
    root = repository(tmp_path / "other")
    opened = Opened(tmp_path / "cache")
    try:
        opened.repositories.changed(str(root / "main.py"), "far_away(")
        opened.settle()

        assert opened.finished.wait(DEADLINE)
        assert opened.paths(root / "main.py", "far_away(") == ["lib.py"]
    finally:
        opened.repositories.end()


def test_no_repository_no_index(tmp_path):
    """A file outside of every repository is completed without context."""
    root = repository(tmp_path / "loose", git=False)
    opened = Opened(tmp_path / "cache")
    try:
        opened.repositories.changed(str(root / "main.py"), "far_away(")
        opened.settle()

        assert opened.paths(root / "main.py", "far_away(") is None
        assert not (tmp_path / "cache" / "codeassist" / "index").exists()
    finally:
        opened.repositories.end()


def test_typing_and_closing_are_followed(tmp_path):
    """Unsaved definitions count until their document is closed."""
    root = repository(tmp_path / "project")
    opened = Opened(tmp_path / "cache")
    repositories = opened.repositories
    try:
        repositories.open([root])
        repositories.changed(str(root / "lib.py"), "def brand_new(x): ...\n", row=0)
        repositories.changed(str(root / "main.py"), "brand_new(")
        opened.settle()
        assert opened.paths(root / "main.py", "brand_new(") == ["lib.py"]

        (context,) = repositories._contexts.values()
        assert context.recent.regions[0][::2] == ("lib.py", "edited")
        repositories.viewed(str(root / "main.py"), 0)
        opened.settle()
        assert context.recent.regions[1][::2] == ("main.py", "viewed")
        repositories.closed(str(root / "lib.py"))
        opened.settle()
        assert context.index.definitions("brand_new") == []
    finally:
        repositories.end()


@pytest.fixture
def opened(tmp_path):
    found = Opened(tmp_path / "cache")
    yield found
    found.repositories.end()


def test_only_what_is_shown_is_indexed(tmp_path, opened):
    """A folder whose files show no others is not opened, for a file of it neither."""
    shown, silent = repository(tmp_path / "shown"), repository(tmp_path / "silent")
    opened.silent = {silent}
    opened.repositories.open([silent, shown])
    opened.repositories.changed(str(silent / "main.py"), "far_away(", row=0)
    opened.repositories.meet(str(silent / "lib.py"))
    opened.repositories.closed(str(silent / "main.py"))

    assert opened.roots == {shown}


def test_a_buffer_without_a_file(tmp_path, opened, monkeypatch):
    """It belongs to no repository, that of the server's working folder neither."""
    root = repository(tmp_path / "here")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    monkeypatch.chdir(root)
    opened.repositories.meet("Untitled-1")
    assert opened.roots == set()
    opened.repositories.meet(str(root / "main.py"))
    assert opened.roots == {root}


def test_what_is_shown_no_more(tmp_path, opened):
    """A repository is let go of when none of its files show others, until they do."""
    roots = {repository(tmp_path / name) for name in ("folder", "elsewhere")}
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"

    def follow():
        opened.repositories.open([folder])
        for root in roots:
            opened.repositories.changed(str(root / "main.py"), "far_away(")
        return opened.roots

    assert follow() == roots
    opened.silent = {folder}
    assert follow() == {elsewhere}
    opened.silent = {elsewhere}
    assert follow() == {folder}
    opened.silent = set()
    assert follow() == roots
    assert opened.paths(elsewhere / "main.py", "far_away(") == ["lib.py"]


def test_edits_of_a_part_that_shows_nothing(tmp_path, opened):
    """Where a part of a repository shows no other files, what is typed in it is unknown."""
    root = repository(tmp_path / "project")
    part = repository(root / "part")
    typed = part / "typed.py"
    opened.repositories.open([root])
    opened.repositories.changed(str(typed), "def brand_new(x): ...\n")
    opened.settle()
    (context,) = opened.repositories._contexts.values()
    assert context.index.definitions("brand_new")
    opened.silent = {part}
    opened.repositories.open([root])
    opened.repositories.changed(str(typed), "def brand_new(y): ...\n")
    opened.settle()

    assert context.index.definitions("brand_new") == []


def test_an_inner_folder_takes_a_document_over(tmp_path, opened):
    """What is typed in a file counts in its own folder alone, once that is opened, too."""
    outer = repository(tmp_path / "project")
    inner = repository(outer / "inner")
    typed = str(inner / "lib.py")
    for folders in ([outer], [outer, inner]):
        opened.repositories.open(folders)
        opened.repositories.changed(typed, "def brand_new(x): ...\n")
    opened.settle()
    contexts = opened.repositories._contexts
    assert contexts[inner].index.definitions("brand_new")
    assert not contexts[outer].index.definitions("brand_new")

    opened.repositories.closed(typed)
    opened.settle()
    assert not contexts[inner].index.definitions("brand_new")


def test_a_document_outlives_its_folder(tmp_path, opened):
    """A file that stays open when its folder is closed is seen in its git repository."""
    root = repository(tmp_path / "project")
    (root / "part").mkdir()
    typed = root / "part" / "main.py"
    opened.repositories.open([root / "part"])
    opened.repositories.changed(str(typed), "far_away(")
    assert opened.roots == {root / "part"}
    opened.repositories.leave([root / "part"])
    opened.repositories.changed(str(typed), "far_away(1")

    assert opened.roots == {root}
    assert "lib.py" in opened.paths(typed, "far_away(1")


def test_a_repository_that_is_left_is_scanned_no_more(tmp_path, opened):
    """Who shows how a scan goes on is told when its repository is let go of, too."""
    root = repository(tmp_path / "project")
    opened.repositories.open([root])
    opened.settle()
    before = opened.ends
    opened.repositories.leave([root])

    assert opened.roots == set()
    assert opened.ends == before + 1


def test_after_the_end_nothing_is_taken(tmp_path):
    """What comes after the end is dropped without an error."""
    repositories = Repositories(lambda _progress: None, tmp_path)
    repositories.end()
    repositories.end()
    repositories.changed("/a.py", "x", 1)
    repositories.closed("/a.py")


async def test_a_bar_for_long_scans_only():
    """A scan of few files shows no bar; a long one shows one, and takes it away."""
    shown = []

    class Bar:
        def __init__(self, title):
            shown.append(title)

        def report(self, part):
            shown.append(part)

        def end(self):
            shown.append("end")

    bar = IndexingBar(Bar, asyncio.get_running_loop())
    for total in (FEW, 4 * FEW):
        bar.told(Progress(0, 0, finished=False))
        bar.told(Progress(total // 2, total, finished=False))
        bar.told(Progress(total, total, finished=True))
    await asyncio.sleep(0)

    assert shown == ["indexing the repository", 0.5, "end"]


@pytest.mark.parametrize(
    "then",
    [
        Progress(0, 0, finished=True),
        Progress(FEW + 1, FEW + 1, finished=True),
        Progress(1, FEW + 1, finished=False),
    ],
)
async def test_nothing_is_collected_while_all_files_are_looked_at(then):
    """The garbage collector rests in a look at all files, not while they are read."""
    bar = IndexingBar(lambda title: None, asyncio.get_running_loop())
    bar.told(Progress(0, 0, finished=False))
    assert not gc.isenabled()
    bar.told(then)
    assert gc.isenabled()
