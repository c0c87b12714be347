"""What is learned of a history: holes in lines as commits added them."""

from types import SimpleNamespace

import pytest

from codeassist.commands import finetune_learn
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes import history
from codeassist.finetune.changes import changes
from codeassist.finetune.sieve import Sieve
from tests.evaluate.repositories import commit, git

OLD = "".join(f"def old_{i}(a):\n    return a + {i}\n\n\n" for i in range(20))
NEW = "def brought(first, second):\n    total = first * second\n    return total\n"
SECRET = 'KEY = "AKIAIOSFODNN7EXAMPLQ"\n'


@pytest.fixture
def root(tmp_path):
    """Three commits: some files, a function in one of them, a function beside a key."""
    folder = tmp_path / "own"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, {"a.py": OLD, "data.json": "{}", "kept.py": OLD})
    commit(folder, {"a.py": NEW + OLD, "data.json": "[1, 2, 3]"})
    commit(folder, {"kept.py": OLD + NEW + SECRET, "ö.py": NEW * 3})
    return folder


def found(root, since="HEAD~2", until="HEAD"):
    since, until = (history.resolve(root, each) for each in (since, until))
    return [*changes(root, since, until, Sieve(root), "own", 0)]


def test_holes_lie_in_what_a_commit_added(root):
    """The file is as it was behind the commit, the holes in its new lines alone."""
    (change,) = found(root, until="HEAD~1")
    assert change.document.path == "a.py"
    assert change.document.text == NEW + OLD
    assert change.document.repository == "own"
    assert change.cuts
    for cut in change.cuts:
        assert 0 <= cut.start < cut.end <= len(NEW)


def test_what_may_not_be_learned_is_left_out(root):
    """No data, and no file with a secret."""
    assert {each.document.path for each in found(root)} == {"a.py", "ö.py"}


def test_a_zero_byte_is_no_commit(root):
    """A file with a zero byte far inside does not pass for the next commit."""
    commit(root, {"odd.py": OLD * 20 + "x = '\0--output=stolen'\n"})
    commit(root, {"a.py": NEW + NEW.replace("brought", "later") + OLD})
    assert {each.document.path for each in found(root, "HEAD~2")} >= {"a.py"}
    assert not (root / "stolen").exists()


def test_a_file_kept_back_is_not_learned_by_its_older_name(root):
    """What is learned of a history is of files that are learned themselves."""
    taken = SimpleNamespace(root=root, cutoff=history.resolve(root, "HEAD"))
    known = SimpleNamespace(snapshot=taken, holes=[])
    job = SimpleNamespace(root=root, since=history.resolve(root, "HEAD~2"), name="own")
    assert [*finetune_learn._changes(job, known, {"b.py"})] == []
    (change,) = finetune_learn._changes(job, known, {"a.py", "b.py"})
    assert change.document.path == "a.py"


def test_what_is_judged_by_is_learned_from_no_older_text(root):
    """A text of the history that has all lines of a hole is left out."""
    taken = SimpleNamespace(root=root, cutoff=history.resolve(root, "HEAD"))
    job = SimpleNamespace(root=root, since=history.resolve(root, "HEAD~2"), name="own")
    first, second = NEW.split("\n")[:2]
    for middle, n in ((f"{first}\n{second}", 0), (f"{first}\nelsewhere()", 1)):
        hole = Hole("x", "moved.py", "python", "line", "", "", middle)
        known = SimpleNamespace(snapshot=taken, holes=[hole])
        assert len([*finetune_learn._changes(job, known, {"a.py"})]) == n


def test_nothing_since(root):
    """Between a commit and itself nothing was brought."""
    assert found(root, since="HEAD") == []


def test_the_same_again(root):
    """Equal histories give equal holes."""
    assert found(root) == found(root)
