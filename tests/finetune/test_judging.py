"""When an adapter is accepted: proved better, and worse at nothing."""

from dataclasses import replace

import pytest

from codeassist.evaluate.hole import Output, Row
from codeassist.evaluate.report import Evaluation, place_of
from codeassist.evaluate.rows import Ran
from codeassist.finetune.judging import GENERIC, general, holes_of, judge
from codeassist.finetune.page import redacted, report_page
from codeassist.finetune.snapshot import take
from tests.evaluate.fakes import Told, contender, hole_of
from tests.evaluate.repositories import commit, git

NOT_JUDGED = "general ability was not judged: no set"


def evaluation(after, before, metrics=("exact_match", "edit_similarity")):
    """Systems whose answer to hole n scores as their list says."""
    holes = [hole_of(f"h{n}") for n in range(len(after))]

    def ran(name, values):
        rows = [
            Row(hole.id, name, Output("x", ms=5.0), dict.fromkeys(metrics, float(v)))
            for hole, v in zip(holes, values, strict=True)
        ]
        return Ran(name, {}, tuple(rows), 1.0, 1.0)

    places = tuple(map(place_of, holes))
    runs = (ran("with the new adapter", after), ran("before", before))
    return Evaluation("own", places, runs)


BETTER = evaluation([1] * 30 + [0] * 30, [1] * 10 + [0] * 50)
SAME = evaluation([1] * 30 + [0] * 30, [1] * 30 + [0] * 30)
WORSE = evaluation([1] * 10 + [0] * 50, [1] * 30 + [0] * 30)
FOUR = evaluation([1] * 4 + [0] * 56, [0] * 60)
SIX = evaluation([1] * 6 + [0] * 54, [0] * 60)
LUCK = evaluation([1] * 31 + [0] * 29, [0] + [1] * 30 + [0] * 29)


def alike(right):
    """All answers are more alike than before, and so many more are right."""
    holes = [hole_of(f"h{n}") for n in range(40)]

    def ran(name, exact, similar):
        return Ran(
            name,
            {},
            tuple(
                Row(
                    hole.id,
                    name,
                    Output("x", ms=5.0),
                    {"exact_match": float(n < exact), "edit_similarity": similar},
                )
                for n, hole in enumerate(holes)
            ),
            1.0,
            1.0,
        )

    runs = (ran("with the new adapter", right, 0.42), ran("before", 0, 0.37))
    return Evaluation("own", tuple(map(place_of, holes)), runs)


def without_likeness(own):
    """The same, where no answer is more alike than before."""
    runs = (
        replace(
            ran,
            rows=tuple(
                replace(row, scores={**row.scores, "edit_similarity": 0.5})
                for row in ran.rows
            ),
        )
        for ran in own.runs
    )
    return replace(own, runs=tuple(runs))


def public(after, before):
    return evaluation(after, before, ("pass@1",))


@pytest.mark.parametrize(
    ("own", "general", "leaks", "accepted"),
    [
        (BETTER, NOT_JUDGED, 0, True),
        (BETTER, public([1] * 30, [1] * 30), 0, True),
        (BETTER, public([1] * 29 + [0], [1] * 30), 0, True),  # within its interval
        (BETTER, public([0] * 20 + [1] * 10, [1] * 30), 0, False),
        (BETTER, NOT_JUDGED, 1, False),
        (SAME, NOT_JUDGED, 0, False),
        (WORSE, NOT_JUDGED, 0, False),
        (LUCK, NOT_JUDGED, 0, False),
        (without_likeness(FOUR), NOT_JUDGED, 0, False),
        (without_likeness(SIX), NOT_JUDGED, 0, True),
    ],
)
def test_accepted_or_refused(own, general, leaks, accepted):
    """Only a lead whose interval is above 0 counts, and one fault is enough."""
    verdict = judge(own, general, leaks, 8)
    assert verdict.accepted is accepted
    assert verdict.figures["after"] == pytest.approx(
        sum(row.scores["exact_match"] for row in own.runs[0].rows) / 60, abs=1e-4
    )
    assert any("planted secrets" in reason for reason in verdict.reasons)


@pytest.mark.parametrize(("right", "accepted"), [(0, False), (2, False), (3, True)])
def test_likeness_alone_is_no_proof(right, accepted):
    """What looks more like the code, and is no more often right, is refused, and why."""
    verdict = judge(alike(right), NOT_JUDGED, 0, 8)
    assert verdict.accepted is accepted
    if not accepted:
        assert (
            f"but {right} more of them are right (3 are needed)" in verdict.reasons[0]
        )


def test_the_page(tmp_path):
    """It says what was decided and shows answers that changed, the plot among them."""
    (tmp_path / "loss.png").write_bytes(b"\x89PNG")
    verdict = judge(BETTER, NOT_JUDGED, 0, 8)
    page = report_page(BETTER, NOT_JUDGED, verdict, tmp_path / "loss.png")
    assert "The adapter is accepted." in page
    assert "Right now: 20" in page
    assert "data:image/png;base64,iVBORw==" in page
    assert page.rstrip().endswith("</html>")
    assert page.index("Right now") < page.index("</main>")


def code(name, n):
    """Functions of which no two have a line in common."""
    return "".join(
        f"def {name}_{i}(a):\n    if a > {name}[{i}]:\n        return {name}(a, {i})\n\n\n"
        for i in range(n)
    )


def test_holes_are_of_what_is_not_learned(tmp_path):
    """They lie in new lines and in kept files, and say which."""
    root = tmp_path / "own"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "kept.py").write_text(code("kept", 40))
    (root / "old.py").write_text(code("old", 200))
    commit(root, {})
    (root / "old.py").write_text(code("old", 200) + code("new", 40))
    commit(root, {})
    taken = take(root, tmp_path / "kept")
    holes = holes_of(taken, frozenset({"kept.py"}), 40, 0)
    parts = [hole.tags["part"] for hole in holes]
    assert parts.count("new lines") == parts.count("kept file") == 20
    for hole in holes:
        new = hole.tags["part"] == "new lines"
        assert hole.path == ("old.py" if new else "kept.py")
        if new:
            assert hole.prefix.count("\n") >= 200 * 5 - 2


def test_what_was_only_moved_is_no_new_line(tmp_path):
    """Code that a commit brings elsewhere was learned: it is not judged by."""
    root = tmp_path / "own"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "old.py").write_text(code("moved", 20) + code("old", 300))
    commit(root, {})
    (root / "old.py").write_text(code("old", 300) + code("new", 20))
    (root / "helpers.py").write_text(code("moved", 20))
    commit(root, {})
    holes = holes_of(take(root, tmp_path / "kept"), frozenset(), 40, 0)
    assert len(holes) >= 20
    assert {hole.path for hole in holes} == {"old.py"}


def test_without_the_public_set(tmp_path, monkeypatch):
    """General ability is then judged by code of Python's library, and each hole told."""
    monkeypatch.setenv("CODEASSIST_SHARED", str(tmp_path))
    contenders = [contender(Told(n, {})) for n in ("with the new adapter", "before")]
    told = []
    found = general(20, 0, contenders, tmp_path, lambda: told.append(1))
    assert found.title == GENERIC
    assert len(told) == 2 * len(found.places) == 40
    verdict = judge(BETTER, found, 0, 8)
    assert verdict.accepted
    assert any(GENERIC in reason for reason in verdict.reasons)


def test_no_hole_in_what_is_known_or_secret(tmp_path):
    """No hole is a line that a learned file has, or lies in a file with a secret."""
    root = tmp_path / "own"
    root.mkdir()
    git(root, "init", "--quiet")
    key = 'KEY = "AKIAIOSFODNN7EXAMPLQ"\n'
    (root / "old.py").write_text(code("both", 60) + code("old", 40))
    (root / "kept.py").write_text(code("both", 60) + code("own", 60))
    (root / "secret.py").write_text(key + code("secret", 60))
    commit(root, {})
    taken = take(root, tmp_path / "kept")
    holes = holes_of(taken, frozenset({"kept.py", "secret.py"}), 40, 0)
    assert {hole.path for hole in holes} == {"kept.py"}
    assert not any("both" in hole.middle for hole in holes)


def test_what_is_handed_on():
    """A report has no person's address, and no secret that a model has answered."""
    secret, person = 'KEY = "AKIAIOSFODNN7EXAMPLQ"', "# by mary.smith@rubber.com"
    places = tuple(replace(place, before=person) for place in BETTER.places)
    rows = tuple(
        replace(row, output=replace(row.output, text=secret))
        for row in BETTER.runs[0].rows
    )
    runs = (replace(BETTER.runs[0], rows=rows), BETTER.runs[1])
    own = redacted(replace(BETTER, places=places, runs=runs))
    assert "AKIA" not in own.runs[0].rows[0].output.text
    assert own.places[0].before == "# by <EMAIL>"
    assert own.runs[1] == BETTER.runs[1]
