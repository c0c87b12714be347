import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.hole import Check
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.run import Samples, run
from codeassist.evaluate.systems import PeerError
from tests.evaluate.fakes import Told, contender, hole_of

HOLES = [hole_of(str(n), path=f"{n % 3}.py") for n in range(10)]
CODE = "of the code"
RIGHT = {hole.id: hole.middle for hole in HOLES}


def exact(hole, outputs):
    return {"exact_match": float(outputs[0].text == hole.middle)}


def test_each_hole_is_filled_once_and_in_the_order_of_the_holes():
    """Whatever order the holes are asked in, rows come in the holes' order."""
    system = Told("ours", RIGHT)
    (ran,) = run([contender(system)], HOLES, exact)
    assert [row.hole for row in ran.rows] == [hole.id for hole in HOLES]
    assert {row.scores["exact_match"] for row in ran.rows} == {1.0}
    assert sorted(hole.id for hole in system.asked) == sorted(RIGHT)
    assert system.closed == 1
    assert ran.busy_s == pytest.approx(len(HOLES) * 0.002)


def test_one_system_is_closed_before_the_next_is_opened():
    """Never two models are in memory."""
    first, second = Told("first", RIGHT), Told("second", {})

    def opened():
        assert first.closed == 1
        return second

    contenders = [contender(first), replace(contender(second), open=opened)]
    ran = list(run(contenders, HOLES, exact))
    assert [sum(row.scores["exact_match"] for row in each.rows) for each in ran] == [
        10,
        0,
    ]


def test_a_killed_evaluation_goes_on_where_it_was(tmp_path):
    """What is in the journal is not asked for again, and counts."""
    path, key = tmp_path / "journal", key_of(HOLES, {})
    dying, healthy = Told("ours", RIGHT, lives=4), Told("ours", RIGHT)
    with Journal(path, key, CODE) as journal, pytest.raises(PeerError):
        list(run([contender(dying)], HOLES, exact, journal=journal))
    assert dying.closed == 1
    with Journal(path, key, CODE) as journal:
        assert len(journal.done) == 4
        (ran,) = run([contender(healthy)], HOLES, exact, journal=journal)
    assert [row.hole for row in ran.rows] == [hole.id for hole in HOLES]
    asked = {hole.id for hole in (*dying.asked, *healthy.asked)}
    assert (len(healthy.asked), asked) == (6, set(RIGHT))


def test_a_finished_evaluation_opens_nothing(tmp_path):
    """A journal with all rows needs no model."""
    path, key = tmp_path / "journal", key_of(HOLES, {})
    with Journal(path, key, CODE) as journal:
        list(run([contender(Told("ours", RIGHT))], HOLES, exact, journal=journal))
    unopened = replace(contender(Told("ours", {})), open=lambda: pytest.fail("opened"))
    with Journal(path, key, CODE) as journal:
        (ran,) = run([unopened], HOLES, exact, journal=journal)
    assert len(ran.rows) == len(HOLES)


def test_a_row_that_was_cut_short_is_asked_for_again(tmp_path):
    """A kill in the midst of writing costs one row, not the journal."""
    path, key = tmp_path / "journal", key_of(HOLES, {})
    with Journal(path, key, CODE) as journal:
        list(run([contender(Told("ours", RIGHT))], HOLES, exact, journal=journal))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with Journal(path, key, CODE) as journal:
        assert len(journal.done) == len(HOLES) - 1
        list(run([contender(Told("ours", RIGHT))], HOLES, exact, journal=journal))
    rows = [json.loads(line)["hole"] for line in path.read_bytes().splitlines()[1:]]
    assert sorted(rows) == sorted(RIGHT)


@pytest.mark.parametrize(
    "content",
    [b"{}\n", b"some text\n", b"\xff\xfe\n", b"[1]\n", b'{"journal": 2, "key": ""}\n'],
)
def test_what_is_no_journal_is_left_alone(tmp_path, content):
    """A foreign file is refused in one line, and not written to."""
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(InputError, match="journal") as refused:
        Journal(path, "key", CODE)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "row",
    [
        "nonsense",
        "{}",
        '{"hole": 1, "system": "", "output": {}, "scores": {}}',
        '{"hole": "", "system": "", "output": {"unknown": 1}, "scores": {}}',
    ],
)
def test_a_broken_row_is_told_with_its_line(tmp_path, row):
    """Damage inside of a journal is not passed over."""
    path = tmp_path / "journal"
    Journal(path, "key", CODE).close()
    with path.open("a") as file:
        file.write(row + "\n")
    with pytest.raises(InputError, match="line 2"):
        Journal(path, "key", CODE)


def test_the_journal_of_other_holes_is_refused(tmp_path):
    """Rows are never mixed between holes, systems or settings."""
    path = tmp_path / "journal"
    Journal(path, key_of(HOLES, {"model": "a"}), CODE).close()
    for key in (key_of(HOLES[1:], {"model": "a"}), key_of(HOLES, {"model": "b"})):
        with pytest.raises(InputError, match="another evaluation"):
            Journal(path, key, CODE)
    Journal(path, key_of(HOLES, {"model": "a"}), CODE).close()


def test_the_journal_of_other_code_is_refused(tmp_path):
    """Answers of another version are not taken for this one's, nor are they lost."""
    path, key = tmp_path / "journal", key_of(HOLES, {})
    with Journal(path, key, "before") as journal:
        list(run([contender(Told("ours", RIGHT))], HOLES, exact, journal=journal))
    whole = path.read_bytes()
    with pytest.raises(InputError, match="another version of codeassist") as e:
        Journal(path, key, "after")
    assert "delete it or name another file" in str(e.value)
    assert "\n" not in str(e.value)
    assert path.read_bytes() == whole
    old = whole.replace(b'"code": "before", ', b"")  # as it was before code counted
    path.write_bytes(old)
    with pytest.raises(InputError, match="another version of codeassist"):
        Journal(path, key, "before")


def test_a_journal_needs_a_place_to_be(tmp_path):
    """A folder in its place is told in one line."""
    with pytest.raises(InputError, match="cannot be written"):
        Journal(tmp_path, "key", CODE)


def test_where_the_repository_lies_does_not_matter():
    """A copy in another folder has the same key."""
    there = [replace(hole, root="/one") for hole in HOLES]
    elsewhere = [replace(hole, root="/two") for hole in HOLES]
    assert key_of(there, {}) == key_of(elsewhere, {})


def test_a_system_sees_the_hole_in_its_repository():
    """A hole is shown while the system is asked, and scored as it was cut."""
    shown, scored = [], []

    @contextmanager
    def show(hole):
        shown.append(hole.id)
        yield replace(hole, root="/copy")

    def score(hole, outputs):
        scored.append(hole.root)
        return {}

    system = Told("ours", RIGHT)
    list(run([contender(system)], HOLES, score, show=show))
    assert {hole.root for hole in system.asked} == {"/copy"}
    assert (sorted(shown), set(scored)) == (sorted(RIGHT), {""})


def test_samples_are_scored_together():
    """n samples of a hole are one row, drawn with the seeds from 0."""
    hole = hole_of("1")
    system = Told("ours", {"1": ["a", "b", "return x"]})
    counted = run(
        [contender(system)],
        [hole],
        lambda _, outputs: {"right": sum(o.text == "return x" for o in outputs)},
        samples=Samples(3, 0.8),
    )
    (ran,) = counted
    assert [dict(row.scores) for row in ran.rows] == [{"right": 1}]


def test_an_error_of_the_scoring_is_not_swallowed():
    """What fails while the model goes on ends the evaluation."""

    def score(hole, outputs):
        msg = "no sandbox"
        raise InputError(msg)

    system = Told("ours", RIGHT)
    with pytest.raises(InputError, match="no sandbox"):
        list(run([contender(system)], HOLES, score))
    assert system.closed == 1


# -- as in an editor ------------------------------------------------------------------


def test_whole_lines_are_shown_as_an_editor_does():
    """The cursor's line ends at the cursor, and the program stays the same."""
    checked = replace(
        hole_of("1", middle="return x + 1"),
        check=Check("def f(x):\n    ", "\nassert f(1) == 2\n"),
    )
    hole = replace(
        checked,
        middle="return x + 1\n",
        prefix="def f(x):\n",
        suffix="assert f(1) == 2\n",
        check=Check("def f(x):\n", "assert f(1) == 2\n"),
    )
    shown = as_in_editor(hole)
    assert (shown.middle, shown.suffix) == ("return x + 1", "\nassert f(1) == 2\n")
    program = shown.check.before + shown.middle + shown.check.after
    assert program == hole.check.before + hole.middle + hole.check.after
    for other in (shown, checked, replace(hole, prefix="def f(x): ")):
        assert as_in_editor(other) is other
