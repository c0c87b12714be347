"""`codeassist evaluate`: how good completions are, ours and those of peers."""

import argparse
import importlib
from importlib.util import find_spec
from pathlib import Path

from codeassist.errors import ConfigError, InputError, installs

from .target import check_target

__all__ = ["run"]

EXTRA = ("matplotlib", "pathspec", "rapidfuzz")
"""What the measuring needs beside what completing needs."""

HOMES = {
    "repo": "holes",
    "set": "holes",
    "replay": "replay",
    "compare": "compare",
}
"""Action to the module ``evaluate_…`` that knows it."""


def run(args: argparse.Namespace) -> int:
    """Measure what ``args.action`` says, print it, and write what is asked for."""
    _check(args)
    if args.action == "calibrate":
        calibrate = importlib.import_module("codeassist.commands.evaluate_calibrate")
        return int(calibrate.run(args))
    home = f"codeassist.commands.evaluate_{HOMES[args.action]}"
    evaluation = getattr(importlib.import_module(home), args.action)(args)
    report = importlib.import_module("codeassist.evaluate.report")
    print(report.table(evaluation), end="")
    if args.json:
        report.save(evaluation, Path(args.json))
    if args.html:
        report.write(Path(args.html), report.page(evaluation))
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would fail in the end, before hours are spent."""
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        msg = f"evaluate needs {missing[0]}; run {installs('evaluate')}"
        raise ConfigError(msg)
    for option in ("answers", "html", "json", "picture"):
        if name := getattr(args, option, None):
            check_target(Path(name))
    for option in ("samples", "limit", "holes", "keystrokes"):
        value = getattr(args, option, None)
        if value is not None and value < 1:
            msg = f"--{option} must be above 0, not {value}"
            raise InputError(msg)
