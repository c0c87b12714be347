"""Telling by running whether a completion is right."""

import functools
import math
import re
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from sysconfig import get_path

from .hole import Case, Check
from .sandbox import Ended, Limits, Ran, Sandbox

__all__ = ["NO_INTERPRETER", "Verdict", "run_check"]

NO_INTERPRETER = "no interpreter"
"""Error of a verdict that says nothing about the completion."""

LUA_MODULE = re.compile(r"""\brequire\s*\(?\s*['"][\w.]+['"]\s*\)?""")

WRONG_OUTPUT = "wrong output"
ENDED_EARLY = "ended early"
"""With status 0, but before the last line of the program."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a completion does what it should."""

    passed: bool
    error: str | None = None
    """Why not: class of the exception (``AssertionError``), the limit that was met
    (``timeout``, ``memory``, …), a signal (``SIGSEGV``), ``exit 3``, or one of this
    module's constants."""

    cpu_s: float = 0.0
    """Of all cases that were run."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """How programs of a language are run."""

    file: str
    """Name of the program, which stands in the working folder."""

    argv: tuple[str, ...]
    last_line: str = ""
    """Code that writes the mark ``%s``: a program that never comes to it has not run
    its tests. Where a program's status is that of its last line, there is none."""

    address_mib: int | None = None

    def found(self) -> "Interpreter | None":
        """The same with the whole path; None where it is not installed."""
        path = shutil.which(self.argv[0])
        if path is None:
            return None
        return replace(self, argv=(path, *self.argv[1:]))


# `site` reads the start-up files of all installed packages, which takes longer than
# most programs: only what these see of it is done here
_START = (
    '__import__("site").setquit(); '
    f'__import__("sys").path.extend({sorted({get_path("purelib"), get_path("platlib")})});'
    ' __file__ = "main.py"; '
    'exec(compile(open(__file__, "rb").read(), __file__, "exec"))'
)

INTERPRETERS: Mapping[str, Interpreter] = {
    "python": Interpreter(
        "main.py",
        (sys.executable, "-S", "-s", "-B", "-c", _START),
        '__import__("os").write(1, b"%s")',
    ),
    "javascript": Interpreter(
        "main.js",
        ("node", "main.js"),
        ';require("fs").writeSync(1, "%s");',
        address_mib=1 << 16,  # V8 reserves far more than it uses
    ),
    "lua": Interpreter("main.lua", ("lua", "main.lua")),
    "shellscript": Interpreter("main.sh", ("bash", "main.sh")),
}


def run_check(check: Check, completion: str) -> Verdict:
    """Run the program that a completion makes, with each of its cases.

    Args:
        check: The program around the completion, and what it must do.
        completion: Nobody has read it: it runs in the sandbox.

    Raises:
        SandboxError: There is no sandbox on this machine.
    """
    interpreter = _interpreter(check.language)
    if interpreter is None:
        return Verdict(passed=False, error=NO_INTERPRETER)
    program = check.before + completion + check.after
    # an endless loop meets the wall clock first, whatever the machine's load
    limits = Limits(
        wall_s=check.limit_s,
        cpu_s=math.ceil(check.limit_s) + 1,
        address_mib=interpreter.address_mib,
    )
    sandbox = Sandbox(limits, readable=_readable(interpreter.argv[0]))
    if not _tests_load(sandbox, interpreter, check):
        return Verdict(passed=False, error=NO_INTERPRETER)
    if not check.cases:
        return _status(sandbox, interpreter, program)
    return _cases(sandbox, interpreter, program, check.cases)


def _tests_load(sandbox: Sandbox, interpreter: Interpreter, check: Check) -> bool:
    """Whether the modules are installed that the tests themselves load.

    MultiPL-E's tests in Lua need luaunit: without it every answer would be wrong.
    """
    if check.language != "lua":
        return True
    loads = "\n".join(LUA_MODULE.findall(check.after))
    return not loads or _error(_run(sandbox, interpreter, loads)) is None


def _status(sandbox: Sandbox, interpreter: Interpreter, program: str) -> Verdict:
    """Pass where the program ends with status 0, having come to its end."""
    mark = secrets.token_hex() if interpreter.last_line else ""
    if mark:
        program += "\n" + interpreter.last_line % mark + "\n"
    ran = _run(sandbox, interpreter, program)
    error = _error(ran) or (None if mark in ran.stdout else ENDED_EARLY)
    return Verdict(error is None, error, ran.cpu_s)


def _cases(
    sandbox: Sandbox, interpreter: Interpreter, program: str, cases: tuple[Case, ...]
) -> Verdict:
    """Pass where each case writes what it should; the first that does not decides."""
    cpu_s = 0.0
    for case in cases:
        ran = _run(sandbox, interpreter, program, case.stdin)
        cpu_s += ran.cpu_s
        error = _error(ran)
        if error is None and _lines(ran.stdout) not in map(_lines, case.expected):
            error = WRONG_OUTPUT
        if error is not None:
            return Verdict(passed=False, error=error, cpu_s=cpu_s)
    return Verdict(passed=True, cpu_s=cpu_s)


def _run(
    sandbox: Sandbox, interpreter: Interpreter, program: str, stdin: str = ""
) -> Ran:
    return sandbox.run(interpreter.argv, stdin=stdin, files={interpreter.file: program})


def _lines(text: str) -> list[str]:
    """Without white space at line ends and without empty lines at the end."""
    return [line.rstrip() for line in text.rstrip().split("\n")]


@functools.cache
def _interpreter(language: str) -> Interpreter | None:
    known = INTERPRETERS.get(language)
    return known.found() if known else None


@functools.cache
def _readable(executable: str) -> tuple[Path, ...]:
    """Folders of an interpreter that are not the system's."""
    if executable == sys.executable:
        folders = {Path(sys.prefix), Path(sys.base_prefix)}
    else:
        folders = {Path(executable).parents[1]}
    folders |= {folder.resolve() for folder in folders}
    folders |= {Path(executable).resolve().parents[1]}
    return tuple(sorted(f for f in folders if not f.is_relative_to("/usr")))


# -- errors --------------------------------------------------------------------------

_TRACEBACK = "Traceback (most recent call last):\n"
_RAISED = re.compile(r"^(?:[\w<>]+\.)*([A-Za-z_]\w*)(?=:|$)", re.MULTILINE)
_NAMED = re.compile(r"^(?:\w+\.)*([A-Z]\w*(?:Error|Exception))\b", re.MULTILINE)


def _error(ran: Ran) -> str | None:
    """Why a program failed; None where it ended with status 0."""
    if ran.ended is Ended.SIGNAL:
        return signal.Signals(ran.status - 128).name
    if ran.ended is not Ended.EXITED:
        return str(ran.ended.value)
    if ran.status == 0:
        return None
    _, python, raised = ran.stderr.rpartition(_TRACEBACK)
    named = (_RAISED if python else _NAMED).search(raised)
    return named[1] if named else f"exit {ran.status}"
