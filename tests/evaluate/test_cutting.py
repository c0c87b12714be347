"""Holes of a whole repository: mixed, the same for the same seed, alone."""

from collections import Counter
from dataclasses import replace

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.holes.cutting import KINDS, Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from tests.evaluate.repositories import SAMPLES, commit, write

SIX = ("python", "go", "ruby", "rust", "typescript", "java")


def program(name, lines=30):
    """A Python file with places of each kind."""
    return "".join(
        f"def {name}_{n}(limit, count):\n"
        f"    if limit_{n} > count:\n"
        f"        report_{n}(limit, {name}, step={n})\n"
        f"    return {name}_{n}\n\n\n"
        for n in range(lines)
    )


@pytest.fixture
def root(tmp_path):
    """A repository in six languages, without git."""
    return write(
        tmp_path / "shop", {SAMPLES[name][0]: SAMPLES[name][1] for name in SIX}
    )


def test_equal_cutting_gives_equal_holes(root):
    """Seed and files alone decide; another seed draws others."""
    repository = open_repository(root)
    cutting = Cutting(n=30, seed=7)
    assert cut(repository, cutting) == cut(open_repository(root), cutting)
    assert cut(repository, cutting) != cut(repository, replace(cutting, seed=8))


def test_kinds_and_languages_share_evenly(root):
    """With enough places each kind has as many holes as the others."""
    write(root, {"b.py": program("alpha"), "c.py": program("beta")})
    holes = cut(open_repository(root), Cutting(n=90, languages=("python",)))
    assert Counter(hole.kind for hole in holes) == dict.fromkeys(KINDS, 15)
    mixed = cut(open_repository(root), Cutting(n=24))
    assert {hole.language for hole in mixed} == set(SIX)
    assert {hole.kind for hole in mixed} == set(KINDS)


def test_files_take_turns(root):
    """Of one kind each file gives a hole before one gives a second."""
    write(root, {f"{name}.py": program(name) for name in ("one", "two", "six")})
    holes = cut(
        open_repository(root), Cutting(n=4, kinds=("line",), languages=("python",))
    )
    assert len({hole.path for hole in holes}) == 4


def test_a_beginning_is_the_answer_to_a_smaller_wish(root):
    """An evaluation that is stopped early has a fair part of the holes."""
    write(root, {"b.py": program("alpha")})
    repository = open_repository(root)
    many = cut(repository, Cutting(n=60, languages=("python", "go")))
    assert cut(repository, Cutting(n=20, languages=("python", "go"))) == many[:20]


def test_a_files_places_do_not_hang_on_other_files(root):
    """A new file moves no hole in the old ones."""
    repository = open_repository(root)
    before = {hole.id for hole in cut(repository, Cutting(n=1000))}
    write(root, {"z.py": program("zeta")})
    after = cut(open_repository(root), Cutting(n=1000))
    assert before == {hole.id for hole in after if hole.path != "z.py"}


def test_holes_say_what_they_are(root):
    """Prefix, middle and suffix are the file; each id is one hole's; lines fit."""
    holes = cut(open_repository(root), Cutting(n=1000))
    assert len({hole.id for hole in holes}) == len(holes)
    for hole in holes:
        assert hole.prefix + hole.middle + hole.suffix == (root / hole.path).read_text()
        several = "\n" in hole.middle
        wanted = "block" if hole.kind == "block" else "auto" if several else "one"
        assert (hole.lines, hole.origin, hole.root) == (wanted, "shop", "")
        if hole.kind in {"line", "rest-of-line"}:
            assert hole.suffix.startswith("\n")


def test_line_ends_and_tabs_stay_as_they_are(tmp_path):
    """A file with CR LF and a byte order mark is cut without changing its text."""
    text = program("alpha").replace("    ", "\t").replace("\n", "\r\n")
    root = write(tmp_path / "dos", {"a.py": b"\xef\xbb\xbf" + text.encode()})
    for hole in cut(open_repository(root), Cutting(n=50)):
        assert hole.prefix + hole.middle + hole.suffix == text
        assert not hole.suffix.startswith("\n")


def test_lines_that_stand_elsewhere_are_tagged(tmp_path):
    """A hole whose lines could be copied is told from one that must be thought of."""
    one = "total = compute(first)\nunique_one = total\n"
    two = "    total = compute(first)\nunique_two = 2\n"
    root = write(tmp_path / "shop", {"one.py": one, "two.py": two})
    holes = cut(open_repository(root), Cutting(n=10, kinds=("line",)))
    tags = {hole.middle: hole.tags["dup"] for hole in holes if hole.path == "one.py"}
    assert tags == {"total = compute(first)": "yes", "unique_one = total": "no"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"kinds": ("loop",)}, "no kind 'loop'; there are block"),
        ({"languages": ("cobol",)}, "no language 'cobol'; there are python"),
        ({"n": 0}, "0 holes cannot be cut"),
        ({"languages": ("swift",)}, "no place for a hole in any source file of swift"),
    ],
)
def test_impossible_wishes_are_refused_in_one_line(root, wrong, why):
    """What does not exist is named, with what there is."""
    with pytest.raises(InputError, match=why) as refused:
        cut(open_repository(root), Cutting(**wrong))
    assert "\n" not in str(refused.value)


def test_git_and_no_git_give_the_same_holes(tmp_path):
    """Whether a folder has history does not move its holes."""
    files = {"a.py": program("alpha"), "b/c.py": program("beta")}
    plain = write(tmp_path / "plain" / "shop", files)
    commit(kept := write(tmp_path / "kept" / "shop", files), {})
    assert cut(open_repository(plain), Cutting(n=40)) == cut(
        open_repository(kept), Cutting(n=40)
    )
