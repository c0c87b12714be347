"""HumanEval-Infilling and SAFIM: a hole in a program, mostly judged by running it."""

from codeassist import languages
from codeassist.evaluate.hole import Case, Check, Hole

from .records import Record

__all__ = ["humaneval_infilling", "safim"]

INFILLING = {
    "SingleLineInfilling": ("single-line", "one"),
    "MultiLineInfilling": ("multi-line", "block"),
    "RandomSpanInfilling": ("random-span", "auto"),
    "RandomSpanInfillingLight": ("random-span", "auto"),
}
"""First part of an id to the kind of hole and what is asked for."""

SAFIM = {
    "api": ("api", "one"),
    "block": ("block", "block"),
    "control": ("control", "one"),
}
"""First part of an id to the kind of hole and what is asked for."""

PLACE = "{{completion}}"


def humaneval_infilling(record: Record) -> Hole:
    """HumanEval-Infilling [FIM 2207.14255]."""
    name = record.text("task_id")
    series = name.partition("/")[0]
    if series not in INFILLING:
        raise record.error(f"task_id {name!r} is of none of {', '.join(INFILLING)}")
    kind, lines = INFILLING[series]
    prefix, suffix = record.text("prompt"), record.text("suffix")
    tests = f"{record.text('test')}\ncheck({record.text('entry_point')})\n"
    return Hole(
        id=name,
        path="solution.py",
        language="python",
        kind=kind,
        prefix=prefix,
        suffix=suffix,
        middle=record.text("canonical_solution"),
        lines=lines,
        origin=f"infilling-{kind}",
        check=Check(prefix, f"{suffix}\n{tests}"),
    )


def safim(record: Record) -> Hole:
    """SAFIM [2403.04814].

    The description of the problem stands as a comment above the program. (The paper
    puts it there as it is, which no editor shows.) Rows without unit tests are judged
    by exact match only.
    """
    program = record.text("eval_prompt")
    before, place, after = program.partition(PLACE)
    if not place:
        raise record.error(f"field 'eval_prompt' has no {PLACE}")
    language = languages.by_id(record.text("lang"), "")
    tests = _cases(record)
    kind, lines = SAFIM["api"] if not tests else SAFIM[_series(record)]
    about = _description(record.text("prompt"))
    comment = "".join(f"{language.comment} {line}\n" for line in about if line.strip())
    return Hole(
        id=f"{kind}/{record.text('task_id')}",
        path=f"solution{language.extensions[0] if language.extensions else ''}",
        language=language.name,
        kind=kind,
        prefix=comment + before,
        suffix=after,
        middle=record.text("ground_truth"),
        lines=lines,
        origin=f"safim-{kind}",
        check=Check(before, after, tests, language.name) if tests else None,
    )


def _series(record: Record) -> str:
    name = record.text("task_id").partition("_")[0]
    if name not in SAFIM:
        raise record.error(f"task_id begins with none of {', '.join(SAFIM)}")
    return name


def _cases(record: Record) -> tuple[Case, ...]:
    if "unit_tests" not in record.values:
        return ()
    tests = record.inners("unit_tests")
    return tuple(Case(test.text("input"), test.texts("output")) for test in tests)


def _description(prompt: str) -> list[str]:
    """The lines on the problem; none where there is only code (api)."""
    _, described, rest = prompt.partition("\n\nDescription: ")
    return rest.partition("\n\nCode:\n")[0].split("\n") if described else []
