"""Neovim's part of editors-soak: a repository's files typed anew for a while.

Ghost text that goes on as the file does is accepted, whole, by line or by word; what
was inserted is compared with what stood on the screen at that moment. Now and then a
key that contradicts it comes right before the key that accepts.
"""

import math
import os
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.editors import Part, shared
from tests.bench.nvim_e2e import rebuilt
from tests.e2e.nvim_driver import GHOST, Neovim
from tests.e2e.nvim_opening import REAL, Opening, find_nvim

__all__ = ["run"]

MINUTES = 15.0
SEED = 0
PACE = (0.05, 0.18)
"""Seconds between two keys."""

PAUSE = 1.2
"""Seconds that somebody thinks at the end of a word, now and then."""

PATIENCE = 20.0
"""Seconds that they wait for an answer that is under way: other programs may be busy."""

THINKS = 0.12
"""Share of the words after which somebody does."""

CONTRADICTS = 0.15
"""Share of the ghost texts that a key contradicts right before they are accepted."""

WARM = 0.3
"""Share of the time until memory is compared."""

GROWTH = 0.05
ACCEPTS = {"accept": str, "accept_line": str, "accept_word": str}
CALM = "return requests[#requests] == 'complete'"
WRONG = re.compile(r"\bERROR\b|Traceback|stack traceback")
WARNED = re.compile(r'"stderr".*\bWARNING\b')
"""Neovim logs all that a server writes to stderr as an error."""

# what stands there now, and the acceptance of it, with no key in between
ACCEPT = f"""
local ghost = (function() {GHOST} end)()
local cursor = vim.api.nvim_win_get_cursor(0)
local line = vim.api.nvim_get_current_line()
local accepted = require('codeassist')[...]()
return {{ ghost, line, cursor[2], accepted }}
"""


@dataclass
class Tally:
    """What has happened."""

    keys: int = 0
    accepted: int = 0
    contradicted: int = 0
    stale: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start, and bytes of all server processes."""


def run(folder: Path) -> Part:
    """Type for some minutes, then read every log."""
    minutes = float(os.environ.get("CODEASSIST_SOAK_MINUTES", MINUTES))
    project = folder / "project"
    rebuilt(project)
    texts = [file.read_text("utf-8") for file in sorted(project.rglob("*.py"))]
    opening = Opening(find_nvim(shared), folder, REAL)
    own = {"completion": {"confidence": 0.3, "context_tokens": 256}}
    editor = opening("", "typed_anew.py", setup=own)
    tally = Tally()
    try:
        _soak(editor, texts, 60 * minutes, tally)
        editor.keys("<Esc>")
        editor.wait(lambda: editor.lua(CALM), "end of the last request")
        errors = editor.faults() + _logged(folder / "state")
    finally:
        editor.quit()
    growth = _growth(tally.memory)
    figures = {
        "keys": tally.keys,
        "accepted": tally.accepted,
        "contradicted": tally.contradicted,
        "stale": len(tally.stale),
        "errors": len(errors),
        "growth": growth,
        "memory_mb": tally.memory[-1][1] / 1e6,
        "minutes": minutes,
    }
    ok = not tally.stale and not errors and growth < GROWTH and tally.accepted > 0
    return Part("Neovim", ok, figures, tally.stale + errors)


def _soak(editor: Neovim, texts: list[str], seconds: float, tally: Tally) -> None:
    hands = random.Random(SEED)
    begun = time.monotonic()
    editor.lua("vim.bo.indentexpr = ''; vim.bo.autoindent = false; vim.wo.wrap = true")
    while (now := time.monotonic() - begun) < seconds:
        tally.memory.append((now, _memory(editor)))
        text = hands.choice(texts)
        lines = text.splitlines(keepends=True)
        first = hands.randrange(max(1, len(lines) - 30))
        editor.keys("<Esc>")
        editor.lua(
            "vim.api.nvim_buf_set_lines(0, 0, -1, true, ...)",
            [*"".join(lines[:first]).split("\n")],
        )
        editor.keys("GA")
        _type(editor, "".join(lines[first : first + 30]), hands, tally)


def _type(editor: Neovim, text: str, hands: random.Random, tally: Tally) -> None:
    """Type a text, some of it by accepting."""
    at = 0
    while at < len(text):
        key = text[at]
        _press(editor, key)
        tally.keys += 1
        at += 1
        time.sleep(hands.uniform(*PACE))
        if not text[at : at + 1].isalnum() and hands.random() < THINKS:
            _think(editor)
        ghost = editor.ghost()
        if not ghost:
            continue
        if hands.random() < CONTRADICTS:
            _contradict(editor, tally)
        elif text[at:].startswith(ghost.split("\n")[0].rstrip() or "\0"):
            return _accept(editor, hands.choice(list(ACCEPTS)), tally)
    return None


def _think(editor: Neovim) -> None:
    """Pause, and wait for the answer that this asks for."""
    time.sleep(PAUSE)
    until = time.monotonic() + PATIENCE
    while not editor.lua(CALM) and time.monotonic() < until:
        time.sleep(0.05)


def _press(editor: Neovim, key: str) -> None:
    editor.keys({"<": "<lt>", "\n": "<CR>"}.get(key, key))


def _accept(editor: Neovim, how: str, tally: Tally) -> None:
    """Accept, and compare what was inserted with what stood there."""
    before = editor.lines()
    ghost, line, column, accepted = editor.lua(ACCEPT, how)
    if not accepted or not ghost:
        return
    editor.wait(lambda: editor.lines() != before, "accepted text")
    row = before.index(line) if before.count(line) == 1 else len(before) - 1
    raw = line.encode()
    head, tail = raw[:column].decode(), raw[column:].decode()
    there = "\n".join(editor.lines()[row:])
    rest = "\n".join([tail, *before[row + 1 :]])
    put = there.removeprefix(head).removesuffix(rest)
    tally.accepted += 1
    if not put or not ghost.startswith(put) or (how == "accept" and put != ghost):
        tally.stale.append(f"{how} of {ghost!r} inserted {put!r} after {head!r}")


def _contradict(editor: Neovim, tally: Tally) -> None:
    """A key that does not go on with the ghost text, and at once the one that accepts."""
    ghost, line, column, _ = editor.lua(ACCEPT.replace("[...]()", ".state()"), None)
    if not ghost or line.encode()[column:]:
        return
    other = "~" if not ghost.startswith("~") else "!"
    editor.keys(other + "<Tab>")
    tally.contradicted += 1
    editor.wait(lambda: editor.lua(LINE).startswith(line + other), "typed key")
    editor.wait(lambda: editor.lua(LINE) != line + other, "tab")
    put = editor.lua(LINE)[len(line + other) :]
    if put.strip():
        tally.stale.append(f"{put!r} was inserted after {line + other!r}")
    editor.keys("<C-u>")
    editor.wait(lambda: editor.lua(LINE) != line + other + put, "deleted line")


LINE = "return vim.api.nvim_get_current_line()"


def _memory(editor: Neovim) -> float:
    """Bytes that the server and its processes have in memory.

    What they share with another server counts, too, so that its end changes nothing.
    """
    total = 0.0
    for process in editor.children():
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _growth(samples: list[tuple[float, float]]) -> float:
    """Growth from the end of the warm-up to the end, both as medians; inf: not known."""
    if len(samples) < 2:
        return math.inf
    end = samples[-1][0]
    warm = [size for at, size in samples if WARM * end <= at <= 2 * WARM * end]
    late = [size for at, size in samples if at >= (1 - WARM) * end]
    if not warm or not all(warm + late):  # a server that is gone has no memory
        return math.inf
    return statistics.median(late) / statistics.median(warm) - 1


def _logged(state: Path) -> list[str]:
    """The lines of any log that tell of an error."""
    return [
        f"{log.name}: {line}"
        for log in state.rglob("*.log")
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if WRONG.search(line) and not WARNED.search(line)
    ]
