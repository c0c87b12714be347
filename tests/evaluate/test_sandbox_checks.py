"""Completions are judged by running the program they make."""

import gzip
import json
from itertools import islice

import pytest

from codeassist.evaluate.executing import (
    ENDED_EARLY,
    NO_INTERPRETER,
    WRONG_OUTPUT,
    _interpreter,
    run_check,
)
from codeassist.evaluate.hole import Case, Check
from codeassist.evaluate.sandbox import SandboxError, available
from tests.conftest import absent

DOUBLE = Check(
    "def double(n):\n    ", "\n\nassert double(4) == 8, 'no:\\nIndexError: 4'"
)


@pytest.fixture(scope="module", autouse=True)
def _sandbox():
    if reason := available():
        absent(reason)


@pytest.mark.parametrize(
    ("completion", "error"),
    [
        ("return n * 2", None),
        ("return n", "AssertionError"),
        ("return (n", "SyntaxError"),
        ("return m", "NameError"),
        ("import json; json.loads('{')", "JSONDecodeError"),
        ("class Mine(Exception): ...\n    raise Mine('a\\nb')", "Mine"),
        ("raise SystemExit(3)", "exit 3"),
        ("exit()", ENDED_EARLY),
        ("import os; os._exit(0)", ENDED_EARLY),
        ("import os; os.abort()", "SIGABRT"),
        ("return [0] * (1 << 40)", "MemoryError"),
        ("return double(n)", "RecursionError"),
        ("while True: print('x' * 9999)", "output"),
        ("return sys.maxsize", "NameError"),
    ],
)
def test_a_python_completion_is_judged_by_the_end_of_its_program(completion, error):
    """Status 0 at the last line passes; else the class of the error is told."""
    verdict = run_check(DOUBLE, completion)
    assert (verdict.passed, verdict.error) == (error is None, error)


def test_an_endless_loop_times_out():
    """The check's own limit holds, and what was used is reported."""
    verdict = run_check(Check("", "", limit_s=0.8), "while True: pass")
    assert (verdict.passed, verdict.error) == (False, "timeout")
    assert verdict.cpu_s > 0.1


def test_packages_next_to_the_server_can_be_imported():
    """Tests of the plus sets compare with numpy."""
    check = Check("import numpy as np\n", "\nassert np.allclose(a, 1)")
    assert run_check(check, "a = np.ones(3)").passed


def test_every_case_must_give_one_of_its_outputs():
    """White space at line ends and empty lines at the end do not count."""
    cases = (Case("1 2", ("3",)), Case("2 5\n", ("8", "7\n7\n")))
    check = Check("a, b = map(int, input().split())\n", "", cases)
    right = "print(a + b, ' ' * b)\nif b > 2: print(a + b, '\\n\\n')"
    assert run_check(check, right).passed
    assert run_check(check, "print(3)").error == WRONG_OUTPUT
    assert run_check(check, "print(' 3')").error == WRONG_OUTPUT
    assert run_check(check, right + "\nraise SystemExit").passed
    assert run_check(check, "print(3 // (5 - b) + 2)").error == "ZeroDivisionError"


PROGRAMS = {
    "javascript": (
        "const text = require('fs').readFileSync('/dev/stdin', 'utf8');\n",
        "console.log(text.trim().length)",
        "console.log(txt)",
        "ReferenceError",
    ),
    "lua": ("local text = io.read()\n", "print(#text)", "print(text())", "exit 1"),
    "shellscript": ("read -r text\n", "echo ${#text}", "exit 4", "exit 4"),
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_other_languages_run_where_their_interpreter_is(language):
    """A right program passes, a wrong one does not; without interpreter: no verdict."""
    before, right, wrong, error = PROGRAMS[language]
    check = Check(before, "\n", (Case("four\n", ("4",)),), language)
    if _interpreter(language) is None:
        assert run_check(check, right).error == NO_INTERPRETER
        return
    assert run_check(check, right).passed, run_check(check, right)
    assert run_check(check, wrong).error == error


def test_tests_that_cannot_load_their_module_judge_nobody():
    """Where a module of the tests is absent there is no verdict; an answer's own counts."""
    if _interpreter("lua") is None:
        absent("lua is absent")
    unit = "lu = require('no_such_unit')\n\nos.exit(lu.LuaUnit.run())"
    judged = Check("local function f()\n", f"\n{unit}", language="lua")
    assert run_check(judged, "  return 1\nend").error == NO_INTERPRETER
    own = Check("local function f()\n", "\nassert(f() == 1)", language="lua")
    assert run_check(own, "  return 1\nend").passed
    assert run_check(own, "  return require('no_such_unit')\nend").error == "exit 1"


def test_javascript_must_come_to_its_end():
    """A completion that leaves early has not run the tests."""
    after = "}\nrequire('assert').equal(f(1), 2)  // the end"
    check = Check("function f(x) {\n", after, language="javascript")
    if _interpreter("javascript") is None:
        assert run_check(check, "").error == NO_INTERPRETER
        return
    assert run_check(check, "return x + 1").passed
    assert run_check(check, "return x").error == "AssertionError"
    assert run_check(check, "process.exit(0)").error == ENDED_EARLY


def test_a_language_without_interpreter_has_no_verdict():
    """It is told apart from a failure, and nothing runs."""
    verdict = run_check(Check("", "", language="plaintext"), "text")
    assert (verdict.passed, verdict.error) == (False, NO_INTERPRETER)


def test_references_of_a_public_set_pass(shared):
    """The canonical solutions run as their authors mean them to."""
    path = shared / "eval" / "humaneval-infilling" / "SingleLine.jsonl.gz"
    if not path.is_file():
        absent(f"{path} is absent")
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in islice(file, 0, None, 20)]
    assert rows
    for row in rows:
        after = f"{row['suffix']}\n{row['test']}\ncheck({row['entry_point']})"
        verdict = run_check(Check(row["prompt"], after), row["canonical_solution"])
        assert verdict.passed, (row["task_id"], verdict)


def test_without_a_sandbox_nothing_is_judged(monkeypatch, tmp_path):
    """There is no fallback that runs code unconfined."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError):
        run_check(DOUBLE, "return n * 2")
