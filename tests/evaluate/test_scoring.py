"""All scores of a hole together: of its texts, and of running them in the sandbox."""

from dataclasses import replace

import pytest

from codeassist.evaluate.executing import Verdict
from codeassist.evaluate.hole import Check, Output
from codeassist.evaluate.scores import scoring
from tests.evaluate.fakes import hole_of

RIGHT, WRONG, BROKEN = "return x + 1", "return x", "return y"
CHECKED = replace(
    hole_of("1", middle=RIGHT),
    check=Check("def f(x):\n    ", "\nassert f(1) == 2\n", limit_s=5.0),
)


def scored(hole, *texts):
    return scoring.scores(hole, [Output(text) for text in texts])


def test_the_reference_gets_every_point():
    """The text that stood there is right by every metric."""
    found = scored(CHECKED, RIGHT)
    assert (found["pass@1"], found["exact_match"], found["runtime_error"]) == (1, 1, 0)
    assert found["efficiency"] > 0


def test_an_empty_answer_gets_none():
    """Nothing neither passes nor is similar."""
    found = scored(CHECKED, "")
    names = ("pass@1", "exact_match", "edit_similarity")
    assert [found[name] for name in names] == [0, 0, 0]
    assert "efficiency" not in found


def test_failed_tests_are_told_from_failed_programs():
    """A wrong result is no run-time error; an exception is one."""
    wrong, broken = scored(CHECKED, WRONG), scored(CHECKED, BROKEN)
    assert (wrong["pass@1"], wrong["runtime_error"]) == (0, 0)
    assert (broken["pass@1"], broken["runtime_error"]) == (0, 1)


def test_samples_give_the_unbiased_estimate():
    """Of five samples one passes: pass@1 is 0.2, one of five is sure, ten were not drawn."""
    found = scored(CHECKED, RIGHT, *[WRONG] * 4)
    assert (found["pass@1"], found["pass@5"]) == (pytest.approx(0.2), 1.0)
    assert "pass@10" not in found


def test_samples_are_averaged():
    """Scores of the text and run-time errors are means over the samples."""
    found = scored(CHECKED, RIGHT, BROKEN, BROKEN, WRONG)
    assert (found["exact_match"], found["runtime_error"]) == (0.25, 0.5)
    one = scored(hole_of("1", middle=RIGHT), WRONG)["edit_similarity"]
    both = scored(hole_of("1", middle=RIGHT), RIGHT, WRONG)["edit_similarity"]
    assert both == pytest.approx((1 + one) / 2)


def test_only_texts_are_scored_where_nothing_can_be_run():
    """Without a check, or without an interpreter, there is no pass@k and no error."""
    no_check = scored(hole_of("1", middle=RIGHT), RIGHT)
    foreign = replace(CHECKED, check=replace(CHECKED.check, language="cobol"))
    no_interpreter = scored(foreign, RIGHT)
    for found in (no_check, no_interpreter):
        assert found["exact_match"] == 1
        assert not {"pass@1", "runtime_error", "efficiency"} & found.keys()


def test_an_answer_is_run_up_to_its_sets_stop():
    """What stands behind a stop text is not run."""
    answer = f"{RIGHT}\nprint(missing)"
    stopped = scored(replace(CHECKED, stops=("\nprint",)), answer)
    assert (stopped["pass@1"], stopped["runtime_error"]) == (1, 0)
    whole = scored(CHECKED, answer)
    assert (whole["pass@1"], whole["runtime_error"]) == (0, 1)


@pytest.fixture
def judge(monkeypatch):
    """Verdicts that are told beforehand, and the texts that were judged."""
    known = {
        RIGHT: Verdict(passed=True, cpu_s=0.5),
        "return 1 + x": Verdict(passed=True, cpu_s=1.5),
        WRONG: Verdict(passed=False, error="AssertionError", cpu_s=9.0),
    }
    judged = []

    def run_check(check, text):
        judged.append(text)
        return known[text]

    monkeypatch.setattr(scoring, "run_check", run_check)
    return judged


@pytest.mark.usefixtures("judge")
def test_efficiency_is_of_the_answers_that_pass():
    """CPU seconds of the reference over the mean of those that are right."""
    found = scored(CHECKED, RIGHT, "return 1 + x", WRONG)
    assert found["efficiency"] == 0.5 / 1.0


def test_the_same_text_is_run_once(judge):
    """Equal samples share a verdict; only the reference is run once more."""
    assert scored(CHECKED, WRONG, WRONG, WRONG)["pass@1"] == 0
    assert judge == [WRONG]
    scored(CHECKED, RIGHT, WRONG, RIGHT)
    assert judge == [WRONG, RIGHT, WRONG, RIGHT]


@pytest.mark.parametrize("reference", ["", "return x"])
def test_without_a_right_reference_there_is_no_efficiency(reference):
    """A set without references, or a reference that fails, is nothing to compare with."""
    found = scored(replace(CHECKED, middle=reference), RIGHT)
    assert found["pass@1"] == 1
    assert "efficiency" not in found
