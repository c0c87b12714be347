"""Files that are there whole or not at all."""

import pytest

from codeassist.whole import replacing, write_text


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


def test_others_may_read_what_is_not_private(tmp_path):
    """A file has the rights that were asked for, whatever a temporary file has."""
    shown, private = tmp_path / "shown", tmp_path / "private"
    write_text(shown, "")
    with replacing(private, 0o600):
        pass
    rights = [path.stat().st_mode & 0o777 for path in (shown, private)]
    assert rights == [0o644, 0o600]
