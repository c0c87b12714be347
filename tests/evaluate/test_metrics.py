"""What is measured of an answer's text, on answers whose scores are known by hand."""

import subprocess
import sys

import pytest

from codeassist import grammars
from codeassist.evaluate.hole import Check, Hole
from codeassist.evaluate.scores import codebleu as codebleu_score
from codeassist.evaluate.scores import in_place
from codeassist.evaluate.scores.codebleu import codebleu
from codeassist.evaluate.scores.metrics import METRICS, normal, text_scores
from tests.conftest import absent


def hole(prefix="", middle="", suffix="", language="python", **more) -> Hole:
    """A hole of which only the texts matter."""
    return Hole("h", "x", language, "line", prefix, suffix, middle, **more)


CALL = hole("total = ", "add(left, right)", "\nprint(total)\n")


def test_the_reference_scores_one():
    """Every metric that applies gives the reference itself exactly 1."""
    scores = text_scores(CALL, CALL.middle)
    assert set(scores) >= {"exact_match", "identifier_f1", "parses"}
    assert set(scores.values()) == {1.0}


def test_an_empty_answer_scores_zero():
    """What compares with the reference gives nothing for nothing."""
    scores = text_scores(CALL, "")
    del scores["parses"]  # nothing may well be good syntax
    assert set(scores) >= {"exact_match", "first_line", "identifier_f1"}
    assert set(scores.values()) == {0.0}


def test_metrics_are_explained():
    """Each score of a hole is in the table of metrics."""
    known = {metric.name for metric in METRICS}
    repoeval = hole("x = ", "f(y)", origin="repoeval")
    assert text_scores(repoeval, "f(y)").keys() <= known
    assert len(known) == len(METRICS)


# -- white space ---------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["a + b", "a + b\n", "a + b  \n\n", "a + b\r\n"])
def test_trailing_white_space_does_not_count(answer):
    """The end of a line and of the text is free."""
    scores = text_scores(hole("x = ", "a + b\n"), answer)
    assert scores["exact_match"] == scores["edit_similarity"] == 1.0


@pytest.mark.parametrize("answer", ["return x", "\n    return x", "        return x"])
def test_leading_white_space_counts(answer):
    """Indentation is part of an answer."""
    scores = text_scores(hole("def f(x):\n", "    return x\n"), answer)
    assert scores["exact_match"] == 0.0


def test_white_space_inside_lines_is_kept():
    """Only what is at the ends goes."""
    assert normal("  a  b \t\n\n c\n \n") == "  a  b\n\n c"


def test_a_blank_reference_is_not_compared():
    """A reference of white space, or none, has no score of comparison."""
    assert set(text_scores(hole("x = 1", "\n", "y = 2"), "")) == {"parses"}


# -- lines and distance --------------------------------------------------------------


def test_the_first_line_that_is_not_blank():
    """A right first line counts where the rest is wrong; no line is not a match."""
    two = hole("if x:", "\n    a()\n    b()\n")
    assert text_scores(two, "\n    a()\n    c()\n")["first_line"] == 1.0
    assert text_scores(two, "\n    a()\n    c()\n")["exact_match"] == 0.0
    assert text_scores(two, "\n    c()\n")["first_line"] == 0.0
    assert text_scores(two, "\n")["first_line"] == 0.0


def test_edit_similarity_is_rapidfuzz_ratio():
    """The known value: 2 * 3 common of 4 + 4 characters."""
    scores = text_scores(hole("x = ", "abcd"), "abxd")
    assert scores["edit_similarity"] == pytest.approx(0.75)
    assert "edit_similarity_repoeval" not in scores


def test_repoeval_has_its_own_formula():
    """1 - distance / longer length; lines stripped, the answer cut to as many."""
    asked = hole("x = 1\n", "    abcd\n    ef\n", origin="repoeval")
    scores = text_scores(asked, "abxd\n\nef\nmore\n")
    assert scores["edit_similarity_repoeval"] == pytest.approx(1 - 1 / 7)
    assert scores["edit_similarity"] != scores["edit_similarity_repoeval"]


def test_answers_are_cut_where_the_set_ends_them():
    """What follows a stop text of the set is not measured."""
    asked = hole("def f():\n", "    return 1\n", stops=("\ndef ",))
    assert text_scores(asked, "    return 1\n\ndef g():")["exact_match"] == 1.0


# -- syntax --------------------------------------------------------------------------


def test_identifiers_are_a_set_and_a_sequence():
    """F1 forgets order and repetition; the match does not. Strings are no names."""
    swapped = text_scores(CALL, "add(right, left)  # total\n")
    assert swapped["identifier_match"] == 0.0
    assert swapped["identifier_f1"] == 1.0
    other = text_scores(CALL, 'add(left, "right")\n')
    assert other["identifier_f1"] == pytest.approx(2 * 2 / (2 + 3))


def test_names_are_read_in_place():
    """A name that the answer only ends counts as a whole."""
    inside = hole("total = cou", "nt(items)\n")
    assert in_place.read(inside, "nt(items)\n").names == ("count", "items")
    assert text_scores(inside, "ntdown(items)\n")["identifier_f1"] == 0.5


def test_no_names_no_score():
    """A reference without names has no identifier match."""
    assert "identifier_f1" not in text_scores(hole("x = ", "1"), "y")


def test_syntax_is_that_of_the_whole_file():
    """An answer that leaves the rest of the line open does not parse."""
    inside = hole("total = max(", "a, b", ")\n")
    assert text_scores(inside, "a, c")["parses"] == 1.0
    assert text_scores(inside, "a, b)")["parses"] == 0.0
    assert text_scores(inside, "(a")["parses"] == 0.0


def test_errors_of_the_file_do_not_count():
    """A file that is broken elsewhere is no fault of the answer."""
    broken = hole("def (:\n    pass\n\n\nx = ", "y", "\n")
    assert in_place.read(broken, "y").errors > 0
    assert text_scores(broken, "z")["parses"] == 1.0
    assert text_scores(broken, "z +")["parses"] == 0.0


def test_without_reference_the_tests_close_the_program():
    """MultiPL-E's answers parse together with the tests."""
    prompt, tests = "function f(n) {\n", "\n}\nassert(f(1));\n"
    asked = hole(prompt, language="javascript", check=Check(prompt, tests))
    assert text_scores(asked, "  return n;") == {"parses": 1.0}
    assert text_scores(asked, "  return n;\n}") == {"parses": 0.0}


NAMED = {
    "python": ("x = ", "first(second.third)", "first second third"),
    "javascript": ("x = ", "first(second.third)", "first second third"),
    "typescript": ("let x: ", "First = second", "First second"),
    "typescriptreact": ("x = ", "<First second={third}/>", "First second third"),
    "go": ("package p\nvar x = ", "first(second.Third)", "first second Third"),
    "rust": ("static X: ", "First = second", "First second"),
    "java": ("class A { int x = ", "first(second.third)", "first second third"),
    "c": ("int x = ", "first(second->third)", "first second third"),
    "cpp": ("int x = ", "first::second(third)", "first second third"),
    "csharp": ("class A { int x = ", "First(second.Third)", "First second Third"),
    "ruby": ("x = ", "first(@second, Third)", "first @second Third"),
    "php": ("<?php $x = ", "first($second)", "first second"),
    "lua": ("x = ", "first(second.third)", "first second third"),
    "shellscript": ("x=1\n", 'first "$second"', "first second"),
    "kotlin": ("val x = ", "first(second.third)", "first second third"),
    "scala": ("val x = ", "first(second.third)", "first second third"),
    "swift": ("let x = ", "first(second.third)", "first second third"),
}


@pytest.mark.parametrize("language", grammars.NAMES)
def test_names_are_found_in_every_language(language):
    """Each grammar's own kinds of identifiers are known."""
    prefix, text, names = NAMED[language]
    suffix = ";\n}\n" if "class" in prefix else ";\n"
    asked = hole(prefix, text, suffix, language=language)
    assert in_place.read(asked, text).names == tuple(names.split())


def test_without_grammar_there_is_no_parse_rate():
    """Text of an unknown language is compared, not parsed."""
    scores = text_scores(hole("a", "b", language="plaintext"), "b")
    assert set(scores) == {"exact_match", "first_line", "edit_similarity"}


# -- CodeBLEU ------------------------------------------------------------------------


@pytest.fixture
def _library():
    if not codebleu_score.available():
        absent(codebleu_score.NOTE)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("reference", ["x", "max_depth = max(depth, max_depth)", "f()"])
def test_codebleu_of_the_reference_is_one(reference):
    """Also where the library's own mean is less: few tokens, or no data flow."""
    assert codebleu(reference, reference + "\n", "python") == pytest.approx(1.0)


@pytest.mark.usefixtures("_library")
def test_codebleu_orders_answers():
    """Nearer answers score higher; nothing scores 0, not the library's 0.25."""
    reference = "total = sum(values) / len(values)\nreturn round(total, 2)"
    near = "total = sum(values) / len(values)\nreturn total"
    far = "import os\nos.remove(path)"
    scores = [codebleu(reference, text, "python") for text in (near, far, "")]
    assert 1.0 > scores[0] > scores[1] > scores[2] == 0.0


@pytest.mark.usefixtures("_library")
def test_codebleu_knows_ten_languages():
    """Others have no score rather than a wrong one."""
    for language in codebleu_score.LANGUAGES:
        assert codebleu("a = b;", "a = b;", language) == pytest.approx(1.0)
    assert codebleu("a = b;", "a = b;", "typescript") is None


@pytest.mark.usefixtures("_library")
def test_codebleu_is_the_same_in_every_run():
    """The hash seed does not change a score."""
    program = (
        "from codeassist.evaluate.scores.codebleu import codebleu\n"
        "print(codebleu('a, b = c + d, e\\nf = a + b', 'a, b = e, c + d\\nf = b + a',"
        " 'python'))"
    )
    scores = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert len(scores) == 1


def test_codebleu_may_be_absent(monkeypatch):
    """Without the library the metric is absent and a note says how to get it."""
    monkeypatch.setattr(codebleu_score, "available", lambda: False)
    scores = text_scores(CALL, CALL.middle)
    assert "codebleu" not in scores
    assert scores["exact_match"] == 1.0
    assert "pip install" in codebleu_score.NOTE


@pytest.mark.usefixtures("_library")
def test_codebleu_is_one_of_the_scores():
    """Where the library is, a hole of a language it knows has the metric."""
    assert text_scores(CALL, CALL.middle)["codebleu"] == 1.0
