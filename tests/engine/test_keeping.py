"""What of a session's text reaches the disk, and what never does."""

import os
from types import SimpleNamespace

import pytest

from codeassist.engine import keeping
from codeassist.engine.keeping import KeptPrompt


class Session:
    """A session that writes a hundred bytes for its prompt."""

    def __init__(self, tokens=(1, 2, 3), size=100):
        self.model = SimpleNamespace(digest="m", adapter_digest="")
        self.cached = list(tokens)
        self.size = size

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
    assert kept(folder, allowed=allowed).save(Session(), path) == 0
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_folder_is_the_users(folder):
    """Nobody else may even list what is kept."""
    assert kept(folder).save(Session(), "/project/a.py") == 100
    assert folder.stat().st_mode & 0o077 == 0


def test_written_once(folder):
    """The same prompt is not written again; another one is, over it."""
    prompts, session = kept(folder), Session()

    assert [prompts.save(session, "a.py") for _ in range(2)] == [100, 0]
    session.cached.append(4)
    assert prompts.save(session, "a.py") == 100
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(("name", "most"), [("FILES", 3), ("BYTES", 399)])
def test_the_oldest_go(folder, monkeypatch, name, most):
    """Only a few files, and so many bytes, are kept: the newest."""
    monkeypatch.setattr(keeping, name, most)
    for n in range(5):
        kept(folder, f"/project{n}").save(Session(), "a.py")
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
    prompts.save(session, "a.py")
    session.cached.append(4)

    assert prompts.save(session, "a.py") == 0
    assert not list(folder.iterdir())


def test_no_folder_to_write_to(tmp_path):
    """Where nothing can be written, nothing is, and nobody is told of an error."""
    (tmp_path / "file").write_text("")

    assert kept(tmp_path / "file" / "prompts").save(Session(), "a.py") == 0
