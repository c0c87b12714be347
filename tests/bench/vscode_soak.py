"""VS Code's part of editors-soak: replayed typing, each acceptance looked at."""

import itertools
import json
import os
import random
import time
from pathlib import Path

import psutil

from tests.bench.editors import Part
from tests.bench.nvim_e2e import Line
from tests.bench.vscode_running import faults_in_logs
from tests.bench.vscode_typing import Repository, answered, answers, opened

__all__ = ["run"]

MINUTES = float(os.environ.get("CODEASSIST_SOAK_MINUTES", "15"))
WARM = 1 / 3
"""Part of the time after which the memory is to be steady."""

GROWTH = 0.05
OWN = {
    "codeassist.completion.confidence": 0.3,
    "codeassist.completion.context_tokens": 128,
}
KEY_MS = (60, 180)
PATIENCE_S = 60.0
"""That the simulated user waits for an answer at the end of a line."""


def run(folder: Path) -> Part:
    """Type lines for the time, accept what comes, and watch memory and logs."""
    dice = random.Random(7)
    memory: list[tuple[float, int]] = []
    stale: list[str] = []
    accepted = 0
    with opened(folder, **OWN) as repository:
        server = _server(repository)
        begun = time.monotonic()
        for line in itertools.cycle(repository.lines):
            part = (time.monotonic() - begun) / (60 * MINUTES)
            memory.append((part, server.memory_info().rss))
            if part >= 1:
                break
            inserted = _typed(repository, line, dice)
            if inserted:
                accepted += 1
                if not _belongs(inserted, line, answers(repository.served, line)):
                    stale.append(f"STALE in {line.path}: {line.typed!r} + {inserted!r}")
            repository.served.forget()
            repository.drop()
        shown = repository.window.messages()
        errors = [*shown, *faults_in_logs(repository.served)]
    growth = _growth(memory)
    figures = {
        "stale": len(stale),
        "accepted": accepted,
        "errors": len(errors),
        "growth": growth,
    }
    ok = not stale and not errors and accepted > 0 and growth < GROWTH
    return Part("VS Code", ok, figures, [*stale, *errors[:20]])


def _typed(repository: Repository, line: Line, dice: random.Random) -> str:
    """Type a line as a person does, press Tab if there is ghost text; what that adds."""
    window = repository.window
    repository.begin(line)
    for key in line.typed:
        window.type(key)
        window.page.wait_for_timeout(dice.randint(*KEY_MS))
    until = time.monotonic() + PATIENCE_S
    while not (window.ghost() or answered(repository.served, line)):
        if time.monotonic() > until:
            break
        window.page.wait_for_timeout(50)
    if not window.ghost():
        return ""
    window.press("Tab")
    window.press("Escape")
    inserted = repository.inserted(line)
    # without ghost text at that moment, Tab indents
    return inserted if inserted.strip() else ""


def _belongs(inserted: str, line: Line, offered: list[tuple[int, str]]) -> bool:
    """Whether it is the rest of an answer to the line as it was typed."""
    typed = line.typed.encode("utf-16-le")
    return any(
        typed[2 * column :].decode("utf-16-le") + inserted == text
        for column, text in offered
    )


def _server(repository: Repository) -> psutil.Process:
    """The server that runs."""
    lines = map(json.loads, repository.served.log.read_bytes().splitlines())
    return psutil.Process([entry["pid"] for entry in lines if "pid" in entry][-1])


def _growth(memory: list[tuple[float, int]]) -> float:
    """From the end of the warm-up to the last tenth, as a part."""
    warm = [size for part, size in memory if WARM <= part < WARM + 0.1]
    last = [size for part, size in memory if part >= 0.9]
    if not warm or not last:
        return float("inf")
    return sum(last) / len(last) / (sum(warm) / len(warm)) - 1
