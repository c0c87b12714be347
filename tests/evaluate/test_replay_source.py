"""Where the text of a replay comes from, and what is refused."""

from pathlib import Path

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.replay.source import commit_script, file_script, stretches
from tests.evaluate.test_replay_policy import history


@pytest.fixture
def source(tmp_path):
    """A place for a file."""
    return tmp_path / "a.py"


def test_file(source):
    """A file is typed from nothing."""
    script = file_script(source, "one\ntwo\nthree\n")
    (stretch,) = script.stretches

    assert script.files == {str(source): ""}
    assert (stretch.offset, stretch.insert) == (0, "one\ntwo\nthree\n")
    assert script.keystrokes == script.characters == 14


def test_from_line(source):
    """Lines before the first that is typed stand there, and bounds count keys."""
    script = file_script(source, "one\ntwo\nthree\n", from_line=2, keystrokes=6)

    assert script.files == {str(source): "one\n"}
    assert script.stretches[0].insert == "two\nth"
    assert script.keystrokes == 6


def test_line_ends_are_the_editors(source):
    """A file with Windows line ends is typed with Enter like any other."""
    script = file_script(source, "one\r\ntwo\r\n")

    assert script.stretches[0].insert == "one\ntwo\n"


@pytest.mark.parametrize(
    ("text", "how", "reason"),
    [
        ("", {}, "nothing to type"),
        ("\n  \n", {}, "nothing to type"),
        ("x\n", {"from_line": 2}, "nothing to type"),
        ("x\n", {"from_line": 0}, "no line 0"),
        ("x\n", {"keystrokes": 0}, "above 0 keystrokes"),
    ],
)
def test_nothing_to_type(source, text, how, reason):
    """A text or a bound that leaves nothing is refused with one line."""
    with pytest.raises(InputError, match=reason) as error:
        file_script(source, text, **how)

    assert "\n" not in str(error.value)


@pytest.mark.parametrize("revision", ["nonsense", "HEAD:a.py", "--all", ""])
def test_no_commit(tmp_path, revision):
    """What is neither a file nor a commit is refused, in a repository and outside."""
    with (
        pytest.raises(InputError, match="neither a file nor a commit"),
        commit_script(tmp_path, revision),
    ):
        pass
    history(tmp_path)
    with (
        pytest.raises(InputError, match="neither a file nor a commit"),
        commit_script(tmp_path, revision),
    ):
        pass


def test_tree_of_the_parent(tmp_path):
    """The workspace of a commit holds its parent's files, and goes away in the end."""
    _, second = history(tmp_path)
    with commit_script(tmp_path, second) as script:
        root = Path(script.root)
        files = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
        moved = (root / "b/moved.py").read_text()
        texts = [file.read_text() for file in root.rglob("*.py")]

    assert files == {"a.py", "b/moved.py", "gone.py", ".env", "picture"}
    assert "z = 3" not in moved
    assert not any("def two" in text for text in texts)
    assert not root.exists()


def test_bound_of_a_commit(tmp_path):
    """A bound cuts the stretches of a commit where its keys are used up."""
    _, second = history(tmp_path)
    with commit_script(tmp_path, second, keystrokes=10) as script:
        assert script.keystrokes == 10


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\n", "a\nx\nb\n", [(1, 0, "\nx")]),
        ("f(a)\n", "f(a, b)\n", [(3, 0, ", b")]),
        ("f(a, b)\n", "f(b)\n", [(2, 3, "")]),
        ("a\nb\nc\n", "a\nc\n", [(2, 2, "")]),
        ("", "a\nb\n", [(0, 0, "a\nb\n")]),
        ("a\nb\nc\n", "x\nb\ny\n", [(0, 1, "x"), (4, 1, "y")]),
        ("a\n", "a\n", []),
        ("a", "a\nb", [(1, 0, "\nb")]),
    ],
)
def test_stretches(old, new, expected):
    """Lines are opened with Enter, and a line's unchanged ends stay untouched."""
    found = stretches("p", old, new)

    assert [(s.offset, s.delete, s.insert) for s in found] == expected
