"""What `setup()` in a real Neovim makes of a configuration that is not as it should be."""

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

OLD = """
vim.lsp.protocol.InlineCompletionTriggerKind = nil
local has = vim.fn.has
vim.fn.has = function(what) return what == 'nvim-0.12' and 0 or has(what) end
"""
"""A Neovim that lacks what one before 0.12 lacks, and says so."""


def test_an_older_neovim_is_told_what_is_needed(echo: Opening) -> None:
    """Before 0.12 `setup()` says in one line what is needed, and nothing is started."""
    editor = echo("x\n", before=OLD, attached=False)
    said = "Neovim 0.12 or newer is needed; :checkhealth codeassist"
    assert editor.messages() == [f"codeassist: {said}"]
    assert not editor.children()


def faults(editor: Neovim, options: str) -> list[str]:
    """What one more `setup()` complains of."""
    code = (
        f"require('codeassist').setup({options}); return require('codeassist').faults"
    )
    return list(editor.lua(code) or [])


CMD = "cmd is a list of words"
SECTION = "completion has names, not a list"


def test_values_that_make_no_sense_are_named(echo: Opening) -> None:
    """Each costs a line and no stack trace, and what else is set up counts."""
    editor = echo("x\n")
    known = "known are cmd, filetypes"
    for options, said in (
        ("'x'", "the options are a table, not a string"),
        ("{ 'x' }", f'there is no option "1"; {known}'),
        ("{ cmd = {} }", CMD),
        ("{ cmd = { 5 } }", CMD),
        ("{ cmd = { '' } }", CMD),
        ("{ completion = { 5, lines = 'one' } }", SECTION),
        ("{ keymaps = { next = true } }", "keymaps.next is a key or false, not true"),
        ("{ keymaps = { next = 5 } }", "keymaps.next is a key or false, not 5"),
        ("{ keymaps = { next = {} } }", "keymaps.next is a key or false, not {}"),
        ("{ keymaps = { next = '' } }", 'keymaps.next is a key or false, not ""'),
    ):
        found = faults(editor, options)
        assert len(found) == 1
        assert found[0].startswith(said)
        assert editor.messages()[-1].startswith(f"codeassist: {said}")
    told = "return require('codeassist.settings').told().completion.lines"
    assert editor.lua(told) == "one"
    faults(editor, "{ keymaps = { accept = '<C-b>', next = 5 } }")
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<C-b>")
    editor.wait(lambda: editor.lines() == ["x1<1|", ">"], "accepted text")


def test_a_switch_that_is_none_turns_nothing(echo: Opening) -> None:
    """A misspelt place is named with those that there are, and all stays on."""
    editor = echo("x\n", attached=False)
    for how in ("enable", "disable", "toggle"):
        editor.lua(f"require('codeassist').{how}('buffr')")
        said = 'there is no switch "buffr"; known are buffer, filetype, everywhere'
        assert editor.messages()[-1] == f"codeassist: {said}"
    assert editor.lua("return require('codeassist.scope').of(0)") is True


def test_a_key_for_two_actions_has_one(echo: Opening) -> None:
    """The first action has the key, one line names the other, and nothing is typed."""
    editor = echo("x\n", attached=False)
    found = faults(editor, "{ keymaps = { accept = '<Tab>', next = '<tab>' } }")
    assert found == ["keymaps.next has the key of keymaps.accept, <tab>"]
    editor.keys("o<Tab>!")
    editor.wait(lambda: editor.lines()[-1].endswith("!"), "typed keys")
    assert editor.lines()[-1].strip() == "!"


def test_keys_that_are_named_no_more_are_given_back(echo: Opening) -> None:
    """A key that changes its action does the new one, and one left out its own work."""
    editor = echo("x\n")
    assert faults(editor, "{ keymaps = { accept_word = '<Tab>' } }") == []
    assert faults(editor, "{ completion = { lines = 'one' } }") == []
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["x1<"], "accepted word")
    editor.keys("<C-]>!")
    editor.wait(lambda: editor.lines()[0].endswith("!"), "typed keys")
    assert editor.lines() == ["x1<!"]
    mapped = "return require('codeassist.keys').mapped"
    assert editor.lua(mapped) == {"accept_word": "<Tab>"}
