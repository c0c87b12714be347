import subprocess
from pathlib import Path

import pytest

from codeassist.errors import CorpusError
from codeassist.git import reading
from codeassist.ignore import Rules
from codeassist.training.corpus.sources import of_path


def git(place: Path, *arguments: str) -> str:
    who = ("-c", "user.name=T", "-c", "user.email=t@localhost")
    command = ["git", "-C", str(place), *who, *arguments]
    return subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL)


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """What appears once a command of a clone's settings has run.

    The clone beside it, `clone`, lacks what is in its folder `sub`.
    """
    whole = tmp_path / "whole"
    (whole / "sub").mkdir(parents=True)
    (whole / "a.py").write_text("a = 1\n")
    (whole / "sub" / "b.py").write_text("b = 1\n")
    (whole / "sub" / ".gitignore").write_text("*.log\n")
    git(whole, "init", "--quiet")
    git(whole, "add", ".")
    git(whole, "commit", "--quiet", "--message", "one")
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(whole, "config", "uploadpack.allowAnySHA1InWant", "true")
    told = ("--quiet", "--sparse", "--filter=blob:none", whole.as_uri())
    git(tmp_path, "clone", *told, "clone")
    clone, ran = tmp_path / "clone", tmp_path / "ran"
    command = f"touch '{ran}'; git-upload-pack"
    git(clone, "config", "remote.origin.uploadpack", command)
    return ran


def test_a_partial_clone_runs_nothing_for_a_corpus(ran: Path) -> None:
    """A clone that lacks files is refused as incomplete, and its settings start nothing."""
    with pytest.raises(CorpusError, match="an incomplete clone; clone it whole"):
        of_path(ran.with_name("clone"))
    assert not ran.exists()


def test_a_partial_clone_runs_nothing_for_its_rules(ran: Path) -> None:
    """An ignore file that a clone lacks is not fetched by looking at its folder."""
    clone = ran.with_name("clone")
    (clone / "sub").mkdir()
    (clone / "sub" / "new.py").write_text("n = 1\n")
    found = {each.path for each in Rules(clone).walk()}
    assert found == {"a.py", "sub/new.py"}
    assert not ran.exists()


@pytest.mark.parametrize("name", ["GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"])
def test_each_guard_holds_alone(ran: Path, name: str) -> None:
    """A git that knows only one of the two variables fetches nothing either."""
    (other,) = {"GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"} - {name}
    environment = {k: v for k, v in reading().items() if k != other}
    listing = ("git", "-C", str(ran.with_name("clone")), "ls-tree", "-r", "-l", "HEAD")
    subprocess.run(listing, env=environment, capture_output=True, check=False)
    assert not ran.exists()
