"""Ghost text in a real Neovim that has to go: contradicted, left, no longer asked for."""

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

NO_ALTERNATIVES = """
local client = vim.lsp.get_clients({ name = 'codeassist' })[1]
local request = client.rpc.request
_G.kinds = {}
client.rpc.request = function(method, params, ...)
  if method == 'textDocument/inlineCompletion' then
    table.insert(_G.kinds, params.context.triggerKind)
    if params.context.triggerKind == 1 then return true, 1e6 end
  end
  return request(method, params, ...)
end
"""
"""A server that never answers what is asked for by a key, and what it was asked for."""


def ghost(editor: Neovim, keys: str) -> str:
    """The ghost text after some keys."""
    editor.keys(keys)
    return editor.wait(editor.ghost, "ghost text")


def test_a_pair_of_brackets_contradicts_the_second_one(echo: Opening) -> None:
    """Where a key brings its closing bracket, that of the ghost text is not inserted."""
    editor = echo("(whole\n", before="vim.keymap.set('i', '(', '()<Left>')")
    assert ghost(editor, "A").startswith("(whole|")
    editor.keys("(<Tab>")
    editor.wait(lambda: len(editor.lines()[0]) > len("(whole()"), "what the key does")
    assert "".join(editor.lines()[0].split()) == "(whole()"


def test_the_text_goes_with_the_window_that_is_left(echo: Opening) -> None:
    """A click into another window, still in insert mode, leaves no ghost text behind."""
    editor = echo("x\n")
    editor.command("new other.py | wincmd p")
    ghost(editor, "A1")
    editor.lua("vim.api.nvim_input_mouse('left', 'press', '', 0, 0, 0)")
    name = "return vim.fn.bufname()"
    editor.wait(lambda: editor.lua(name) == "other.py", "other window")
    assert editor.mode() == "i"
    assert "x1" in editor.screen()
    editor.command("stopinsert | wincmd p")
    assert editor.ghost() == ""


def test_an_interrupt_is_a_way_out_of_insert_mode(echo: Opening) -> None:
    """`<C-c>` takes the ghost text off the screen, and ends a request, as Escape does."""
    editor = echo("x\n")
    ghost(editor, "A1")
    editor.keys("<C-c>")
    editor.wait(lambda: editor.mode() == "n", "normal mode")
    assert editor.ghost() == ""
    editor.keys("A slow")
    newest = "return requests[#requests]"
    editor.wait(lambda: editor.lua(newest) == "pending", "request")
    editor.keys("<C-c>")
    ends = ["cancel", "complete"]
    editor.wait(lambda: editor.lua("return requests")[-2:] == ends, "its end")
    assert editor.mode() == "n"


def test_the_next_completion_is_forgotten_with_insert_mode(echo: Opening) -> None:
    """Who leaves before the alternatives are there is asked for none the next time."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.lua(NO_ALTERNATIVES)
    editor.keys("<M-]>")
    editor.wait(lambda: editor.lua("return kinds") == [1], "request by the key")
    editor.keys("<Esc>")
    editor.wait(lambda: editor.mode() == "n", "normal mode")
    editor.keys("i")
    editor.wait(lambda: len(editor.lua("return kinds")) > 1, "next request")
    assert editor.lua("return kinds") == [1, 2]
