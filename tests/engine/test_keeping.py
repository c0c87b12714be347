"""What of a session's text reaches the disk, and what never does."""

import os
from types import SimpleNamespace

import pytest

from codeassist.config import CompletionSettings
from codeassist.engine import Cancel, Request, completer, keeping
from codeassist.engine.completer import Completer
from codeassist.engine.keeping import KeptPrompt
from codeassist.errors import ContextTooSmallError
from codeassist.fim import detect
from codeassist.languages import of_path
from tests.engine.test_prompt import Bytes
from tests.engine.test_warming import Cache


class Session:
    """A session that writes a hundred bytes for its prompt."""

    def __init__(self, tokens=(1, 2, 3), size=100, latest="a.py"):
        self.model = SimpleNamespace(digest="m", adapter_digest="")
        self.cached = list(tokens)
        self.size = size
        self.latest = latest

    def save(self, path):
        path.write_bytes(bytes(self.size))
        return self.size


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "prompts"


def kept(folder, project="/project", *, allowed=True):
    return KeptPrompt(folder, project, lambda _path: allowed)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/project/.env", True), ("/project/a.py", False), ("", True)],
    ids=["secret", "ignored", "unknown"],
)
def test_never_on_disk(folder, path, allowed):
    """The text of secret, ignored and unknown files is not written."""
    assert kept(folder, allowed=allowed).save(Session(latest=path)) == 0
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_folder_is_the_users(folder):
    """Nobody else may even list what is kept."""
    assert kept(folder).save(Session()) == 100
    assert folder.stat().st_mode & 0o077 == 0


def test_written_once(folder):
    """The same prompt is not written again; another one is, over it."""
    prompts, session = kept(folder), Session()

    assert [prompts.save(session) for _ in range(2)] == [100, 0]
    session.cached.append(4)
    assert prompts.save(session) == 100
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(("name", "most"), [("FILES", 3), ("BYTES", 399)])
def test_the_oldest_go(folder, monkeypatch, name, most):
    """Only a few files, and so many bytes, are kept: the newest."""
    monkeypatch.setattr(keeping, name, most)
    for n in range(5):
        kept(folder, f"/project{n}").save(Session())
        for age, file in enumerate(sorted(folder.iterdir(), key=_time)[::-1]):
            os.utime(file, ns=(0, 10**12 - age * 10**9))
    names = {kept(folder, f"/project{n}")._file(Session()).name for n in (2, 3, 4)}

    assert {file.name for file in folder.iterdir()} == names


def _time(file):
    return file.stat().st_mtime_ns


def test_a_prompt_that_is_too_large(folder, monkeypatch):
    """One prompt above the limit is not kept, and not tried again and again."""
    monkeypatch.setattr(keeping, "BYTES", 99)
    prompts, session = kept(folder), Session()
    prompts.save(session)
    session.cached.append(4)

    assert prompts.save(session) == 0
    assert not list(folder.iterdir())


def test_no_folder_to_write_to(tmp_path):
    """Where nothing can be written, nothing is, and nobody is told of an error."""
    (tmp_path / "file").write_text("")

    assert kept(tmp_path / "file" / "prompts").save(Session()) == 0


class Shared(Cache):
    """A session that the completers of two folders share."""

    n_ctx, threads, latest = 1000, None, ""
    model = SimpleNamespace(vocab=Bytes(), digest="m", adapter_digest="")

    def arm(self, cancel):
        """Nothing stops it."""

    def save(self, path):
        path.touch()
        return 1


def test_not_under_the_name_of_another_folders_file(folder, monkeypatch):
    """An ignored file's prompt stays its own when another folder's model does nothing."""
    monkeypatch.setattr(completer, "spare_power", lambda _threads: True)
    session, usual = Shared(), CompletionSettings(context_tokens=0)
    one, other = (Completer(session, detect(Bytes()), usual) for _ in range(2))
    kept = KeptPrompt(folder, "/project", lambda path: path != "ignored.py")

    def asked(path, before="x = "):
        return Request(before, "\n", path, of_path(path), max_tokens=len(before))

    one.warm(asked("a.py"), Cancel())
    assert kept.save(session) == 1
    other.warm(asked("ignored.py", "secret = "), Cancel())
    one.warm(asked(".env"), Cancel())
    with pytest.raises(ContextTooSmallError):
        one.warm(asked("a.py", "x" * 1000), Cancel())

    assert kept.save(session) == 0
