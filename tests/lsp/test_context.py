"""The server knows the repositories that are open, and follows what is typed."""

import asyncio
import threading

from codeassist.engine.context.index import Progress
from codeassist.engine.context.select import View
from codeassist.lsp.context import Repositories
from codeassist.lsp.indexing import FEW, IndexingBar
from tests.lsp.client import ECHO, connected

OFF = {"completion": {"context_tokens": 0}}
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


class Opened:
    """Repositories, and waiting until all that was told has happened."""

    def __init__(self, cache):
        self.finished = threading.Event()
        self.repositories = Repositories(self._told, cache)

    def _told(self, progress):
        if progress.finished:
            self.finished.set()

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
        repositories.closed(str(root / "lib.py"))
        opened.settle()
        assert context.index.definitions("brand_new") == []
    finally:
        repositories.end()


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
