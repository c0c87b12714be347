"""The parts of an example: what fits beside a hole, which files come first."""

import pytest

from codeassist.training.fim_data.neighbours import nearest
from codeassist.training.fim_data.windows import fit


def ids(text):
    """A token a byte."""
    return list(text.encode())


@pytest.mark.parametrize(
    ("text", "room", "end", "expected"),
    [
        ("one\ntwo\nthree\n", 100, False, "one\ntwo\nthree\n"),
        ("one\ntwo\nthree\n", 9, False, "one\ntwo\n"),
        ("one\ntwo\nthree\n", 10, True, "three\n"),
        ("one\ntwo\nthr", 4, True, "thr"),
        ("ééééé", 5, False, "éé"),
        ("ééééé", 5, True, "éé"),
        ("abc", 0, False, ""),
        ("", 5, True, ""),
    ],
)
def test_fit(text, room, end, expected):
    """The lines next to the hole stay, as many as fit, with no character cut."""
    assert bytes(fit(text, room, ids, end=end)).decode() == expected


@pytest.mark.parametrize("end", [False, True])
def test_fit_reads_no_more_than_it_may_need(end):
    """Of a huge file only a piece next to the hole is tokenised."""
    longest = 0

    def count(text):
        nonlocal longest
        longest = max(longest, len(text))
        return ids(text)

    assert 50 < len(fit("x = 1\n" * 100_000, 100, count, end=end)) <= 100
    assert longest <= 700


def test_nearest():
    """First the same folder and ending, then the shortest way through the folders."""
    paths = ["a/b/m.py", "z.py", "a/b/n.txt", "a/n.py", "a/b/c/n.py", "q/r/s.py"]
    assert nearest("a/b/m.py", [*paths, "a/b/n.py"]) == [
        "a/b/n.py",
        "a/b/n.txt",
        "a/b/c/n.py",
        "a/n.py",
        "z.py",
        "q/r/s.py",
    ]
