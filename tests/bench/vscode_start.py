"""VS Code's part of editors-start: ready in time, and typing that waits for nobody.

The extension finds and starts its server in a window that stands, as it does when it is
activated. What that takes while the window itself is being painted, by the same two
cores, is told beside it.
"""

import re
import shlex
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.editors import Part
from tests.bench.vscode_running import chromium
from tests.e2e.vscode.program import ECHO
from tests.e2e.vscode.serving import Served, serving
from tests.e2e.vscode.window import Window

__all__ = ["run"]

STARTS = 5
BAR_S = 1.0
"""From the extension's start until the server has said that there is no model."""

AGAIN = "codeassist: Restart Server"

BLOCKED_MS = 300.0
"""A key that takes longer to be painted, while a request is in flight, was held up."""

LINE = "the quick brown fox "
THERE = re.compile(r"there ([\d.]+) s after its start")

STARTED = "started.txt"
"""Has a line for each start of the program."""

PAINTED = """([text, now]) => new Promise(done => {
  const look = () => {
    const shown = [...document.querySelectorAll('.editor-instance .view-line')]
      .map(each => each.textContent.replace(/\\u00a0/g, ' ')).join('\\n');
    if (shown.includes(text)) done(performance.timeOrigin + performance.now() - now);
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Milliseconds from a time until a text is painted."""


def run(folder: Path) -> Part:
    """Start the extension some times, then type while the server is busy."""
    with serving(folder / "code", chromium()) as code:
        served = Served(code, folder)
        real = (sys.executable, "-m", "codeassist")
        _serve_by(served, real, CODEASSIST_MODELS=str(folder / "no models"))
        window = served.open()
        fresh = _there(window)
        starts = [_again(served, window) for _ in range(STARTS)]
        window.close()
        _serve_by(served, (sys.executable, str(ECHO)))
        window = served.open()
        window.ready()
        window.type("slow")
        window.wait(lambda: "Thinking" in window.status(), "busy server")
        waits = [_painted(window, n) for n in range(len(LINE))]
        served.close()
    start, wait = statistics.median(starts), statistics.median(waits)
    figures = {"ready_s": start, "held_ms": max(waits)}
    told = ", ".join(f"{each:.2f}" for each in starts)
    notes = [f"starts: {told} s, {fresh:.2f} s while the window is being painted"]
    notes.append(f"a key is painted after {wait:.0f} ms")
    return Part("VS Code", start < BAR_S and max(waits) < BLOCKED_MS, figures, notes)


def _serve_by(served: Served, command: Sequence[str], **env: str) -> None:
    """Let a program serve, with nothing between it and the editor."""
    program = served.folder / "codeassist"
    words = [*(f"{name}={value}" for name, value in env.items()), *command]
    note = f"echo started >>{shlex.quote(str(served.folder / STARTED))}"
    program.write_text(f'#!/bin/sh\n{note}\nexec env {shlex.join(words)} "$@"\n')
    program.chmod(0o755)
    served.settings(**{"codeassist.path": str(program)})


def _again(served: Served, window: Window) -> float:
    """Seconds of another start, in the same window."""
    started = served.folder / STARTED
    before = started.read_text()
    window.command(AGAIN)
    window.wait(lambda: started.read_text() != before, "another start")
    return _there(window)


def _there(window: Window) -> float:
    """Seconds from the extension's activation to a server that waits for a model."""
    window.wait(lambda: "is not on this machine" in window.status(), "status")
    window.command("codeassist: Health Check")
    found = window.wait(lambda: THERE.search("\n".join(window.lines())), "time")
    return float(found[1])


def _painted(window, n: int) -> float:  # type: ignore[no-untyped-def]
    begin = time.time() * 1000
    window.page.keyboard.insert_text(LINE[n])
    return float(window.page.evaluate(PAINTED, [LINE[: n + 1].rstrip(), begin]))
