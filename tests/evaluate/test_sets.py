"""Public sets as they lie in the evaluation folder."""

import gzip
import json

import pytest

from codeassist.evaluate import sets
from codeassist.evaluate.hole import Case
from codeassist.evaluate.sets import cut, load, sound

SIZES = {
    "humaneval": 82,
    "humaneval-plus": 82,
    "mbpp": 463,  # 464 rows, 927 left out
    "mbpp-plus": 147,
    "infilling-single-line": 457,
    "infilling-multi-line": 2233,
    "infilling-random-span": 820,
    "safim-api": 310,
    "safim-block": 342,
    "safim-control": 311,
    "crosscodeeval": 100,
    "fresh-fim": 751,
}


@pytest.fixture(autouse=True)
def _evaluation_folder(shared, monkeypatch):
    monkeypatch.setenv("CODEASSIST_SHARED", str(shared))


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_the_sets_are_read_whole(name, size):
    """Each named set has its published rows; prefix, middle and suffix are one text."""
    holes = load(name)
    assert len(holes) == size
    assert len({hole.id for hole in holes}) == size
    assert {hole.origin for hole in holes} == {name}
    blank = sum(not hole.middle.strip() for hole in holes)
    assert blank == (29 if name == "infilling-random-span" else 0)
    for hole in holes:
        if hole.check is not None and hole.check.before:
            assert hole.prefix.endswith(hole.check.before)
            assert hole.check.after.startswith(hole.suffix)


@pytest.mark.parametrize("name", SIZES)
def test_the_reference_is_not_cut(name):
    """No set's stop texts cut its own reference."""
    assert all(cut(hole, hole.middle) == hole.middle for hole in load(name))


def test_the_reference_is_the_checked_program(shared):
    """A hole with its middle put back is the set's own program."""
    with gzip.open(shared / "eval/safim/block.jsonl.gz", "rt") as rows:
        for hole, row in zip(load("safim-block"), map(json.loads, rows), strict=True):
            program = hole.check.before + hole.middle + hole.check.after
            whole = row["eval_prompt"].replace("{{completion}}", row["ground_truth"])
            assert program == whole.replace("\r\n", "\n")
            first = row["unit_tests"][0]
            assert hole.check.cases[0] == Case(first["input"], tuple(first["output"]))


def test_the_description_is_a_comment():
    """SAFIM's problem stands above the program, where it does not break its syntax."""
    for hole in load("safim-control", limit=50):
        above = hole.prefix.removesuffix(hole.check.before).splitlines()
        assert above
        assert all(line.startswith("# ") for line in above)


def test_mbpp_has_plain_line_ends():
    """The files' CRLF is gone, and the problem that lacks a class."""
    holes = load("mbpp")
    assert not any("\r" in hole.middle + hole.check.after for hole in holes)
    assert "Mbpp/927" not in {hole.id for hole in holes}


def test_problem_32_is_asked_for_a_root():
    """HumanEval+ 32 checks that the polynomial is 0 at the answer."""
    (hole,) = [hole for hole in load("humaneval-plus") if hole.id == "HumanEval/32"]
    ending = hole.check.after.splitlines()[-3]
    assert ending == "        assert abs(_poly(*inp, candidate(*inp))) <= 0.0001"


def test_a_draw_is_seeded():
    """The same seed draws the same holes, in the order of the file."""
    drawn = [hole.id for hole in load("infilling-multi-line", limit=40, seed=1)]
    every = [hole.id for hole in load("infilling-multi-line")]
    assert len(drawn) == 40
    assert drawn == [name for name in every if name in set(drawn)]
    again = [hole.id for hole in load("infilling-multi-line", limit=40, seed=1)]
    assert again == drawn
    other = [hole.id for hole in load("infilling-multi-line", limit=40, seed=2)]
    assert other != drawn


def test_a_path_is_known_by_its_rows(shared):
    """A file given by path is the set that its rows say."""
    for name, pattern in sets.NAMES.items():
        files = sorted((shared / "eval").glob(pattern))
        for file in files:
            assert {hole.origin for hole in load(str(file), limit=3)} == {name}


def test_dup_is_a_tag():
    """fresh-fim's holes can be told by whether their line stands elsewhere."""
    tags = [hole.tags["dup"] for hole in load("fresh-fim")]
    assert tags.count("yes") == 227
    assert tags.count("no") == 524


def test_holes_whose_reference_fails_are_set_aside():
    """Only what the reference passes is kept; without a check there is nothing to fail."""
    holes = load("mbpp", limit=3) + load("crosscodeeval", limit=1)
    bad = holes[1]
    found = sound(holes, lambda check, text: text != bad.middle, workers=2)
    assert found.aside == (bad,)
    assert found.kept == (holes[0], holes[2], holes[3])
