"""What a system under test can read while it fills a hole."""

import subprocess
from pathlib import Path

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.history import added_lines, resolve
from codeassist.evaluate.holes.repository import open_repository
from codeassist.evaluate.holes.workspace import workspace
from tests.evaluate.repositories import commit, git, write

OLD = "".join(f"old_{n} = compute(first_{n})\n" for n in range(6))
NEW = "".join(f"fresh_{n} = invent(second_{n}, {n})\n" for n in range(6))


def seen(root):
    """Path and text of everything under a folder."""
    folder = Path(root)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes().decode()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_answer_is_nowhere_in_what_is_seen(tmp_path):
    """Of the holed file only prefix and suffix are there, the other files are whole."""
    root = tmp_path / "shop"
    files = {"a.py": OLD, "b.py": NEW, "docs/README.md": "# Shop\n"}
    commit(root, files)
    repository = open_repository(root)
    holes = cut(repository, Cutting(n=30, kinds=("line", "arguments")))
    with workspace(repository) as place:
        for hole in holes:
            with place.show(hole) as shown:
                there = seen(shown.root)
                assert there == files | {hole.path: hole.prefix + hole.suffix}
                assert all(hole.middle not in text for text in there.values())
            assert seen(place.root) == files
    assert (root / "a.py").read_text() == OLD
    assert not place.root.exists()


def test_history_and_ignored_files_are_not_there(tmp_path):
    """The objects of git and a build's copies hold the answer: neither is copied."""
    root = tmp_path / "shop"
    commit(root, {".gitignore": "out/\n", "a.py": OLD})
    write(root, {"out/a.py": OLD, ".env": "KEY=1"})
    with workspace(open_repository(root)) as place:
        assert set(seen(place.root)) == {".gitignore", "a.py"}
        assert place.root.name == "shop"


def test_the_file_is_mended_after_an_error(tmp_path):
    """A system that fails leaves no hole behind for the next one."""
    root = write(tmp_path / "shop", {"a.py": OLD})
    repository = open_repository(root)
    hole, *_ = cut(repository, Cutting(n=1))
    with workspace(repository) as place:
        with pytest.raises(ZeroDivisionError), place.show(hole):
            raise ZeroDivisionError
        assert seen(place.root) == {"a.py": OLD}


@pytest.fixture
def grown(tmp_path):
    """A repository, and the commit before lines and files were added to it."""
    root = tmp_path / "shop"
    base = commit(root, {"a.py": OLD, "moved.py": OLD * 2, "gone.py": OLD})
    (root / "gone.py").unlink()
    git(root, "mv", "moved.py", "renamed.py")
    commit(root, {"a.py": OLD + NEW, "added/b.py": NEW, "added/c.md": "new\n"})
    write(root, {"a.py": OLD + NEW + "last_one = draft(first_1)\n", "draft.py": NEW})
    return root, base


def test_since_finds_the_lines_that_were_added(grown):
    """Committed, changed and untracked lines count; moved files do not."""
    root, base = grown
    added = {path: lines for path, lines in added_lines(root, base).items() if lines}
    assert added == {
        "a.py": frozenset(range(6, 13)),
        "added/b.py": frozenset(range(6)),
        "added/c.md": frozenset({0}),
        "draft.py": frozenset(range(7)),
    }


def test_since_cuts_only_added_lines_and_shows_the_old_tree(grown):
    """What was written later is the hole's file alone, in its newest state."""
    root, base = grown
    repository = open_repository(root)
    holes = cut(repository, Cutting(n=60, since=base))
    assert {hole.path for hole in holes} == {"a.py", "added/b.py", "draft.py"}
    old = {"a.py": OLD, "moved.py": OLD * 2, "gone.py": OLD}
    with workspace(repository, base) as place:
        assert seen(place.root) == old
        for hole in holes:
            assert "old_" not in hole.middle
            with place.show(hole) as shown:
                there = seen(shown.root)
                assert there == old | {hole.path: hole.prefix + hole.suffix}
            assert seen(place.root) == old


def test_since_works_in_a_folder_of_a_repository(grown):
    """Paths are of the named folder, not of the repository around it."""
    root, base = grown
    holes = cut(open_repository(root / "added"), Cutting(n=60, since=base))
    assert {hole.path for hole in holes} == {"b.py"}


def test_settings_of_the_user_do_not_change_what_was_added(grown):
    """Colours, prefixes, context and external tools for diff are set aside."""
    root, base = grown
    write(root, {"a.py": "top = start()\n" + OLD + NEW})
    expected = added_lines(root, base)
    assert expected["a.py"] == frozenset({0, *range(7, 13)})
    for name, value in {
        "color.ui": "always",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.interHunkContext": "50",
        "diff.external": "false",
        "core.quotePath": "true",
    }.items():
        git(root, "config", name, value)
    assert added_lines(root, base) == expected


def test_lines_that_look_like_a_diff_do_not_confuse(tmp_path):
    """A file may hold the headers of a diff."""
    root = tmp_path / "shop"
    base = commit(root, {"a.py": "start = 1\n"})
    commit(root, {"a.py": "start = 1\n++ b/x.py\n@@ -0,0 +1,9 @@\nend = 2"})
    assert added_lines(root, base) == {"a.py": frozenset({1, 2, 3})}


def test_a_revision_that_is_none_is_refused_in_one_line(tmp_path):
    """So are a folder without history, an option, and a commit with nothing after."""
    root = tmp_path / "shop"
    head = commit(root, {"a.py": OLD})
    assert resolve(root, "HEAD") == resolve(root, head[:8]) == head
    for wrong in ("nothing", "--help", "HEAD:a.py", "", "a\0b"):
        with pytest.raises(InputError, match="is no revision of") as refused:
            resolve(root, wrong)
        assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="has no git history; leave out --since"):
        resolve(write(tmp_path / "plain", {"a.py": OLD}), "HEAD")
    with pytest.raises(InputError, match="in lines added after"):
        cut(open_repository(root), Cutting(since=head))


def test_a_commit_that_vanished_is_refused_in_one_line(tmp_path):
    """A manifest may name a commit that this clone does not have."""
    root = tmp_path / "shop"
    commit(root, {"a.py": OLD})
    with (
        pytest.raises(InputError, match="git ls-tree fails"),
        workspace(open_repository(root), "0" * 40),
    ):
        pass


def test_a_shallow_clone_is_enough_for_what_it_holds(grown, tmp_path):
    """Objects that are not there are never fetched."""
    root, _ = grown
    clone = tmp_path / "clone"
    source = root.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", source, str(clone)], check=True)
    head = resolve(clone, "HEAD")
    with workspace(open_repository(clone), head) as place:
        assert set(seen(place.root)) == {
            "a.py",
            "renamed.py",
            "added/b.py",
            "added/c.md",
        }
