"""`codeassist demo`: three holes of our own source, completed by the real model."""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import codeassist
from codeassist.engine import Answer, Lines, Request, Runtime, open_runtime
from codeassist.languages import of_path

from .colour import in_colour
from .options import settings_of

__all__ = ["HOLES", "Hole", "cut", "run"]

SHOWN = 5
"""Lines shown above and below a hole."""

GHOST, PLAIN, DIM = "\033[1;32m", "\033[0m", "\033[2m"


@dataclass(frozen=True, slots=True)
class Hole:
    """A piece of one of our files that is cut out for the model to write."""

    title: str
    file: str
    """Relative to the package."""

    before: str
    """Text that ends where the hole begins; once in the file."""

    middle: str
    """What stands in the hole."""

    lines: Lines


HOLES = (
    Hole(
        "inside an expression",
        "engine/models/store.py",
        "if (size := path.stat().st_size) != ",
        "entry.size",
        Lines.ONE,
    ),
    Hole(
        "one whole line",
        "config.py",
        '"""The server\'s log."""\n    ',
        "return platformdirs.user_log_path(APP)",
        Lines.ONE,
    ),
    Hole(
        "one function body",
        "engine/models/catalog.py",
        'def _path_source(table: "_Table") -> Source:\n',
        '    table.only("kind", "path")\n    return PathSource(table.path("path"))',
        Lines.BLOCK,
    ),
)
"""The default model fills the first two as the files have them, the third nearly so."""


def cut(hole: Hole) -> tuple[str, str]:
    """The file's text before and after a hole."""
    path = Path(codeassist.__file__).parent / hole.file
    text = path.read_text(encoding="utf-8")
    before, found, after = text.partition(hole.before + hole.middle)
    if not found or (hole.before + hole.middle) in after:
        msg = f"{hole.file} has no such hole any more: {hole.before!r}"
        raise ValueError(msg)
    return before + hole.before, after


def run(args: argparse.Namespace) -> int:
    """Complete the holes and show them."""
    colour = in_colour()
    started = time.monotonic()
    runtime = open_runtime(settings_of(args))
    took = time.monotonic() - started
    print(f"{runtime.model} loaded in {took:.1f} s; {_legend(colour)}")
    for number, hole in enumerate(HOLES, start=1):
        answer = _complete(runtime, hole)
        print(f"\n{number}. {hole.title} - {hole.file}")
        _show(hole, answer, colour)
    return 0


def _complete(runtime: Runtime, hole: Hole) -> Answer:
    before, after = cut(hole)
    request = Request(
        before=before,
        after=after,
        path=hole.file,
        language=of_path(hole.file),
        lines=hole.lines,
        time_limit_ms=60_000,
    )
    return runtime.completer.complete(request)


def _legend(colour: bool) -> str:
    ghost = _ghost("ghost text", colour)
    return f"{ghost} is the model's, everything else was there"


def _ghost(text: str, colour: bool) -> str:
    return f"{GHOST}{text}{PLAIN}" if colour else f"«{text}»"


def _show(hole: Hole, answer: Answer, colour: bool) -> None:
    before, after = cut(hole)
    above = before.split("\n")[-SHOWN - 1 :]
    below = after.split("\n")[: SHOWN + 1]
    text = answer.text or (answer.silence.value if answer.silence else "")
    code = "\n".join(above) + _ghost(text, colour) + "\n".join(below)
    for line in code.split("\n"):
        print(f"   │ {line}")
    timings = answer.timings
    total = timings.reused + timings.evaluated
    summary = (
        f"   first token {timings.first_token_ms:.0f} ms, in all "
        f"{timings.total_ms:.0f} ms, {timings.generated} tokens; "
        f"{timings.reused} of {total} prompt tokens reused"
    )
    print(f"{DIM}{summary}{PLAIN}" if colour else summary)
    same = answer.text.strip() == hole.middle.strip()
    print("   the file has the same" if same else f"   the file has: {_short(hole)}")


def _short(hole: Hole) -> str:
    first, *rest = hole.middle.strip().split("\n")
    return f"{first} … ({len(rest)} more lines)" if rest else first
