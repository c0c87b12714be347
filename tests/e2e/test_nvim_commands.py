"""`:Codeassist` in a real Neovim where something is in its way."""

import json
import sys
from pathlib import Path

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening
from .test_nvim_switches import last_message, run

pytestmark = [pytest.mark.editor]

GATED = """
import runpy, sys, time
from pathlib import Path
if sys.argv[1:2] == ["stats"]:
    while not Path(GATE).exists():
        time.sleep(0.01)
    print("what they were worth")
else:
    runpy.run_path(SERVER, run_name="__main__")
"""
"""A command whose `stats` come when a file is there."""

WINDOWS = "return vim.tbl_map(vim.fn.bufname, vim.fn.tabpagebuflist())"
SHOWN = "codeassist://stats"


def asked(echo: Opening, gate: Path, before: str = "") -> Neovim:
    """An editor that has asked for the stats, which wait for the gate."""
    program = gate.with_name("program.py")
    code = GATED.replace("GATE", json.dumps(str(gate)))
    program.write_text(code.replace("SERVER", json.dumps(echo.command[-1])))
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, before=before, attached=False)
    editor.keys(":Codeassist stats<CR>")
    return editor


def test_who_types_on_stays_where_he_is(echo: Opening, tmp_path: Path) -> None:
    """An answer that comes in insert mode opens beside, and takes no key away."""
    gate = tmp_path / "gate"
    editor = asked(echo, gate)
    editor.keys("Ay")
    editor.wait(lambda: editor.lines() == ["xy"], "typed key")
    gate.touch()
    editor.wait(lambda: SHOWN in editor.lua(WINDOWS), "answer")
    editor.keys("z")
    editor.wait(lambda: editor.lines() == ["xyz"], "typed key")
    assert editor.mode() == "i"


def test_an_answer_is_shown_where_nothing_may_be_changed(
    echo: Opening, tmp_path: Path
) -> None:
    """'modifiable' that is off for all new buffers keeps no answer away."""
    gate = tmp_path / "gate"
    gate.touch()
    editor = asked(echo, gate, before="vim.go.modifiable = false")
    editor.wait(lambda: editor.lua("return vim.fn.bufname()") == SHOWN, "answer")
    assert editor.lines() == ["what they were worth"]
    assert not editor.lua("return vim.bo.modifiable")


def test_the_command_line_window_comes_first(echo: Opening, tmp_path: Path) -> None:
    """Where Neovim opens no other window one line says what to close."""
    gate = tmp_path / "gate"
    editor = asked(echo, gate)
    editor.keys("q:")
    editor.wait(lambda: editor.lua("return vim.fn.getcmdwintype() == ':'"), "window")
    gate.touch()
    said = "codeassist: close the command-line window first"
    editor.wait(lambda: last_message(editor) == said, "message")
    for name in ("log", "health"):
        run(editor, name, said)
    editor.keys("<C-c><C-c>")


def test_a_missing_command_is_told_of_in_one_line(echo: Opening) -> None:
    """No sub-command shows how it failed to run what is not there."""
    editor = echo("x\n", command=["no-such-codeassist", "lsp"], attached=False)
    complete = "return vim.fn.getcompletion('Codeassist model ', 'cmdline')"
    assert editor.lua(complete) == []
    editor.command("messages clear")
    run(editor, "stats", "no-such-codeassist is not installed; :checkhealth codeassist")


LATE = """
import runpy, sys, time
from pathlib import Path
try:
    runpy.run_path(SERVER, run_name="__main__")
finally:
    while not Path(GATE).exists():
        time.sleep(0.01)
"""
"""A server that ends when a file is there."""


def test_a_disabled_server_starts_anew(echo: Opening, tmp_path: Path) -> None:
    """`:Codeassist restart` undoes `:lsp disable`, whose server may not be gone yet."""
    gate, program = tmp_path / "gate", tmp_path / "program.py"
    code = LATE.replace("GATE", json.dumps(str(gate)))
    program.write_text(code.replace("SERVER", json.dumps(echo.command[-1])))
    editor = echo("x\n", command=[sys.executable, str(program), "lsp"])
    first = editor.lua("return vim.lsp.get_clients()[1].id")
    editor.command("lsp disable codeassist")
    run(editor, "restart", "starting anew")
    gate.touch()
    newest = "return (vim.lsp.get_clients({ bufnr = 0 })[1] or {}).id or 0"
    editor.wait(lambda: editor.lua(newest) > first, "other server")
