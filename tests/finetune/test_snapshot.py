"""What is kept aside of a repository: committed files, and which lines are not learned."""

import subprocess

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.holes import history
from codeassist.finetune.snapshot import state_of, take
from tests.evaluate.repositories import commit, git


def lines(name, n):
    return "".join(f"{name}_{i} = {i}\n" for i in range(n))


@pytest.fixture
def repository(tmp_path):
    """Two thousand old lines, then two commits with some new ones each."""
    root = tmp_path / "own"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "old.py").write_text(lines("old", 2000))
    commit(root, {})
    (root / "new.py").write_text(lines("first", 200))
    commit(root, {})
    (root / "old.py").write_text(lines("old", 2000) + lines("second", 150))
    commit(root, {})
    return root


def learned(taken):
    files = history.files_at(taken.root, taken.learned, 10**6)
    return {path: content.decode() for path, content in files}


def test_the_newest_lines_are_kept_back(repository, tmp_path):
    """So many commits as bring about 300 lines are judged by and not learned."""
    taken = take(repository, tmp_path / "kept")
    assert taken.kept
    assert taken.head == history.commit_of(repository)
    assert learned(taken) == {"old.py": lines("old", 2000)}
    added = history.added_lines(taken.root, taken.learned)
    assert {path: len(found) for path, found in added.items()} == {
        "new.py": 200,
        "old.py": 150,
    }


def test_a_dirty_tree(repository, tmp_path):
    """What is not committed is neither learned nor judged by, and that is said."""
    (repository / "old.py").write_text("wip = 1\n")
    (repository / "untracked.py").write_text("x = 1\n")
    taken = take(repository, tmp_path / "kept")
    assert "uncommitted" in taken.note
    assert not (taken.root / "untracked.py").exists()
    assert "wip" not in (taken.root / "old.py").read_text()


def test_editing_meanwhile_changes_nothing(repository, tmp_path):
    """A second look, after a kill, finds the files of the first one."""
    first = take(repository, tmp_path / "kept")
    (repository / "old.py").write_text("")
    commit(repository, {})
    assert take(repository, tmp_path / "kept") == first


def test_a_young_history(tmp_path):
    """With one commit all is learned, as with commits that are most of the code."""
    root = tmp_path / "young"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "a.py").write_text(lines("a", 50))
    commit(root, {})
    (root / "b.py").write_text(lines("b", 500))
    commit(root, {})
    taken = take(root, tmp_path / "kept")
    assert not taken.kept
    assert set(learned(taken)) == {"a.py", "b.py"}


def test_without_git(tmp_path):
    """The files are read as they lie there, by the ignore rules, and that is said."""
    root = tmp_path / "plain"
    root.mkdir()
    (root / "a.py").write_text("a = 1\n")
    (root / "b.py").write_text("b = 1\n")
    (root / ".codeassistignore").write_text("b.py\n")
    before = state_of(root)
    taken = take(root, tmp_path / "kept")
    assert taken.head == ""
    assert taken.note.startswith("no git")
    assert "a.py" in learned(taken)
    assert "b.py" not in learned(taken)
    (root / "a.py").write_text("a = 22\n")
    assert state_of(root) != before


def test_a_folder_in_a_repository(repository, tmp_path):
    """Only what lies in the folder counts."""
    (repository / "part").mkdir()
    (repository / "part" / "c.py").write_text("c = 1\n")
    commit(repository, {})
    taken = take(repository / "part", tmp_path / "kept")
    assert learned(taken) == {"c.py": "c = 1\n"}


def test_ignore_files_at_any_depth(repository, tmp_path):
    """What the user's own ignore files name today is not copied, wherever they stand."""
    (repository / "part" / "deep").mkdir(parents=True)
    (repository / "part" / "deep" / "c.py").write_text("c = 1\n")
    (repository / "part" / "d.py").write_text("d = 1\n")
    commit(repository, {})
    (repository / ".codeassistignore").write_text("d.py\n")
    (repository / "part" / "deep" / ".codeassistignore").write_text("c.py\n")
    assert learned(take(repository / "part", tmp_path / "kept")) == {}
    assert "part/deep/c.py" not in learned(take(repository, tmp_path / "whole"))


def test_nothing_of_the_users_git_is_run(repository, tmp_path):
    """Hooks and filters of the repository do not see the copy."""
    hook = repository / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    subprocess.run(
        ["git", "-C", repository, "config", "filter.x.clean", "false"], check=True
    )
    take(repository, tmp_path / "kept")
    assert not (tmp_path / "ran").exists()


def test_secret_files_are_not_copied(repository, tmp_path):
    """A file whose name says that it holds secrets is not copied, though git tracks it."""
    (repository / ".env").write_text("KEY=1\n")
    commit(repository, {})
    assert ".env" not in learned(take(repository, tmp_path / "kept"))


def test_attributes_do_not_count(repository, tmp_path):
    """What a repository says of its files' encodings changes nothing in the copy."""
    attributes = "*.py working-tree-encoding=UTF-16 eol=crlf\n"
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("* -working-tree-encoding")
    (repository / ".gitattributes").write_text(attributes)
    commit(repository, {})
    taken = take(repository, tmp_path / "kept")
    assert (taken.root / "old.py").read_text().startswith("old_0 = 0\n")


def test_a_clone_without_older_files(repository, tmp_path):
    """Of a partial clone what is there is learned; nothing is fetched."""
    for what in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(repository, "config", what, "true")
    clone = tmp_path / "clone"
    told = ("--quiet", "--filter=blob:none", repository.as_uri(), str(clone))
    git(tmp_path, "clone", *told)
    before = git(clone, "rev-list", "--objects", "--all", "--missing=print")
    taken = take(clone, tmp_path / "kept")
    assert set(learned(taken)) == {"new.py", "old.py"}
    after = git(clone, "rev-list", "--objects", "--all", "--missing=print")
    assert after == before


def test_a_repository_that_another_user_owns(repository, tmp_path, monkeypatch):
    """What the user has told git to trust is learned, as in a container."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    (tmp_path / "config").write_text("[safe]\n\tdirectory = *\n")
    assert take(repository, tmp_path / "kept").kept


def test_no_folder(tmp_path):
    """A missing folder, and a file, are named."""
    (tmp_path / "file").write_text("")
    for name, said in (("none", "does not exist"), ("file", "is a file")):
        with pytest.raises(InputError, match=said):
            state_of(tmp_path / name)
