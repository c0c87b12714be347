"""HumanEval, MBPP, their plus versions and MultiPL-E: a program goes on to its end.

These are holes with an empty suffix, judged by running the set's tests.
"""

from dataclasses import replace

from codeassist import languages
from codeassist.evaluate.hole import Check, Hole

from .records import Record

__all__ = ["cut", "humaneval", "mbpp", "mbpp_plus", "multipl_e"]

PYTHON_BODY = ("\nclass ", "\ndef ", "\n#", "\n@", "\nprint", "\nif ", "\n```")
"""Of HumanEval: what begins at the margin is no longer the body."""

PYTHON_PROGRAM = ("\nassert", '\n"""', "\nprint", "\nif __name__", "\n```")
"""Of MBPP, whose answers are whole programs."""

BROKEN_ORACLE = "_poly(*candidate(*inp), inp) <= 0.0001"
"""In HumanEval+ 32, which takes the arguments of the polynomial for its result."""

OWN_ORACLE = "abs(_poly(*inp, candidate(*inp))) <= 0.0001"

PLUS_LIMIT_S = 20.0
"""The plus versions have many more tests. (MBPP+ 599's reference needs longer yet.)"""

LACKS_A_CLASS = 927
"""Problem of MBPP whose set-up uses a class that no prompt mentions."""


def cut(hole: Hole, text: str) -> str:
    """An answer up to the first text at which its set ends answers."""
    ends = [at for at in map(text.find, hole.stops) if at >= 0]
    return text[: min(ends, default=len(text))]


def humaneval(record: Record) -> Hole:
    """HumanEval and HumanEval+ [Codex 2107.03374, EvalPlus 2305.01210]."""
    prompt, test = record.text("prompt"), record.text("test")
    plus = "inputs = " in test
    after = f"\n{test}\ncheck({record.text('entry_point')})\n"
    return Hole(
        id=record.text("task_id"),
        path="solution.py",
        language="python",
        kind="function-body",
        prefix=prompt,
        suffix="",
        middle=record.text("canonical_solution"),
        lines="block",
        origin="humaneval-plus" if plus else "humaneval",
        check=_check(prompt, after.replace(BROKEN_ORACLE, OWN_ORACLE), plus=plus),
        stops=PYTHON_BODY,
    )


def _check(before: str, after: str, *, plus: bool) -> Check:
    check = Check(before, after)
    return replace(check, limit_s=PLUS_LIMIT_S) if plus else check


def mbpp(record: Record) -> Hole | None:
    """MBPP [2108.07732], with the prompt of InCoder: a docstring with one test."""
    number = record.number("task_id")
    if number == LACKS_A_CLASS:
        return None
    tests = record.texts("test_list")
    after = "\n".join(["", record.text("test_setup_code"), *tests, ""])
    middle = record.text("code")
    return _mbpp(record, f"Mbpp/{number}", "mbpp", middle, record.text("text"), after)


def mbpp_plus(record: Record) -> Hole:
    """MBPP+ [EvalPlus 2305.01210]: as EvalPlus or as the dataset hub publishes it."""
    names = record.values
    name = record.text("task_id") if "assertion" in names else _number(record)
    code = "canonical_solution" if "canonical_solution" in names else "code"
    test = "test" if "test" in names else "assertion"
    after = f"\n{record.text(test)}\n"
    middle, text = record.text(code), record.text("prompt")
    return _mbpp(record, name, "mbpp-plus", middle, text, after)


def _number(record: Record) -> str:
    return f"Mbpp/{record.number('task_id')}"


def _mbpp(
    record: Record, name: str, origin: str, middle: str, text: str, after: str
) -> Hole:
    prefix = text.strip() + "\n"
    if not text.lstrip().startswith('"""'):
        shown = record.texts("test_list")[:1]
        prefix = "\n".join(['"""', text.strip(), *shown, '"""', ""])
    return Hole(
        id=name,
        path="solution.py",
        language="python",
        kind="program",
        prefix=prefix,
        suffix="",
        middle=middle,
        lines="block",
        origin=origin,
        check=_check("", after, plus=origin == "mbpp-plus"),
        stops=PYTHON_PROGRAM,
    )


def multipl_e(record: Record) -> Hole:
    """MultiPL-E [2208.08227]; it carries no reference, so `middle` is empty."""
    prompt, ending = record.text("prompt"), record.text("language")
    path = f"solution.{ending}"
    known = languages.of_path(path)
    language = ending if known is languages.PLAIN else known.name
    return Hole(
        id=f"{record.text('name')}.{ending}",
        path=path,
        language=language,
        kind="function-body",
        prefix=prompt,
        suffix="",
        middle="",
        lines="block",
        origin="multipl-e",
        check=Check(prompt, f"\n{record.text('tests')}\n", language=language),
        stops=record.texts("stop_tokens"),
    )
