"""Files that are there whole or not at all."""

import os

import pytest

from codeassist.whole import filling, replacing, write_text


def test_what_fails_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path):
    """A failure in the middle keeps the old text, and no half-written file stays."""
    path = tmp_path / "kept.txt"
    write_text(path, "old\r\n")
    with pytest.raises(TypeError), replacing(path) as part, part.open("w") as file:
        file.writelines(["half", 2])
    assert path.read_bytes() == b"old\r\n"
    assert [each.name for each in tmp_path.iterdir()] == ["kept.txt"]


def test_two_who_write_the_same_file_do_not_meet(tmp_path):
    """Each writes its own file; that of the later one stays, whole."""
    path = tmp_path / "both.png"
    with replacing(path) as one, replacing(path) as other:
        assert one != other
        assert one.suffix == other.suffix == ".png"
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert path.read_bytes() == b"one"  # the inner block ended first


def test_a_folder_takes_what_is_new_and_keeps_what_else_it_has(tmp_path):
    """A folder gets all of its new files or none; it may be a link, and be there."""
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)

    def fill(text, fails=False):
        with filling(link) as fresh:
            (fresh / "a").write_text(text)
            assert not fails or 1 / 0

    fill("old")
    (real / "mine").write_text("kept")
    with pytest.raises(ZeroDivisionError):
        fill("half", fails=True)
    assert (real / "a").read_text() == "old"
    fill("new")
    assert {each.name: each.read_text() for each in real.iterdir()} == {
        "a": "new",
        "mine": "kept",
    }
    assert {each.name for each in tmp_path.iterdir()} == {"real", "link"}
    assert real.stat().st_mode & 0o777 == 0o777 & ~umask()


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_others_may_read_what_is_not_private(tmp_path):
    """A file has the rights that were asked for, whatever a temporary file has."""
    shown, private = tmp_path / "shown", tmp_path / "private"
    write_text(shown, "")
    with replacing(private, 0o600):
        pass
    rights = [path.stat().st_mode & 0o777 for path in (shown, private)]
    assert rights == [0o644, 0o600]
