"""`:checkhealth codeassist` names each planted fault and its cure."""

from pathlib import Path

import pytest

from .nvim_faults import FAULTS, Fault, announcing, checked
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]


def test_all_is_well(echo: Opening, tmp_path: Path) -> None:
    """Where nothing is wrong there is neither error nor warning, and no fault's words."""
    found = checked(echo("x\n", command=announcing(echo, tmp_path, "0.1.0")))
    assert "ERROR" not in found
    assert "WARNING" not in found
    assert "attached to 1 buffer(s)" in found
    assert not [fault.name for fault in FAULTS if fault.says in found]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_named(echo: Opening, tmp_path: Path, fault: Fault) -> None:
    """The report names the fault, and says what to do about it."""
    found = checked(fault.plant(echo, tmp_path))
    assert fault.says in found
    assert fault.cure in found


def test_the_missing_binary_is_told_of_once(echo: Opening) -> None:
    """Opening more files does not say it again, and typing goes on."""
    editor = echo("x\n", command=["no-such-codeassist", "lsp"], attached=False)
    editor.wait(editor.messages, "message")
    editor.keys(":edit! other.py<CR>iword")
    editor.wait(lambda: editor.lines() == ["word"], "typed text")
    said = "no-such-codeassist is not installed; :checkhealth codeassist"
    assert editor.messages() == [f"codeassist: {said}"]


def test_the_wrong_version_is_told_of_once(echo: Opening, tmp_path: Path) -> None:
    """When it has started one line has both versions."""
    editor = echo("x\n", command=announcing(echo, tmp_path, "0.0.9"))
    said = "the server is 0.0.9, not 0.1; :checkhealth codeassist"
    assert editor.messages() == [f"codeassist: {said}"]


def test_nothing_is_attached(edit: Opening) -> None:
    """Where no buffer has a server the report says so, and whether a model is there."""
    editor = edit("x\n", attached=False)
    editor.lua("vim.lsp.enable('codeassist', false)")
    editor.wait(lambda: not editor.lua("return vim.lsp.get_clients()"), "no server")
    found = checked(editor)
    assert "ERROR not enabled" in found
    assert "attached to no buffer" in found
    assert "default model: " in found


def test_an_option_is_unknown(echo: Opening) -> None:
    """A misspelt option and a misspelt key are named with those that there are."""
    editor = echo("x\n", setup={"modle": {}, "keymaps": {"acept": "<Tab>"}})
    assert "there is no option" in editor.messages()[0]
    found = checked(editor)
    assert 'there is no option "modle"; known are cmd, filetypes' in found
    assert 'there is no keymap "acept"; known are accept, accept_line' in found


def test_an_option_has_the_wrong_type(echo: Opening) -> None:
    """An option of the wrong type is named and left out."""
    editor = echo("x\n", setup={"completion": "short", "enabled": "yes"})
    found = checked(editor)
    assert "completion is a table, not a string" in found
    assert "enabled is a boolean, not a string" in found
