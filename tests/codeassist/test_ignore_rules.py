"""What may be read of a repository, however it is asked for."""

import os
import subprocess

import pytest

from codeassist.ignore import MAX_BYTES, Rules, is_by_hand


def write(root, *paths, text="x = 1\n"):
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def git(root, *command):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *command],
        cwd=root,
        check=True,
        capture_output=True,
    )


def walked(rules, **how):
    return sorted(found.path for found in rules.walk(**how))


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A repository with ignore files at three depths."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    root = tmp_path / "repository"
    write(tmp_path / "home", "git/ignore", text="*.everywhere\n")
    write(root, "a.py", "b.log", "keep.log", "c.everywhere", "made/x.py", "made/y/z.py")
    write(
        root, "sub/a.py", "sub/b.tmp", "sub/deep/b.tmp", "sub/deep/only.py", "mine.py"
    )
    write(root, "quiet/a.py", "local.py", "node_modules/p/i.js", ".env", "x.min.js")
    write(root, "uv.lock", "api_pb2.py", "spaced name.py", "ünï.py")
    write(root, ".gitignore", text="*.log\n!keep.log\n/made/\n!\n")
    write(root, "sub/.gitignore", text="*.tmp\n")
    write(root, "sub/deep/.gitignore", text="!b.tmp\n/only.py\n")
    write(root, ".codeassistignore", text="quiet/\nmine.py\n")
    return root


SHOWN = ["a.py", "keep.log", "local.py", "spaced name.py", "sub/a.py", "sub/deep/b.tmp"]
SHOWN.append("ünï.py")
OWN = {".codeassistignore", ".gitignore", "sub/.gitignore", "sub/deep/.gitignore"}


@pytest.mark.parametrize("with_git", [False, True])
def test_walk_and_allows_agree(tree, with_git):
    """Walking, with git or without, finds exactly what is allowed file by file."""
    if with_git:
        git(tree, "init")
    rules = Rules(tree)
    shown = [path for path in walked(rules) if path not in OWN]
    assert shown == SHOWN
    everything = [
        file.relative_to(tree).as_posix() for file in tree.rglob("*") if file.is_file()
    ]
    assert sorted(filter(rules.allows, everything)) == walked(rules)
    assert walked(rules, git=False) == walked(rules)


def test_excludes_of_the_clone(tree):
    """What `.git/info/exclude` names is left out."""
    git(tree, "init")
    write(tree, ".git/info/exclude", text="local.py\n")
    rules = Rules(tree)
    assert "local.py" not in walked(rules)
    assert not rules.allows("local.py")


@pytest.mark.parametrize("with_git", [False, True])
def test_a_folder_of_a_repository(tree, with_git):
    """The ignore files above a folder of a git repository hold in it, too."""
    write(tree, "part/a.py", "part/b.log", "part/mine.py", "part/local.py")
    git(tree, "init")
    write(tree, ".git/info/exclude", text="local.py\n")
    rules = Rules(tree / "part")
    assert walked(rules, git=with_git) == ["a.py"]
    assert list(filter(rules.allows, ("a.py", "b.log", "mine.py", "local.py"))) == [
        "a.py"
    ]
    assert walked(Rules(tree / "sub" / "deep"), git=with_git) == [".gitignore", "b.tmp"]


@pytest.mark.parametrize("folder", ["made", "quiet"])
def test_a_folder_that_is_ignored_whole(tree, folder):
    """Who opens a folder that its repository ignores has its files."""
    git(tree, "init")
    write(tree, f"{folder}/a.py", f"{folder}/.env")
    rules = Rules(tree / folder)
    assert "a.py" in walked(rules)
    assert rules.allows("a.py")
    assert not rules.allows(".env")


def test_another_work_tree(tree):
    """What the clone excludes is left out of its other work trees, too."""
    git(tree, "init")
    git(tree, "add", "a.py")
    git(tree, "commit", "--message", "one")
    write(tree, ".git/info/exclude", text="local.py\n")
    other = tree.parent / "other"
    git(tree, "worktree", "add", str(other))
    write(other, "local.py")
    rules = Rules(other)
    assert walked(rules) == ["a.py"]
    assert not rules.allows("local.py")


@pytest.mark.parametrize("name", [".gitignore", ".codeassistignore"])
def test_a_byte_order_mark_is_no_part_of_a_pattern(tree, name):
    """The first pattern counts also in a file of an editor that begins it with a mark."""
    write(tree, name, text="\ufefflocal.py\n")
    assert not Rules(tree).allows("local.py")


def test_tracked_counts(tree):
    """A file that git tracks is read though a pattern names it, unless ours does."""
    git(tree, "init")
    git(tree, "add", "--force", "made/x.py", "mine.py")
    rules = Rules(tree)
    assert rules.allows("made/x.py")
    assert not rules.allows("made/y/z.py")
    assert not rules.allows("mine.py")
    assert "made/x.py" in walked(rules)


def test_repository_inside(tree):
    """The files of a repository inside the repository are found, too."""
    git(tree, "init")
    write(tree, "inner/a.py", "inner/b.log")
    git(tree / "inner", "init")
    inner = [path for path in walked(Rules(tree)) if path.startswith("inner/")]
    assert inner == ["inner/a.py"]


def test_links_and_limits(tmp_path):
    """Loops end, links are not followed, what is too large or unreadable is left."""
    write(tmp_path, "a/b.py")
    write(tmp_path, "large.py", text="x" * (MAX_BYTES + 1))
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "link.py").symlink_to(tmp_path / "a" / "b.py")
    (tmp_path / "a" / "dangling.py").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.py")
    rules = Rules(tmp_path)
    assert walked(rules) == ["a/b.py"]
    assert not rules.allows("large.py")
    assert not rules.allows("pipe.py")


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "", "a/../../x.py", "a/"])
def test_outside(tmp_path, path):
    """Nothing outside the root is allowed, nor what is no file's name."""
    assert not Rules(tmp_path).allows(path)


def test_root_vanished(tmp_path):
    """A root that is gone holds no files."""
    assert walked(Rules(tmp_path / "gone")) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"def f():\n    return 1\n", True),
        (b"", True),
        ("ünï\r\nx\f\n".encode("latin-1"), True),
        (b"\x7fELF\0\0\1", False),
        (b"# @generated by protoc\nx = 1\n", False),
        (b"# Generated from Expr.g4 by ANTLR 4.13.2\n", False),
        (b"// Code generated by stringer; DO NOT EDIT.\n", False),
        (b"var a=1;" * 5000, False),
        (b"x = 1\n" * 10_000, True),
        ("x = 1\n".encode("utf-16"), True),
    ],
)
def test_by_hand(data, expected):
    """Generated, minified and binary contents are told from what people write."""
    assert is_by_hand(data) is expected


@pytest.mark.parametrize("with_git", [False, True])
def test_excludes_of_a_repository_inside(tree, with_git):
    """What a repository inside excludes for itself is left out, git around it or not."""
    if with_git:
        git(tree, "init")
    write(tree, "one/deep/a.py", "one/local.py", "one/b.mine", "two/local.py")
    git(tree / "one", "init")
    write(tree, "one/.git/info/exclude", text="local.py\n")
    git(tree / "one", "config", "core.excludesFile", str(tree / "mine"))
    write(tree, "mine", text="*.mine\n")
    rules = Rules(tree)
    inside = [path for path in walked(rules) if path.startswith(("one/", "two/"))]
    assert inside == ["one/deep/a.py", "two/local.py"]
    assert rules.allows("one/deep/a.py")
    assert rules.ignores("one/local.py")
    assert not rules.allows("one/b.mine")


def test_a_work_tree_inside(tree):
    """The file by which another work tree knows its repository is none of its files."""
    write(tree, "other/a.py", "other/.git", text="gitdir: /nowhere\n")
    assert [path for path in walked(Rules(tree)) if "other" in path] == ["other/a.py"]
