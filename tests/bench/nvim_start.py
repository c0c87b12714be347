"""Neovim's part of editors-start: until the server is there, and what typing waits for."""

import statistics
import sys
from pathlib import Path

from tests.bench.editors import Part, shared
from tests.e2e.nvim_driver import Neovim
from tests.e2e.nvim_opening import REAL, Opening, find_nvim
from tests.lsp.client import ECHO

__all__ = ["run"]

STARTS = 5
KEYS = 200
READY_S = 1.0
HELD_MS = 50.0
"""Longer than a plain Neovim is held up by the same keys."""

BEGIN = """
vim.g.loaded_python3_provider = 0
_G.began = vim.uv.hrtime()
"""
"""Neovim's own files for Python look for a provider of Python, which takes up to a
second where it has several: before any server is asked for, and whoever is there."""

READY = """
vim.api.nvim_create_autocmd('User', { pattern = 'CodeassistStatus', callback = function()
  if not _G.ready and vim.tbl_contains({ 'ready', 'error' }, require('codeassist').state().name) then
    _G.ready = (vim.uv.hrtime() - _G.began) / 1e9
  end
end })
"""
TICK = """
_G.longest, _G.last = 0, vim.uv.hrtime()
vim.uv.new_timer():start(0, 5, function()
  local now = vim.uv.hrtime()
  _G.longest, _G.last = math.max(_G.longest, now - _G.last), now
end)
"""


def run(folder: Path) -> Part:
    """Start it, model or not; type beside a server that thinks for long."""
    program = find_nvim(shared)
    starts = [_start(program, folder / str(n)) for n in range(STARTS)]
    plain = _held(program, folder / "plain", [sys.executable, "-c", ""], asks=False)
    ours = _held(program, folder / "ours", ECHO, asks=True)
    ready = statistics.median(starts)
    figures = {"ready_s": ready, "held_ms": ours, "plain_ms": plain}
    notes = [f"starts: {', '.join(f'{each:.2f}' for each in starts)} s"]
    notes.append(
        f"held up {ours:.0f} ms at most by {KEYS} keys, {plain:.0f} without us"
    )
    return Part("Neovim", ready < READY_S and ours <= plain + HELD_MS, figures, notes)


def _start(program: Path, folder: Path) -> float:
    """Seconds from `setup()` until the server has said that there is no model."""
    models = folder / "models"
    models.mkdir(parents=True)
    opening = Opening(program, folder, REAL)
    editor = opening("x\n", models=models, before=READY + BEGIN, attached=False)
    try:
        return float(editor.wait(lambda: editor.lua("return _G.ready"), "ready server"))
    finally:
        editor.quit()


def _held(program: Path, folder: Path, command: list[str], *, asks: bool) -> float:
    """Milliseconds that Neovim's loop was held up at most while keys came in."""
    folder.mkdir()
    opening = Opening(program, folder, command)
    setup = {"enabled": asks}
    editor = opening("\n" * 20, setup=setup, attached=asks)
    try:
        if not asks:
            editor.lua("vim.lsp.enable('codeassist', false)")
        return _typed(editor)
    finally:
        editor.quit()


def _typed(editor: Neovim) -> float:
    editor.lua(TICK)
    editor.keys("i")
    for n in range(KEYS // 5):  # the echo thinks about `slow` until it is cancelled
        editor.keys("slow ")
        text = "slow " * (n + 1)
        editor.wait(lambda text=text: editor.lines()[0] == text, "typed keys")
    return float(editor.lua("return _G.longest")) / 1e6
