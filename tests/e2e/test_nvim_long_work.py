"""What the server does for long, as the user of a real Neovim sees and ends it."""

import json
import sys
from pathlib import Path

import pytest

from tests.lsp import finetune_program

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

ENV = {"ECHO_PROGRAM": json.dumps([sys.executable, finetune_program.__file__])}


def learning(echo: Opening) -> tuple[Neovim, Path]:
    """An editor whose server learns the project, and the project."""
    editor = echo("x\n", env=ENV)
    editor.keys(":Codeassist finetune 7m<CR>")
    editor.wait(lambda: "30 %" in work(editor), "progress")
    return editor, echo.home / "project"


def work(editor: Neovim) -> str:
    """What goes on beside completions, as the statusline has it."""
    return str(editor.lua("return require('codeassist').statusline()"))


def test_fine_tuning_shows_how_far_it_is_and_its_report(echo: Opening) -> None:
    """The statusline follows it, one message says what came of it, the report opens."""
    editor, project = learning(echo)
    assert "--budget=7m" in (project / "arguments").read_text()
    editor.keys("A1")
    assert editor.wait(editor.ghost, "ghost text meanwhile").startswith("<1|")
    editor.keys("<Esc>")
    (project / "fate").write_text("accept")
    said = "codeassist: fine-tuning: mine is active; 3 % better (:Codeassist report)"
    editor.wait(lambda: said in editor.messages(), "what came of it")
    editor.wait(lambda: "30 %" not in work(editor), "end of the work")
    editor.lua("vim.ui.open = function(path) _G.page = path end")
    editor.keys(":Codeassist report<CR>")
    page = editor.wait(lambda: editor.lua("return _G.page"), "report")
    assert page == finetune_program.REPORT


def test_fine_tuning_is_cancelled(echo: Opening) -> None:
    """`:Codeassist cancel` ends it, and the program saves its work first."""
    editor, project = learning(echo)
    editor.keys(":Codeassist cancel<CR>")
    editor.wait(lambda: "30 %" not in work(editor), "end of the work")
    editor.wait(lambda: (project / "saved").exists(), "saved work")
    assert not editor.faults()
