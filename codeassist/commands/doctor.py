"""`codeassist doctor`: what is wrong here, and what to do about it."""

import argparse
import json
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psutil

from codeassist.config import Settings
from codeassist.engine import Lines, Request, Runtime, open_runtime
from codeassist.engine.latency import tuned
from codeassist.engine.models.store import resolve, verify
from codeassist.errors import CodeassistError
from codeassist.languages import of_path

from .options import settings_of, working_folder

__all__ = ["run"]

MARKS = {"ok": "+", "warning": "!", "error": "x"}

SELF_TEST = (
    ("area.py", "def area(width, height):\n    return width * ", "\n", "height"),
    (
        "last.js",
        "function last(items) {\n  return items[items.",
        " - 1];\n}\n",
        "length",
    ),
    ("stack.py", "stack = []\nstack.append(1)\nprint(stack.", "())\n", "pop"),
)
"""File, text before and after the cursor, and what any code model writes there. A
wrong FIM form makes it write something else (rule 5 of the family table's notes)."""

SLOW_FIRST_TOKEN_MS = 3000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: str
    """``ok``, ``warning`` or ``error``."""

    what: str


def run(args: argparse.Namespace) -> int:
    """Report; exit status 1 where something is wrong."""
    findings: list[Finding] = []
    for finding in _examine(args):
        findings.append(finding)
        if not args.json:
            print(f"{MARKS[finding.level]} {finding.what}", flush=True)
    failed = any(finding.level == "error" for finding in findings)
    if args.json:
        report = {"ok": not failed, "findings": [asdict(f) for f in findings]}
        print(json.dumps(report))
    return int(failed)


def _examine(args: argparse.Namespace) -> Iterator[Finding]:
    yield _machine()
    try:
        settings = settings_of(args, working_folder())
    except CodeassistError as error:
        yield Finding("error", str(error))
        return
    try:
        found = tuned(settings)
        started = time.monotonic()
        runtime = open_runtime(found.settings)
    except CodeassistError as error:
        yield Finding("error", str(error))
        return
    seconds = time.monotonic() - started
    where = "a GPU" if runtime.completer.session.model.on_gpu else "the CPU"
    what = f"model {runtime.model} loaded in {seconds:.1f} s; its layers run on {where}"
    yield Finding("ok", what)
    if settings.completion.latency_ms:
        usual = f"sizes for an answer within {settings.completion.latency_ms} ms"
        yield Finding("warning" if found.note else "ok", found.note or usual)
    yield from _bytes(found.settings.model.id)
    yield from _model(runtime, settings)
    yield from _self_test(runtime)


def _machine() -> Finding:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    busy = psutil.cpu_percent(interval=0.2)
    free_gib = memory.available / 2**30
    what = (
        f"Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {cores} cores ({busy:.0f} % busy), "
        f"{free_gib:.1f} GiB of memory free"
    )
    if free_gib < 1:
        return Finding("error", f"{what}: close something, the model needs 1 GiB")
    if busy > 60:
        return Finding("warning", f"{what}: other programs slow completions down")
    return Finding("ok", what)


def _bytes(model: str) -> Iterator[Finding]:
    """Whether a model of the catalog has the catalog's bytes: a second or less."""
    try:
        located = resolve(model)
        if located.entry is not None:
            verify(located.entry)
    except CodeassistError as error:
        yield Finding("error", str(error))


def _model(runtime: Runtime, settings: Settings) -> Iterator[Finding]:
    if not runtime.family:
        yield Finding("warning", f"{runtime.note}; a FIM model completes better")
    else:
        yield Finding("ok", f"fill in the middle as {runtime.family}")
        if runtime.note:
            yield Finding("ok", runtime.note)
    n_ctx = runtime.completer.session.n_ctx
    if n_ctx < settings.model.n_ctx:
        yield Finding("warning", f"the model has a context of {n_ctx} tokens only")


def _self_test(runtime: Runtime) -> Iterator[Finding]:
    right = 0
    first_token_ms = 0.0
    for name, before, after, expected in SELF_TEST:
        request = Request(before, after, name, of_path(name), Lines.ONE)
        try:
            answer = runtime.completer.complete(request)
        except CodeassistError as error:
            yield Finding("error", f"completing failed: {error}")
            return
        right += answer.text.strip().startswith(expected)
        first_token_ms = max(first_token_ms, answer.timings.first_token_ms)
    n = len(SELF_TEST)
    what = f"{right} of {n} test holes completed rightly"
    if right == 0:
        hint = "this model or its FIM form is wrong; try `--model qwen2.5-coder-0.5b`"
        yield Finding("error", f"{what}: {hint}")
    else:
        yield Finding("ok" if right > 1 else "warning", what)
    slow = first_token_ms > SLOW_FIRST_TOKEN_MS
    hint = "; take a smaller model" if slow else ""
    yield Finding(
        "warning" if slow else "ok", f"first token after {first_token_ms:.0f} ms{hint}"
    )
