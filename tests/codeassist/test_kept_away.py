"""Files in which the assistant has nothing to look for."""

import pytest

from codeassist.engine.refusal import refusal
from codeassist.engine.request import Request, Silence
from codeassist.ignore import KeptAway
from codeassist.languages import of_path


@pytest.fixture
def tree(tmp_path):
    """A repository that keeps the assistant away from a folder, and git from others."""
    for folder in (".git", "secret/deep", "made"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".codeassistignore").write_text("secret/\nmine.*\n")
    (tmp_path / ".gitignore").write_text("made/\n")
    (tmp_path / "made" / ".codeassistignore").write_text("!mine.py\n")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "away"),
    [
        ("secret/deep/a.py", True),
        ("mine.py", True),
        ("made/mine.py", False),
        ("made/mine.go", True),
        ("made/a.py", False),
        ("new/a.py", False),
    ],
)
def test_own_ignore_files_at_any_depth(tree, monkeypatch, path, away):
    """What `.codeassistignore` names is kept away from, what git alone ignores is not."""
    monkeypatch.chdir(tree / "made")
    assert KeptAway().names(str(tree / path)) is away
    assert KeptAway().names(f"../{path}") is away


def test_a_change_is_seen(tree):
    """An ignore file that is changed counts within seconds."""
    now = 0.0
    away = KeptAway(lambda: now)
    assert away.names(str(tree / "mine.py"))
    (tree / ".codeassistignore").write_text("\n")
    assert away.names(str(tree / "mine.py"))
    now = 2.0
    assert not away.names(str(tree / "mine.py"))


@pytest.mark.parametrize("path", ["", "Untitled-1", "/", "/no/such/folder/a.py"])
def test_no_place(path):
    """What lies nowhere is named by nobody."""
    assert not KeptAway().names(path)


def test_the_model_is_not_asked(tree):
    """A request in such a file is refused with its reason."""
    paths = [str(tree / each) for each in ("secret/a.py", "made/a.py")]
    asked = [Request("x = ", "", path=path, language=of_path(path)) for path in paths]
    assert [refusal(each) for each in asked] == [Silence.IGNORED_FILE, None]
